import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  NOBODYS_TURN,
  step,
  type TurnEvent,
  type TurnState,
} from "../../lib/turns/turn_machine.ts";
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
  RULES,
  started,
  stopped,
  suspected,
} from "./turn_events.ts";

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
