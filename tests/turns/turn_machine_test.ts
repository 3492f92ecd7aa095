import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  NOBODYS_TURN,
  step,
  type TurnEvent,
  type TurnOrder,
  type TurnState,
} from "../../lib/turns/turn_machine.ts";
import { DEFAULT_TURN_SETTINGS, type TurnRules } from "../../lib/turns/turn_settings.ts";

const RULES: TurnRules = {
  ...DEFAULT_TURN_SETTINGS,
  longestActivityMs: 10_000,
  bargeIn: "decide",
};

function play(
  events: readonly TurnEvent[],
  bargeIn: TurnRules["bargeIn"] = "decide",
): { state: TurnState; orders: TurnOrder[] } {
  let state = NOBODYS_TURN;
  const orders: TurnOrder[] = [];
  for (const event of events) {
    const [next, more] = step(state, event, { ...RULES, bargeIn });
    state = next;
    orders.push(...more);
  }
  return { state, orders };
}

const started = (streamMs: number): TurnEvent => ({
  type: "speech-started",
  streamMs,
  onsetMs: streamMs - 60,
});
const ended = (streamMs: number): TurnEvent => ({ type: "speech-ended", streamMs });
const heard = (streamMs: number): TurnEvent => ({ type: "frame-heard", streamMs });
const stopped = (streamMs: number): TurnEvent => ({ type: "frames-stopped", streamMs });
const playing = (streamMs: number): TurnEvent => ({ type: "playout-started", streamMs });
const played = (streamMs: number): TurnEvent => ({ type: "playout-finished", streamMs });
const keys = (streamMs: number, isSpeaking = false): TurnEvent => ({
  type: "keys-began",
  streamMs,
  isSpeaking,
});
const keyed = (streamMs: number): TurnEvent => ({ type: "keys-ended", streamMs });
const suspected = (streamMs: number): TurnEvent => ({
  type: "voice-suspected",
  streamMs,
  onsetMs: streamMs - 80,
});
const confirmed = (streamMs: number): TurnEvent => ({ type: "voice-confirmed", streamMs });
const dismissed = (streamMs: number, isWordLike = false): TurnEvent => ({
  type: "voice-dismissed",
  streamMs,
  isWordLike,
});

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

Deno.test("step() opens an activity where the speech began, not where it was noticed", () => {
  assertEquals(play([started(1_000)]).orders, [{ type: "open-activity", fromMs: 940 }]);
  assertEquals(play([playing(0), suspected(500), confirmed(700)]).orders.at(-1), {
    type: "open-activity",
    fromMs: 420,
  });
});

const EVENTS: Record<TurnEvent["type"], (streamMs: number) => TurnEvent> = {
  "speech-started": started,
  "speech-ended": ended,
  "keys-began": (streamMs) => keys(streamMs, streamMs % 2 === 0),
  "keys-ended": keyed,
  "frames-stopped": stopped,
  "frame-heard": heard,
  "voice-suspected": suspected,
  "voice-confirmed": confirmed,
  "voice-dismissed": (streamMs) => dismissed(streamMs, streamMs % 2 === 0),
  "playout-started": playing,
  "playout-finished": played,
};

/** Events that mean nothing in a phase. */
const OUT_OF_PLACE: Record<TurnState["phase"], (keyof typeof EVENTS)[]> = {
  "listening": [
    "speech-ended",
    "keys-ended",
    "frames-stopped",
    "frame-heard",
    "voice-suspected",
    "voice-confirmed",
    "voice-dismissed",
    "playout-finished",
  ],
  "caller-turn": [
    "speech-started",
    "frame-heard",
    "voice-suspected",
    "voice-confirmed",
    "voice-dismissed",
    "playout-started",
    "playout-finished",
  ],
  "agent-turn": [
    "speech-started",
    "speech-ended",
    "keys-ended",
    "frames-stopped",
    "frame-heard",
    "voice-confirmed",
    "voice-dismissed",
    "playout-started",
  ],
  "held": [
    "speech-started",
    "speech-ended",
    "keys-ended",
    "frame-heard",
    "voice-suspected",
    "playout-started",
  ],
};

const WAY_TO: Record<TurnState["phase"], TurnEvent[]> = {
  "listening": [],
  "caller-turn": [started(100)],
  "agent-turn": [playing(100)],
  "held": [playing(100), suspected(200)],
};

Deno.test("step() changes nothing on events out of place", () => {
  for (const [phase, names] of Object.entries(OUT_OF_PLACE)) {
    const { state } = play(WAY_TO[phase as TurnState["phase"]]);
    assertEquals(state.phase, phase);
    for (const name of names) {
      assertEquals(step(state, EVENTS[name](300), RULES), [state, []], `${name} while ${phase}`);
    }
  }
});

Deno.test("step() never opens two activities, leaves none open and holds nothing for ever, in any order of events [C02]", () => {
  const names = Object.keys(EVENTS) as (keyof typeof EVENTS)[];
  const steps = fc.array(fc.tuple(fc.constantFrom(...names), fc.integer({ min: 0, max: 400 })), {
    maxLength: 80,
  });
  const last: (keyof typeof EVENTS)[] = [
    "voice-dismissed",
    "playout-finished",
    "speech-ended",
    "keys-ended",
  ];
  fc.assert(
    fc.property(steps, fc.constantFrom("decide", "immediate", "never"), (events, bargeIn) => {
      let state = NOBODYS_TURN;
      let streamMs = 0;
      let isOpen = false;
      let isHeld = false;
      for (const [name, ms] of [...events, ...last.map((one) => [one, 0] as const)]) {
        streamMs += ms;
        const [next, orders] = step(state, EVENTS[name](streamMs), { ...RULES, bargeIn });
        for (const { type } of orders) {
          if (type === "open-activity") {
            assert(!isOpen, "opened twice");
            isOpen = true;
          } else if (type === "close-activity") {
            assert(isOpen, "closed twice");
            isOpen = false;
          } else if (type === "send-set-aside") assert(!isOpen, "sent into an open activity");
          else if (type === "hold-playout") isHeld = true;
          else if (type === "resume-playout" || type === "clear-playout") isHeld = false;
        }
        assertEquals(next.phase === "caller-turn", isOpen);
        if (next.phase !== "held" && name !== "playout-finished") assert(!isHeld, "held for ever");
        if (name === "playout-finished") isHeld = false;
        state = next;
      }
      assert(!isOpen, "left open");
      assert(state.phase !== "held", "left held");
    }),
    { numRuns: 2_000 },
  );
});
