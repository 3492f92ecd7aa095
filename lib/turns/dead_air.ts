/**
 * What to do when nobody speaks.
 *
 * A caller who says nothing is asked, in the words of the agent, then told goodbye and hung up on. Time counts only
 * while the floor is free: not while either side speaks, an answer is owed or something else is at work. Nor does it
 * count while the line carries sound that is no speech: a caller who was put on hold hears music, and so do we. But no
 * hold is waited out for ever. A caller who speaks begins anew.
 *
 * Times are those of one monotonic clock and come in with the events; nothing here waits or measures.
 *
 * @module
 */

/** When and how often a silent caller is asked. */
export interface DeadAirSettings {
  /** Silence before the caller is asked, and before each further step. */
  readonly askAfterMs: number;
  /** How often the caller is asked before the goodbye; with 0 there is only the goodbye. */
  readonly asks: number;
  /** Longest time on hold; after that silence counts although the line sounds. */
  readonly longestHoldMs: number;
}

/** Facts that bear on who is silent. */
export type DeadAirEvent =
  /** Somebody speaks, or is at work. */
  | { type: "floor-taken"; byCaller: boolean }
  /** Nobody speaks and nothing is owed. */
  | { type: "floor-freed"; nowMs: number }
  /** Time has passed; `isOnHold`: the line carries sound that is no speech. */
  | { type: "time-passed"; nowMs: number; isOnHold: boolean };

/** What the call must do. */
export type DeadAirOrder =
  /** Ask the caller, for the first time with 0. */
  | { type: "ask"; ask: number }
  /** Say goodbye. */
  | { type: "say-goodbye" }
  /** The goodbye was said: end the call. */
  | { type: "hang-up" };

/** Who has been silent, and since when. */
export interface DeadAirState {
  /** How often the caller was asked, the goodbye counted too. */
  readonly asked: number;
  /** Since when silence counts; absent while the floor is taken. */
  readonly quietSinceMs: number | undefined;
  /** How much of the time since then was spent on hold. */
  readonly heldMs: number;
  /** When time was last looked at. */
  readonly seenMs: number;
}

/** The call has just begun, and somebody will speak. */
export const NOT_QUIET: DeadAirState = {
  asked: 0,
  quietSinceMs: undefined,
  heldMs: 0,
  seenMs: 0,
};

/** Advances by one event; one out of place changes nothing. */
export function stepDeadAir(
  state: DeadAirState,
  event: DeadAirEvent,
  settings: DeadAirSettings,
): [DeadAirState, DeadAirOrder | undefined] {
  switch (event.type) {
    case "floor-taken":
      return [
        { ...state, asked: event.byCaller ? 0 : state.asked, quietSinceMs: undefined },
        undefined,
      ];
    case "floor-freed":
      if (state.quietSinceMs !== undefined) return [state, undefined];
      return afterFloorFreed({ ...state, heldMs: 0, seenMs: event.nowMs }, event.nowMs, settings);
    case "time-passed":
      return afterTime(state, event, settings);
    default:
      return event satisfies never;
  }
}

/** Once the goodbye was said, the first free moment is the end. */
function afterFloorFreed(
  state: DeadAirState,
  nowMs: number,
  settings: DeadAirSettings,
): [DeadAirState, DeadAirOrder | undefined] {
  if (state.asked > settings.asks) return [state, { type: "hang-up" }];
  return [{ ...state, quietSinceMs: nowMs }, undefined];
}

function afterTime(
  state: DeadAirState,
  { nowMs, isOnHold }: DeadAirEvent & { type: "time-passed" },
  settings: DeadAirSettings,
): [DeadAirState, DeadAirOrder | undefined] {
  if (state.quietSinceMs === undefined) return [state, undefined];
  const held = isOnHold ? state.heldMs + nowMs - state.seenMs : state.heldMs;
  const heldMs = Math.min(held, settings.longestHoldMs);
  const seen = { ...state, heldMs, seenMs: nowMs };
  if (nowMs - state.quietSinceMs - heldMs < settings.askAfterMs) return [seen, undefined];
  const next = { ...seen, asked: state.asked + 1, quietSinceMs: undefined };
  const order: DeadAirOrder = state.asked < settings.asks
    ? { type: "ask", ask: state.asked }
    : { type: "say-goodbye" };
  return [next, order];
}
