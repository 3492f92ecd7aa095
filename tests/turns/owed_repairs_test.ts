import { assertEquals } from "@std/assert";
import type { OwedFact } from "../../lib/turns/owed_facts.ts";
import { DEFAULT_OWED_SETTINGS } from "../../lib/turns/owed_settings.ts";
import { stepOwed } from "../../lib/turns/owed_speech.ts";
import {
  asked,
  audio,
  type Case,
  dry,
  floor,
  generated,
  gone,
  interrupted,
  play,
  reached,
  SECOND,
  time,
  told,
  turned,
} from "./owed_events.ts";

const LATE: Case[] = [
  [
    "a late answer that is broken off by the nudge, then the other",
    [asked(0), audio(2_050), interrupted(2_100), turned(2_110), audio(2_700), generated(3_000)],
    [
      "1400 start-bridge",
      "2000 nudge absent",
      "2050 hold-back-audio",
      "2100 drop-held-back",
    ],
  ],
  [
    "a late answer that is not broken off, then the other",
    [
      asked(0),
      audio(2_050),
      audio(2_300),
      generated(2_500),
      turned(2_600),
      audio(3_000),
      audio(3_100),
      generated(3_200),
      turned(3_300),
    ],
    [
      "1400 start-bridge",
      "2000 nudge absent",
      "2050 hold-back-audio",
      "2250 play-held-back",
      "3000 drop-audio",
      "3100 drop-audio",
    ],
  ],
  [
    "a late answer of one piece, then the other",
    [asked(0), audio(2_050), generated(2_060), turned(2_070), audio(3_000), generated(3_200)],
    [
      "1400 start-bridge",
      "2000 nudge absent",
      "2050 hold-back-audio",
      "2060 play-held-back",
      "3000 drop-audio",
    ],
  ],
  [
    "a late end of nothing",
    [asked(0), turned(2_050), audio(2_700), generated(3_000)],
    ["1400 start-bridge", "2000 nudge absent"],
  ],
  [
    "a late answer that is broken off late",
    [
      asked(0),
      audio(2_050),
      interrupted(2_400, true),
      turned(2_410),
      audio(2_900),
      generated(3_000),
    ],
    [
      "1400 start-bridge",
      "2000 nudge absent",
      "2050 hold-back-audio",
      "2250 play-held-back",
      "2400 clear-playout",
    ],
  ],
  [
    "a late answer that was heard and is broken off, then the other",
    [
      asked(0),
      audio(2_300),
      generated(2_400),
      interrupted(2_500, true),
      turned(2_510),
      audio(3_000),
      generated(3_100),
    ],
    ["1400 start-bridge", "2000 nudge absent", "2500 clear-playout"],
  ],
  [
    "a late answer that goes down with its connection",
    [asked(0), audio(2_050), gone(2_100), reached(2_400, true), audio(3_000), generated(3_100)],
    [
      "1400 start-bridge",
      "2000 nudge absent",
      "2050 hold-back-audio",
      "2100 drop-held-back",
    ],
  ],
  [
    "an answer behind a repair, and the answer to the caller's next turn",
    [
      asked(0),
      turned(300),
      audio(900),
      generated(1_000),
      turned(1_100),
      floor(4_000),
      asked(5_000),
      audio(5_500),
      generated(6_000),
    ],
    ["300 nudge empty", "800 start-bridge"],
  ],
];

const OUTAGE: Case[] = [
  [
    "a model that is lost in mid-answer and comes back",
    [asked(0), audio(500), gone(700), reached(1_400, true), dry(1_500, 2_000), audio(2_600)],
    ["1400 go-on"],
  ],
  [
    "a model that is lost in mid-answer and comes back late",
    [asked(0), audio(500), gone(700), dry(750, 1_000), reached(3_400, true), audio(4_000)],
    ["1800 start-bridge", "3400 go-on"],
  ],
  [
    "a model that is lost before it answers, and says nothing on the next connection",
    [asked(0), gone(500), reached(1_000, true), time(20_000)],
    [
      "800 start-bridge",
      "3000 nudge absent",
      "5000 repeat-turn absent",
      "7000 rotate absent",
      "11000 give-up absent",
    ],
  ],
  [
    "a model that is lost and does not come back",
    [asked(0), gone(500), time(60_000)],
    ["800 start-bridge", "15000 give-up unreachable"],
  ],
  [
    "a model that is lost and does not come back, with a second one",
    [asked(0), gone(500), time(60_000)],
    ["800 start-bridge", "6500 second-model unreachable", "11500 give-up unreachable"],
    SECOND,
  ],
  [
    "a model that is lost while nothing is owed",
    [asked(0), audio(500), generated(600), turned(3_000), gone(4_000), reached(5_000, true)],
    [],
  ],
  [
    "a model that comes and goes",
    [
      asked(0),
      ...[1, 2, 3, 4, 5, 6, 7, 8].flatMap((n) => [gone(2_000 * n - 500), reached(2_000 * n, true)]),
    ],
    [
      "1400 start-bridge",
      "15000 give-up absent",
    ],
  ],
  [
    "a rotation that helps",
    [asked(0), gone(6_010), reached(6_400, true), audio(9_900), generated(10_000)],
    [
      "1400 start-bridge",
      "2000 nudge absent",
      "4000 repeat-turn absent",
      "6000 rotate absent",
    ],
  ],
  [
    "a rotation that does not",
    [asked(0), gone(6_010), reached(6_400, true), time(60_000)],
    [
      "1400 start-bridge",
      "2000 nudge absent",
      "4000 repeat-turn absent",
      "6000 rotate absent",
      "10400 give-up absent",
    ],
  ],
];

for (const [what, facts, orders, settings] of [...LATE, ...OUTAGE]) {
  Deno.test(`stepOwed() on ${what}`, () => {
    assertEquals(told(facts, settings), orders);
  });
}

Deno.test("stepOwed() plays what was held back before what comes when its time is up", () => {
  const { state } = play([asked(0), time(2_000), audio(2_100)]);
  const [, orders] = stepOwed(state, audio(2_250), DEFAULT_OWED_SETTINGS);
  assertEquals(orders, [{ type: "play-held-back" }, { type: "play-audio" }]);
});

const lost = (nowMs: number): OwedFact => ({ type: "model-lost", nowMs });

Deno.test("stepOwed() goes to the second model when the first is lost for good, and gives up when that is lost unheard", () => {
  const facts = [asked(0), lost(300), reached(700, true), audio(1_500), generated(1_600)];
  assertEquals(told([...facts, lost(9_000)], SECOND), [
    "300 second-model unreachable",
    "800 start-bridge",
    "9000 second-model unreachable",
  ]);
  assertEquals(told([asked(0), lost(300), lost(900)], SECOND), [
    "300 second-model unreachable",
    "800 start-bridge",
    "900 give-up unreachable",
  ]);
  assertEquals(told([lost(300)]), ["300 give-up unreachable"]);
  assertEquals(play([lost(300)], SECOND).state.owed, undefined);
});
