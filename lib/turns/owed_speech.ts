/**
 * What to do when the agent should be heard and is not.
 *
 * Speech is *owed* from the moment the model is asked until all of an audible answer is here. While it is owed and the
 * line is silent, two clocks run: after a second or so the line is bridged with a soft tone, and after two the answer
 * counts as missing. An answer may also be known to be bad before that. Either way it is repaired, and if that does not
 * help, by the next of {@linkcode REPAIRS}. How far that has come is forgotten only when an answer was heard: a caller
 * who asks again meanwhile does not begin it anew.
 *
 * | while              | fact                                    | then                                                    |
 * | ------------------ | --------------------------------------- | ------------------------------------------------------- |
 * | anything           | `asked`                                 | owed                                                    |
 * | anything           | `caller-took-floor`                     | nothing owed                                            |
 * | nothing owed       | audio                                   | played; dropped if its question was repaired and answered |
 * | nothing owed       | `interrupted` while much is to be heard | owed: the rest is asked for, or awaited if it was asked for |
 * | owed               | audible audio                           | played: sounding                                        |
 * | owed               | near-silent audio                       | played; dropped where the line is bridged               |
 * | owed, repaired now | audible audio                           | held back until it is known whose it is                 |
 * | held back          | `generation-completed`; some time       | what was held back is played                            |
 * | held back          | `interrupted`                           | what was held back is dropped                           |
 * | owed, sounding     | `generation-completed`                  | answered                                                |
 * | owed, sounding     | `turn-completed` before that; `interrupted` | cut short: repaired at once                         |
 * | owed, not sounding | the generation or the turn completed    | empty, text only, near-silent or rejected: repaired at once |
 * | owed               | `line-runs-dry`                         | silent from then on                                     |
 * | owed, silent       | time                                    | bridged; absent or stalled: repaired                    |
 * | anything           | `tools-called`                          | owed; bridged while silent, repaired only after the result |
 * | owed               | `silence-chosen`                        | nothing owed                                            |
 * | owed, unreachable  | time                                    | bridged; only the last two repairs, and those late      |
 * | owed, begun        | `model-reached` anew                    | the rest is asked for                                   |
 * | anything           | `model-lost`                            | one of the last two repairs at once                     |
 *
 * Times are those of one monotonic clock and come in with the facts; nothing here waits or measures.
 *
 * @module
 */

import type { Owed, OwedFact, OwedOrder, OwedState } from "./owed_facts.ts";
import {
  afterToolsCalled,
  nameOf,
  newlyOwed,
  outageMs,
  repair,
  type Step,
} from "./owed_repairs.ts";
import { type OwedSettings, REPAIRS } from "./owed_settings.ts";

/** Advances by one fact; one out of place changes nothing. */
export function stepOwed(state: OwedState, fact: OwedFact, settings: OwedSettings): Step {
  switch (fact.type) {
    case "asked":
      return [{ ...state, owed: newlyOwed(state, fact, settings), isSettled: false }, []];
    case "tools-called":
      return [afterToolsCalled(state, fact, settings), []];
    case "silence-chosen":
      return [{ ...state, owed: undefined }, []];
    case "audio-arrived":
      return afterAudio(state, fact);
    case "text-arrived":
      if (state.owed?.cameInstead !== "nothing") return [state, []];
      return [{ ...state, owed: { ...state.owed, cameInstead: "text" } }, []];
    case "generation-completed":
      return afterGeneration({ ...state, awaitsTurnEnd: true }, fact.nowMs, settings);
    case "turn-completed":
      return afterTurn(state, fact, settings);
    case "interrupted":
      return afterInterruption({ ...state, awaitsTurnEnd: true }, fact, settings);
    case "line-runs-dry":
      return [afterLineRanDry(state, fact.atMs, settings), []];
    case "caller-took-floor":
      return [{ ...state, owed: undefined, isSettled: false }, []];
    case "model-gone":
      return afterModelGone(state, fact.nowMs, settings);
    case "model-lost":
      return afterModelLost(state, fact.nowMs, settings);
    case "model-reached":
      return afterModelReached(state, fact, settings);
    case "time-passed":
      return afterTime(state, fact.nowMs, settings);
    default:
      return fact satisfies never;
  }
}

/** When `time-passed` is due next; absent: not before something else happens. */
export function nextOwedMs(state: OwedState, settings: OwedSettings): number | undefined {
  const { owed } = state;
  if (owed?.isHoldingBack) return owed.uncertainUntilMs;
  if (owed?.silentFromMs === undefined) return undefined;
  if (owed.isToolPending) return owed.isBridged ? undefined : bridgeDueMs(state, owed, settings);
  const repairAtMs = Math.max(owed.repairAtMs, owed.silentFromMs);
  const givenUpAtMs = owed.silentFromMs + settings.longestSilenceMs;
  const bridgeAtMs = owed.isBridged ? Infinity : bridgeDueMs(state, owed, settings);
  return Math.min(repairAtMs, givenUpAtMs, bridgeAtMs);
}

function afterAudio(
  state: OwedState,
  { nowMs, isAudible }: OwedFact & { type: "audio-arrived" },
): Step {
  const { owed } = state;
  if (!owed) return [state, [{ type: state.isSettled ? "drop-audio" : "play-audio" }]];
  if (owed.isSounding) {
    return [{ ...state, owed: sounding(owed) }, [{ type: "play-audio" }]];
  }
  const isCertain = nowMs >= owed.uncertainUntilMs;
  if (isCertain && owed.isHoldingBack) {
    return [{ ...state, owed: sounding(owed) }, [{ type: "play-held-back" }, {
      type: "play-audio",
    }]];
  }
  if (isAudible && isCertain) return [{ ...state, owed: sounding(owed) }, [{ type: "play-audio" }]];
  if (isAudible || owed.isHoldingBack) {
    return [{ ...state, owed: { ...owed, isHoldingBack: true } }, [{ type: "hold-back-audio" }]];
  }
  const type = isCertain && !owed.isBridged ? "play-audio" : "drop-audio";
  return [{ ...state, owed: { ...owed, cameInstead: "near-silence" } }, [{ type }]];
}

function afterGeneration(state: OwedState, nowMs: number, settings: OwedSettings): Step {
  const { owed } = state;
  if (!owed) return [state, []];
  if (owed.isToolPending) {
    const words: OwedOrder[] = owed.isHoldingBack ? [{ type: "play-held-back" }] : [];
    return [{ ...state, owed: { ...owed, isSounding: false, isHoldingBack: false } }, words];
  }
  if (owed.isSounding || owed.isHoldingBack) {
    const answered = { ...state, owed: undefined, rung: 0, isSettled: owed.isAskedAgain };
    return [answered, owed.isHoldingBack ? [{ type: "play-held-back" }] : []];
  }
  if (mayBeAnothers(owed, nowMs)) return [state, []];
  return repair(state, owed, { nowMs, problem: nameOf(owed, "empty") }, settings);
}

function afterTurn(
  state: OwedState,
  { nowMs, isRejected }: OwedFact & { type: "turn-completed" },
  settings: OwedSettings,
): Step {
  const { owed } = state;
  if (state.awaitsTurnEnd) return [{ ...state, awaitsTurnEnd: false }, []];
  if (!owed || owed.isToolPending) return [state, []];
  if (owed.isSounding) return repair(state, owed, { nowMs, problem: "cut-short" }, settings);
  if (mayBeAnothers(owed, nowMs) && !isRejected) return [state, []];
  const problem = isRejected ? "rejected" : nameOf(owed, "empty");
  return repair(state, owed, { nowMs, problem }, settings);
}

/** An end without audio may be that of an answer that was replaced, or of the turn that called a function. */
function mayBeAnothers(owed: Owed, nowMs: number): boolean {
  return owed.isTool || nowMs < owed.uncertainUntilMs;
}

function afterInterruption(
  state: OwedState,
  { nowMs, wasCut }: OwedFact & { type: "interrupted" },
  settings: OwedSettings,
): Step {
  const { owed } = state;
  const cleared: OwedOrder = { type: "clear-playout" };
  if (!owed && !wasCut) return [state, [cleared]];
  if (owed && !owed.isSounding) {
    const certain = { ...owed, isHoldingBack: false, uncertainUntilMs: nowMs };
    const dropped: OwedOrder[] = owed.isHoldingBack ? [{ type: "drop-held-back" }] : [];
    // What still plays of an answer that is to be gone on with is part of it; behind a bridge there is nothing.
    if (owed.hasBegun || owed.isBridged) return [{ ...state, owed: certain }, dropped];
    const silentFromMs = Math.min(owed.silentFromMs ?? nowMs, nowMs);
    return [{ ...state, owed: { ...certain, silentFromMs } }, [...dropped, cleared]];
  }
  const now = { nowMs, isTool: false, silentFromMs: nowMs };
  const rest = { ...newlyOwed({ ...state, owed: undefined }, now, settings), hasBegun: true };
  // What was asked for again was meant to be broken off: the other answer is on its way.
  if (owed?.isAskedAgain ?? state.isSettled) {
    return [{ ...state, owed: { ...rest, isAskedAgain: true }, isSettled: false }, [cleared]];
  }
  const [next, orders] = repair(state, rest, { nowMs, problem: "cut-short" }, settings);
  return [next, [cleared, ...orders]];
}

function afterLineRanDry(state: OwedState, atMs: number, settings: OwedSettings): OwedState {
  const { owed } = state;
  if (!owed || owed.silentFromMs !== undefined) return state;
  const repairAtMs = Math.max(owed.repairAtMs, atMs + settings.noticeAfterMs);
  return { ...state, owed: { ...owed, silentFromMs: atMs, repairAtMs } };
}

function afterModelGone(state: OwedState, nowMs: number, settings: OwedSettings): Step {
  const { owed, rung } = state;
  if (!state.isReachable) return [state, []];
  const gone = { ...state, isReachable: false, awaitsTurnEnd: false };
  if (!owed) return [gone, []];
  const repairAtMs = nowMs + outageMs(rung, settings);
  const isRestLost = owed.isRestLost || owed.isSounding;
  const orders: OwedOrder[] = owed.isHoldingBack ? [{ type: "drop-held-back" }] : [];
  return [
    {
      ...gone,
      owed: {
        ...owed,
        isSounding: false,
        isHoldingBack: false,
        isToolPending: false,
        isRestLost,
        repairAtMs,
      },
    },
    orders,
  ];
}

/** The last two repairs are all that is left, whether something is owed or not. */
function afterModelLost(state: OwedState, nowMs: number, settings: OwedSettings): Step {
  const [gone, dropped] = afterModelGone(state, nowMs, settings);
  const now = { nowMs, isTool: false, silentFromMs: undefined };
  const owed = gone.owed ?? newlyOwed(gone, now, settings);
  const [next, orders] = repair(gone, owed, { nowMs, problem: "unreachable" }, settings);
  return [gone.owed ? next : { ...next, owed: undefined }, [...dropped, ...orders]];
}

function afterModelReached(
  state: OwedState,
  { nowMs, isAnew }: OwedFact & { type: "model-reached" },
  settings: OwedSettings,
): Step {
  const { owed, rung } = state;
  if (state.isReachable) return [state, []];
  const reached = { ...state, isReachable: true };
  if (!owed) return [reached, []];
  const tried = REPAIRS[rung - 1] ?? "give-up";
  const patienceMs = tried === "give-up" ? settings.noticeAfterMs : settings.patienceMs[tried];
  const isAskedAgain = owed.isAskedAgain || isAnew;
  const repairAtMs = nowMs + patienceMs;
  const waiting = { ...reached, owed: { ...owed, repairAtMs, isAskedAgain, isRestLost: false } };
  return [waiting, owed.isRestLost ? [{ type: "go-on" }] : []];
}

function afterTime(state: OwedState, nowMs: number, settings: OwedSettings): Step {
  const { owed } = state;
  if (!owed) return [state, []];
  if (owed.isHoldingBack) {
    if (nowMs < owed.uncertainUntilMs) return [state, []];
    return [{ ...state, owed: sounding(owed) }, [{ type: "play-held-back" }]];
  }
  if (owed.silentFromMs === undefined || nowMs < owed.silentFromMs) return [state, []];
  const isBridgeDue = !owed.isBridged && nowMs >= bridgeDueMs(state, owed, settings);
  const bridge: OwedOrder[] = isBridgeDue
    ? [{ type: "start-bridge", isMidAnswer: owed.isSounding }]
    : [];
  const waiting = { ...owed, isBridged: owed.isBridged || isBridgeDue };
  if (owed.isToolPending) return [{ ...state, owed: waiting }, bridge];
  const silence = owed.hasBegun ? "stalled" : "absent";
  const problem = state.isReachable ? nameOf(owed, silence) : "unreachable";
  const isTooLong = nowMs >= owed.silentFromMs + settings.longestSilenceMs;
  if (!isTooLong && nowMs < owed.repairAtMs) return [{ ...state, owed: waiting }, bridge];
  const last = isTooLong ? { ...state, rung: REPAIRS.indexOf("give-up") } : state;
  const [next, orders] = repair(last, waiting, { nowMs, problem }, settings);
  return [next, [...bridge, ...orders]];
}

function sounding(owed: Owed): Owed {
  return {
    ...owed,
    hasBegun: true,
    isSounding: true,
    isHoldingBack: false,
    isBridged: false,
    silentFromMs: undefined,
  };
}

function bridgeDueMs({ isReachable, rung }: OwedState, owed: Owed, settings: OwedSettings): number {
  const isFaulty = !isReachable || rung > 0 || owed.isAskedAgain;
  const afterMs = isFaulty ? settings.bridgeFaultAfterMs : settings.bridgeAfterMs;
  return (owed.silentFromMs ?? Infinity) + afterMs;
}
