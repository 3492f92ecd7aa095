import { assertEquals } from "@std/assert";
import { NOTHING_OWED, type OwedFact } from "../../lib/turns/owed_facts.ts";
import type { OwedSettings } from "../../lib/turns/owed_settings.ts";
import {
  asked,
  audio,
  dry,
  floor,
  generated,
  gone,
  interrupted,
  play,
  reached,
  text,
  time,
  told,
  turned,
} from "./owed_events.ts";

/** What happens, and which orders follow. */
type Case = [
  what: string,
  facts: readonly OwedFact[],
  orders: readonly string[],
  settings?: Partial<OwedSettings>,
];

const SECOND = { hasSecondModel: true };

const GOOD: Case[] = [
  [
    "an answer in time",
    [asked(0), audio(1_400), generated(1_800), turned(9_000), time(60_000)],
    [],
  ],
  ["nothing asked", [time(60_000)], []],
  ["an answer that nobody asked for", [audio(0), generated(100), turned(200), time(9_000)], []],
  ["a slow answer", [asked(0), audio(1_900), generated(2_500)], ["1500 start-bridge"]],
  ["a caller who takes the floor", [asked(0), floor(1_000), time(60_000)], []],
  [
    "silence within an answer, shorter than a bridge",
    [asked(0), audio(500), dry(900, 1_000), audio(2_400), generated(2_500)],
    [],
  ],
  [
    "near-silence before an answer",
    [asked(0), audio(500, false), audio(540), generated(1_000), turned(1_000)],
    [],
  ],
  [
    "words of an interrupted answer that end behind the question",
    [interrupted(0), asked(50), turned(100), audio(600), generated(900)],
    ["0 clear-playout"],
  ],
];

const BAD: Case[] = [
  [
    "an answer that never comes",
    [asked(0), time(60_000)],
    [
      "1500 start-bridge",
      "2000 nudge absent",
      "4000 repeat-turn absent",
      "6000 rotate absent",
      "10000 give-up absent",
    ],
  ],
  [
    "an answer that never comes, with a second model",
    [asked(0), time(60_000)],
    [
      "1500 start-bridge",
      "2000 nudge absent",
      "4000 repeat-turn absent",
      "6000 rotate absent",
      "10000 second-model absent",
      "15000 give-up absent",
    ],
    SECOND,
  ],
  [
    "an answer without anything",
    [asked(0), turned(400), audio(1_000), generated(1_500)],
    ["400 nudge empty", "800 start-bridge"],
  ],
  [
    "an answer in writing",
    [asked(0), text(300), generated(310), turned(320), time(900)],
    ["310 nudge text-only", "800 start-bridge"],
  ],
  [
    "an answer that nobody can hear",
    [asked(0), audio(300, false), audio(900, false), generated(950), time(1_000)],
    ["950 nudge near-silent", "950 start-bridge"],
  ],
  [
    "an answer that nobody can hear and that does not end",
    [asked(0), audio(300, false), audio(1_600, false), audio(1_900, false), time(2_100)],
    ["1500 start-bridge", "1600 drop-audio", "1900 drop-audio", "2000 nudge near-silent"],
  ],
  [
    "an answer that is rejected",
    [asked(0), turned(300, true), turned(700, true), turned(1_100, true), turned(1_500, true)],
    [
      "300 nudge rejected",
      "700 repeat-turn rejected",
      "800 start-bridge",
      "1100 rotate rejected",
      "1500 give-up rejected",
    ],
  ],
  [
    "an answer whose turn ends before all was sent",
    [asked(0), audio(500), turned(600), audio(1_000), generated(1_200)],
    ["600 nudge cut-short, go on"],
  ],
  [
    "an answer that stalls, and goes on by itself",
    [asked(0), audio(500), dry(600, 1_000), audio(2_700), generated(2_800)],
    ["2500 start-bridge in mid-answer"],
  ],
  [
    "an answer that stalls",
    [asked(0), audio(500), dry(600, 1_000), time(60_000)],
    [
      "2500 start-bridge in mid-answer",
      "3000 nudge stalled, go on",
      "5000 rotate stalled, go on",
      "9000 give-up stalled, go on",
    ],
  ],
  [
    "an answer that the service breaks off",
    [asked(0), audio(500), interrupted(700, true), turned(710), audio(1_300), generated(1_900)],
    ["700 clear-playout", "700 nudge cut-short, go on"],
  ],
  [
    "an answer that the service breaks off when all was sent and little was heard",
    [asked(0), audio(500), generated(600), interrupted(700, true), turned(710), audio(1_300)],
    ["700 clear-playout", "700 nudge cut-short, go on"],
  ],
  [
    "a result that the model says nothing about",
    [asked(0, true), generated(10), turned(20), time(3_100)],
    ["1500 start-bridge", "3000 nudge absent"],
  ],
  [
    "a result that the model does not want to speak of",
    [asked(0, true), turned(100, true)],
    ["100 nudge rejected"],
  ],
];

const LATE: Case[] = [
  [
    "a late answer that is broken off by the nudge, then the other",
    [asked(0), audio(2_050), interrupted(2_100), turned(2_110), audio(2_700), generated(3_000)],
    [
      "1500 start-bridge",
      "2000 nudge absent",
      "2050 hold-back-audio",
      "2100 drop-held-back",
      "2100 clear-playout",
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
      "1500 start-bridge",
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
      "1500 start-bridge",
      "2000 nudge absent",
      "2050 hold-back-audio",
      "2060 play-held-back",
      "3000 drop-audio",
    ],
  ],
  [
    "a late end of nothing",
    [asked(0), turned(2_050), audio(2_700), generated(3_000)],
    ["1500 start-bridge", "2000 nudge absent"],
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
      "1500 start-bridge",
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
    ["1500 start-bridge", "2000 nudge absent", "2500 clear-playout"],
  ],
  [
    "a late answer that goes down with its connection",
    [asked(0), audio(2_050), gone(2_100), reached(2_400, true), audio(3_000), generated(3_100)],
    [
      "1500 start-bridge",
      "2000 nudge absent",
      "2050 hold-back-audio",
      "2100 drop-held-back",
      "2400 ask-anew",
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
    ["1400 ask-anew, go on"],
  ],
  [
    "a model that is lost in mid-answer and comes back late",
    [asked(0), audio(500), gone(700), dry(750, 1_000), reached(3_400, true), audio(4_000)],
    ["1800 start-bridge", "3400 ask-anew, go on"],
  ],
  [
    "a model that is lost before it answers, and says nothing on the next connection",
    [asked(0), gone(500), reached(1_000, true), time(20_000)],
    [
      "800 start-bridge",
      "1000 ask-anew",
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
      "1500 start-bridge",
      ...[1, 2, 3, 4, 5, 6, 7].map((n) => `${2_000 * n} ask-anew`),
      "15000 give-up absent",
    ],
  ],
  [
    "a rotation that helps",
    [asked(0), gone(6_010), reached(6_400, true), audio(9_900), generated(10_000)],
    [
      "1500 start-bridge",
      "2000 nudge absent",
      "4000 repeat-turn absent",
      "6000 rotate absent",
      "6400 ask-anew",
    ],
  ],
  [
    "a rotation that does not",
    [asked(0), gone(6_010), reached(6_400, true), time(60_000)],
    [
      "1500 start-bridge",
      "2000 nudge absent",
      "4000 repeat-turn absent",
      "6000 rotate absent",
      "6400 ask-anew",
      "10400 give-up absent",
    ],
  ],
];

for (const [what, facts, orders, settings] of [...GOOD, ...BAD, ...LATE, ...OUTAGE]) {
  Deno.test(`stepOwed() on ${what}`, () => {
    assertEquals(told(facts, settings), orders);
  });
}

Deno.test("stepOwed() bridges the line within 0.8 s while the model is still being set up", () => {
  const orders = told([asked(0), reached(1_200), audio(2_000)], {}, NOTHING_OWED);
  assertEquals(orders, ["800 start-bridge"]);
});

Deno.test("stepOwed() does not bridge a model that is set up in time and answers in time", () => {
  assertEquals(told([asked(0), reached(700), audio(1_450)], {}, NOTHING_OWED), []);
});

Deno.test("stepOwed() goes on with the repairs when the caller asks again, and forgets them once an answer was heard", () => {
  const impatient = [asked(0), floor(2_500), asked(3_000), floor(5_500), asked(6_000), time(8_001)];
  assertEquals(told(impatient), [
    "1500 start-bridge",
    "2000 nudge absent",
    "3800 start-bridge",
    "5000 repeat-turn absent",
    "6800 start-bridge",
    "8000 rotate absent",
  ]);
  const answered = [asked(0), time(2_001), audio(3_000), generated(3_100), asked(9_000)];
  assertEquals(told([...answered, time(11_001)]), [
    "1500 start-bridge",
    "2000 nudge absent",
    "10500 start-bridge",
    "11000 nudge absent",
  ]);
});

Deno.test("stepOwed() drops what comes when the model was given up", () => {
  const { given } = play([asked(0), time(10_000), audio(10_100), generated(10_200), audio(10_300)]);
  assertEquals(given.slice(-2).map(({ order }) => order.type), ["drop-audio", "drop-audio"]);
});

Deno.test("stepOwed() counts silence from the moment in which the line will have played all it has", () => {
  const { given } = play([
    { type: "asked", nowMs: 0, isTool: false, silentFromMs: undefined },
    dry(100, 3_000),
    time(5_100),
  ]);
  assertEquals(given.map(({ atMs, order }) => `${atMs} ${order.type}`), [
    "4500 start-bridge",
    "5000 repair",
  ]);
});
