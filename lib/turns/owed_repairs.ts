/**
 * How speech that is owed is repaired, a step of `owed_speech.ts`.
 *
 * @module
 */

import type { Owed, OwedOrder, OwedState, Problem } from "./owed_facts.ts";
import { type OwedSettings, type Repair, REPAIRS } from "./owed_settings.ts";

/** What follows from a fact. */
export type Step = [OwedState, OwedOrder[]];

/** What was asked for now. A line that was silent before still is, and may be bridged. */
export function newlyOwed(
  { owed, rung, isReachable }: OwedState,
  fact: { nowMs: number; isTool: boolean; silentFromMs: number | undefined },
  settings: OwedSettings,
): Owed {
  const noticeMs = fact.isTool ? settings.noticeToolAfterMs : settings.noticeAfterMs;
  return {
    isTool: fact.isTool,
    isToolPending: false,
    silentFromMs: owed?.silentFromMs ?? fact.silentFromMs,
    isBridged: owed?.isBridged ?? false,
    hasBegun: false,
    isSounding: false,
    cameInstead: "nothing",
    isAskedAgain: false,
    uncertainUntilMs: fact.nowMs,
    isHoldingBack: false,
    isRestLost: false,
    repairAtMs: fact.nowMs + (isReachable ? noticeMs : outageMs(rung, settings)),
  };
}

/** Takes the next repair that can help. */
export function repair(
  state: OwedState,
  owed: Owed,
  { nowMs, problem }: { nowMs: number; problem: Problem },
  settings: OwedSettings,
): Step {
  const canHelp: Record<Repair, boolean> = {
    "nudge": state.isReachable,
    // The turn would be answered from the beginning, and what a function did would be done again.
    "repeat-turn": state.isReachable && !owed.hasBegun && !owed.isTool,
    "rotate": state.isReachable,
    "second-model": settings.hasSecondModel,
    "give-up": true,
  };
  const next = REPAIRS.find((name, rung) => rung >= state.rung && canHelp[name]) ?? "give-up";
  const rung = REPAIRS.indexOf(next) + 1;
  const order: OwedOrder = { type: "repair", repair: next, problem, hasBegun: owed.hasBegun };
  if (next === "give-up") {
    return [{ ...state, owed: undefined, rung, isSettled: true }, [order]];
  }
  const waiting: Owed = {
    ...owed,
    isSounding: false,
    cameInstead: "nothing",
    isAskedAgain: true,
    uncertainUntilMs: nowMs + settings.uncertainMs,
    isHoldingBack: false,
    repairAtMs: nowMs + settings.patienceMs[next],
  };
  return [{ ...state, owed: waiting, rung, isSettled: false }, [order]];
}

/** How long a model that cannot be reached is waited for. */
export function outageMs(rung: number, settings: OwedSettings): number {
  const hasAnother = settings.hasSecondModel && rung <= REPAIRS.indexOf("second-model");
  return hasAnother ? settings.secondModelAfterMs : settings.longestSilenceMs;
}

/** What is wrong; `otherwise`: if nothing came in the answer's place. */
export function nameOf({ cameInstead }: Owed, otherwise: Problem): Problem {
  switch (cameInstead) {
    case "text":
      return "text-only";
    case "near-silence":
      return "near-silent";
    case "nothing":
      return otherwise;
    default:
      return cameInstead satisfies never;
  }
}

/** The model waits for functions, and the caller with it: nothing is repaired before they are done. */
export function afterToolsCalled(
  state: OwedState,
  { nowMs, silentFromMs }: { nowMs: number; silentFromMs: number | undefined },
  settings: OwedSettings,
): OwedState {
  const owed = state.owed ?? newlyOwed(state, { nowMs, isTool: true, silentFromMs }, settings);
  return { ...state, owed: { ...owed, isTool: true, isToolPending: true }, isSettled: false };
}
