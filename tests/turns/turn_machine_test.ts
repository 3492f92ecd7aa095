import { assertEquals } from "@std/assert";
import type { TurnEvent, TurnState } from "../../lib/turns/turn_machine.ts";
import { AUTOMATIC_DETECTIONS, type TurnRules } from "../../lib/turns/turn_settings.ts";
import {
  confirmed,
  dismissed,
  ended,
  heard,
  keyed,
  keys,
  play,
  played,
  playing,
  started,
  stopped,
  suspected,
} from "./turn_events.ts";

/** Transitions: what happens, in which mode, what is ordered, and where it leads. */
const TRANSITIONS: {
  name: string;
  bargeIn?: TurnRules["bargeIn"];
  events: TurnEvent[];
  orders: string[];
  phase: TurnState["phase"];
}[] = [
  {
    name: "opens and closes an activity around what the caller says",
    events: [started(1_000), ended(2_000)],
    orders: ["open-activity", "close-activity"],
    phase: "listening",
  },
  {
    name: "gives the agent the floor while it plays, and takes it back after",
    events: [playing(0), played(900)],
    orders: [],
    phase: "listening",
  },
  {
    name: "does not take what an answer's echo says for speech where it is to be decided",
    events: [playing(0), started(500), ended(1_500)],
    orders: [],
    phase: "agent-turn",
  },
  {
    name: "holds the answer when a sound may be speech",
    events: [playing(0), suspected(500)],
    orders: ["hold-playout"],
    phase: "held",
  },
  {
    name: "gives the caller the floor when the sound was meant to take it",
    events: [playing(0), suspected(500), confirmed(700), ended(2_000)],
    orders: ["hold-playout", "clear-playout", "open-activity", "close-activity"],
    phase: "listening",
  },
  {
    name: "goes on with the answer when it was not",
    events: [playing(0), suspected(500), dismissed(900), played(3_000)],
    orders: ["hold-playout", "resume-playout"],
    phase: "listening",
  },
  {
    name: "sets aside what may have been a word, and sends it when the answer is over",
    events: [playing(0), suspected(500), dismissed(900, true), played(3_000)],
    orders: ["hold-playout", "set-aside", "resume-playout", "send-set-aside"],
    phase: "listening",
  },
  {
    name: "goes on with a held answer when frames stop",
    events: [playing(0), suspected(500), stopped(1_500)],
    orders: ["hold-playout", "resume-playout"],
    phase: "agent-turn",
  },
  {
    name: "gives the floor to whoever made the sound when the held answer is broken off",
    events: [playing(0), suspected(500), played(600), ended(1_500)],
    orders: ["hold-playout", "open-activity", "close-activity"],
    phase: "listening",
  },
  {
    name: "suspects nobody when every sound takes the floor",
    bargeIn: "immediate",
    events: [playing(0), suspected(500), started(560), ended(1_500)],
    orders: ["clear-playout", "open-activity", "close-activity"],
    phase: "listening",
  },
  {
    name: "sets speech aside when nothing takes the floor, and sends it when the answer is over",
    bargeIn: "never",
    events: [playing(0), suspected(400), started(500), ended(1_500), played(3_000)],
    orders: ["set-aside", "send-set-aside"],
    phase: "listening",
  },
  {
    name: "gives the floor to who still speaks when such an answer is over",
    bargeIn: "never",
    events: [playing(0), started(500), played(1_000), ended(2_000)],
    orders: ["open-activity", "close-activity"],
    phase: "listening",
  },
  {
    name: "sets aside what was said when frames stop where nothing takes the floor",
    bargeIn: "never",
    events: [playing(0), started(500), stopped(1_500)],
    orders: ["set-aside"],
    phase: "agent-turn",
  },
  {
    name: "takes keys for a turn",
    events: [keys(1_000), keyed(3_000)],
    orders: ["open-activity", "close-activity"],
    phase: "listening",
  },
  {
    name: "lets keys stop the answer, whatever the mode",
    bargeIn: "never",
    events: [playing(0), keys(1_000), keyed(3_000)],
    orders: ["clear-playout", "open-activity", "close-activity"],
    phase: "listening",
  },
  {
    name: "lets keys decide a held answer",
    events: [playing(0), suspected(500), keys(600), keyed(3_000)],
    orders: ["hold-playout", "clear-playout", "open-activity", "close-activity"],
    phase: "listening",
  },
  {
    name: "closes the turn when both speech and keys are over: keys last",
    events: [started(1_000), keys(1_200), ended(2_000), keyed(3_000)],
    orders: ["open-activity", "close-activity"],
    phase: "listening",
  },
  {
    name: "closes the turn when both speech and keys are over: speech last",
    events: [keys(1_000), started(1_200), keyed(2_000), ended(3_000)],
    orders: ["open-activity", "close-activity"],
    phase: "listening",
  },
  {
    name: "keeps the turn of keys open for a caller who was speaking already",
    events: [keys(1_000, true), keyed(2_000)],
    orders: ["open-activity"],
    phase: "caller-turn",
  },
  {
    name: "closes the turn when frames stop",
    events: [started(1_000), stopped(1_500)],
    orders: ["open-activity", "close-activity"],
    phase: "listening",
  },
  {
    name: "closes an activity at its longest and opens another for a caller who speaks on",
    events: [started(0), heard(10_000), heard(10_060)],
    orders: ["open-activity", "close-activity", "open-activity"],
    phase: "caller-turn",
  },
  {
    name: "closes an activity of keys at its longest for good",
    events: [keys(0), heard(10_000), heard(10_100)],
    orders: ["open-activity", "close-activity"],
    phase: "listening",
  },
];

for (const { name, bargeIn, events, orders, phase } of TRANSITIONS) {
  Deno.test(`step() ${name}`, () => {
    const result = play(events, bargeIn);
    assertEquals(result.orders.map((order) => order.type), orders);
    assertEquals(result.state.phase, phase);
  });
}

Deno.test("step() gives the agent the floor in the caller's turn when the service finds the turns, and only then", () => {
  const automatic = AUTOMATIC_DETECTIONS.medium;
  const events = [started(1_000), playing(1_400), ended(1_900)];
  const own = play(events);
  assertEquals(own.orders.map(({ type }) => type), ["open-activity", "close-activity"]);
  const found = play(events, "decide", { automatic });
  assertEquals(found.orders.map(({ type }) => type), ["open-activity"]);
  assertEquals(found.state.phase, "agent-turn");
});
