/**
 * What stands around a call that is replayed: things that do nothing, because all that comes of them is in the flight.
 *
 * @module
 */

import type { CallParts } from "../call/call_parts.ts";
import type { ToolKit } from "../call/abilities.ts";
import type { Leg } from "../call/leg.ts";
import type { Model } from "../call/model.ts";
import type { Clock } from "../clock.ts";
import { createLog } from "../log.ts";
import type { FlightHead } from "./flight_lines.ts";

/** Parts of the call that a flight is of. */
export function standInParts(head: FlightHead): CallParts {
  const { has, greeting, outbound, term, resumed } = head;
  const never = new AbortController().signal;
  return {
    leg: LEG,
    facts: head.facts,
    agent: head.agent,
    openModel: () => MODEL,
    openSecondModel: has.secondModel ? () => MODEL : undefined,
    hasBegun: has.begun,
    greeting: greeting && { kept: greeting.kept, keep: () => {} },
    outbound: outbound && { voicemail: outbound.voicemail, machineAnswered: never },
    toolKit: has.toolKit ? TOOL_KIT : undefined,
    prices: head.prices,
    spent: has.spent ? () => {} : undefined,
    // Scores are facts of the flight.
    vad: { score: () => new Promise(() => {}) },
    maxCallSeconds: head.maxCallSeconds,
    keep: () => {},
    continuity: {
      term,
      resumed,
      save: () => {},
      canHandOver: () => false,
      flush: () => Promise.resolve(),
    },
    clock: CLOCK,
    log: createLog({ level: "error", clock: CLOCK, write: () => {} }),
    draining: never,
    signal: never,
  };
}

const NO_FAULTS: ReadonlyMap<string, number> = new Map();

const CLOCK: Clock = {
  nowMs: () => 0,
  epochMs: () => 0,
  at: () => ({ cancel: () => {} }),
};

const LEG: Leg = {
  faults: NO_FAULTS,
  listen: () => {},
  play: () => {},
  mark: () => {},
  clear: () => {},
  close: () => {},
};

const MODEL: Model = {
  state: "connecting",
  faults: NO_FAULTS,
  openActivity: () => {},
  sendAudio: () => {},
  endAudio: () => {},
  sendActivityText: () => {},
  closeActivity: () => {},
  sendText: () => {},
  answerFunctions: () => {},
  rotate: () => {},
  repeatTurn: () => false,
  close: () => {},
};

const TOOL_KIT: ToolKit = {
  tools: () => [],
  sendMessage: () => Promise.resolve(),
  remember: () => Promise.resolve(),
};
