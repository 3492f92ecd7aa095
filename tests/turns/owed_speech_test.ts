import { assertEquals } from "@std/assert";
import { NOTHING_OWED } from "../../lib/turns/owed_facts.ts";
import {
  asked,
  audio,
  type Case,
  dry,
  floor,
  generated,
  interrupted,
  play,
  reached,
  SECOND,
  text,
  time,
  told,
  turned,
} from "./owed_events.ts";

const GOOD: Case[] = [
  [
    "an answer in time",
    [asked(0), audio(1_300), generated(1_800), turned(9_000), time(60_000)],
    [],
  ],
  ["nothing asked", [time(60_000)], []],
  ["an answer that nobody asked for", [audio(0), generated(100), turned(200), time(9_000)], []],
  ["a slow answer", [asked(0), audio(1_900), generated(2_500)], ["1400 start-bridge"]],
  ["a caller who takes the floor", [asked(0), floor(1_000), time(60_000)], []],
  [
    "silence within an answer, shorter than a bridge",
    [asked(0), audio(500), dry(900, 1_000), audio(2_300), generated(2_500)],
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
      "1400 start-bridge",
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
      "1400 start-bridge",
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
    ["1400 start-bridge", "1600 drop-audio", "1900 drop-audio", "2000 nudge near-silent"],
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
    ["2400 start-bridge in mid-answer"],
  ],
  [
    "an answer that stalls",
    [asked(0), audio(500), dry(600, 1_000), time(60_000)],
    [
      "2400 start-bridge in mid-answer",
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
    ["1400 start-bridge", "3000 nudge absent"],
  ],
  [
    "a result that the model does not want to speak of",
    [asked(0, true), turned(100, true)],
    ["100 nudge rejected"],
  ],
];

for (const [what, facts, orders, settings] of [...GOOD, ...BAD]) {
  Deno.test(`stepOwed() on ${what}`, () => {
    assertEquals(told(facts, settings), orders);
  });
}

Deno.test("stepOwed() bridges the line within 0.8 s while the model is still being set up", () => {
  const orders = told([asked(0), reached(1_200), audio(2_000)], {}, NOTHING_OWED);
  assertEquals(orders, ["800 start-bridge"]);
});

Deno.test("stepOwed() does not bridge a model that is set up in time and answers in time", () => {
  assertEquals(told([asked(0), reached(700), audio(1_350)], {}, NOTHING_OWED), []);
});

Deno.test("stepOwed() goes on with the repairs when the caller asks again, and forgets them once an answer was heard", () => {
  const impatient = [asked(0), floor(2_500), asked(3_000), floor(5_500), asked(6_000), time(8_001)];
  assertEquals(told(impatient), [
    "1400 start-bridge",
    "2000 nudge absent",
    "3800 start-bridge",
    "5000 repeat-turn absent",
    "6800 start-bridge",
    "8000 rotate absent",
  ]);
  const answered = [asked(0), time(2_001), audio(3_000), generated(3_100), asked(9_000)];
  assertEquals(told([...answered, time(11_001)]), [
    "1400 start-bridge",
    "2000 nudge absent",
    "10400 start-bridge",
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
    "4400 start-bridge",
    "5000 repair",
  ]);
});
