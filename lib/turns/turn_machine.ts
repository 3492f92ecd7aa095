/**
 * Whose turn it is.
 *
 * The machine is in one of four phases. While *listening* nobody holds the floor. In the *caller's turn* an activity is
 * open and everything the caller says goes to the model. In the *agent's turn* the line plays an answer. While *held*
 * the line is silent and the answer waits, because the caller has made a sound and it is not clear yet what it means.
 *
 * The caller may take the floor at any time, by speech or by keys: the answer is dropped and an activity is opened. It
 * is closed when neither is going on any more. The agent gets the floor by starting to play, which cannot happen in the
 * caller's turn, because an answer that comes then belongs to the turn before and is not played.
 *
 * What the caller says without taking the floor is not lost: it is set aside, and reaches the model as a turn of its own
 * when the answer is over, or in front of the next turn.
 *
 * An activity that follows another at once can be lost by the service, so one that would come too soon waits: the
 * machine remembers that the caller is speaking and opens it when the gap has passed. The audio waits in the pre-roll.
 *
 * Media time comes in with the events; nothing here waits or measures.
 *
 * @module
 */

import type { TurnRules } from "./turn_settings.ts";

/** Facts that bear on whose turn it is; `streamMs` is media time and never runs backwards. */
export type TurnEvent =
  /** The caller was found to be speaking, from `onsetMs` on. */
  | { type: "speech-started"; streamMs: number; onsetMs: number }
  /** The caller was found to have finished. */
  | { type: "speech-ended"; streamMs: number }
  /** The caller presses keys; `isSpeaking`: and is speaking too. */
  | { type: "keys-began"; streamMs: number; isSpeaking: boolean }
  /** The keys are complete, and were told to the model. */
  | { type: "keys-ended"; streamMs: number }
  /** No frames come any more. */
  | { type: "frames-stopped"; streamMs: number }
  /** A frame was heard: time has passed. */
  | { type: "frame-heard"; streamMs: number }
  /** During the answer the caller makes a sound that may be speech, since `onsetMs`. */
  | { type: "voice-suspected"; streamMs: number; onsetMs: number }
  /** It was meant to take the floor. */
  | { type: "voice-confirmed"; streamMs: number }
  /** It was not. `isWordLike`: it may have been a word all the same. */
  | { type: "voice-dismissed"; streamMs: number; isWordLike: boolean }
  /** The line plays an answer. */
  | { type: "playout-started"; streamMs: number }
  /** The line has played all there is. */
  | { type: "playout-finished"; streamMs: number };

/** What the call must do, first to last. */
export type TurnOrder =
  /** Silence the line and keep what it has not played. */
  | { type: "hold-playout" }
  /** Go on with what was held. */
  | { type: "resume-playout" }
  /** Drop what the line has not played, and whatever else comes of that answer. */
  | { type: "clear-playout" }
  /** Tell the model that the caller speaks, and send what was said from `fromMs` on. */
  | { type: "open-activity"; fromMs: number }
  /** Tell the model that the caller has finished. */
  | { type: "close-activity" }
  /** Keep what was said from `fromMs` until now for later. */
  | { type: "set-aside"; fromMs: number }
  /** Send what was set aside, as an activity of its own. */
  | { type: "send-set-aside" };

/**
 * Whose turn it is. `waitingFromMs`: the caller speaks, and the activity waits for its gap. `spokenFromMs`: the caller
 * speaks without taking the floor. `hasSetAside`: something was said that the model does not know.
 */
export type TurnState =
  | { phase: "listening"; closedMs: number; waitingFromMs: number | undefined }
  | { phase: "caller-turn"; openedMs: number; isSpeaking: boolean; isKeying: boolean }
  | AgentTurn
  | (Omit<AgentTurn, "phase"> & { phase: "held"; onsetMs: number });

interface AgentTurn {
  phase: "agent-turn";
  closedMs: number;
  spokenFromMs: number | undefined;
  hasSetAside: boolean;
}

/** Nobody has spoken yet. */
export const NOBODYS_TURN: TurnState = {
  phase: "listening",
  closedMs: -Infinity,
  waitingFromMs: undefined,
};

/** Advances turn-taking by one event; one out of place changes nothing. */
export function step(
  state: TurnState,
  event: TurnEvent,
  settings: TurnRules,
): [TurnState, TurnOrder[]] {
  switch (state.phase) {
    case "listening":
      return whileListening(state, event, settings);
    case "caller-turn":
      return whileCallerSpeaks(state, event, settings);
    case "agent-turn":
      return whileAgentSpeaks(state, event, settings);
    case "held":
      return whileHeld(state, event, settings);
    default:
      return state satisfies never;
  }
}

function whileListening(
  state: TurnState & { phase: "listening" },
  event: TurnEvent,
  settings: TurnRules,
): [TurnState, TurnOrder[]] {
  const { closedMs, waitingFromMs } = state;
  switch (event.type) {
    case "speech-started":
      return takeFloor({ closedMs, fromMs: event.onsetMs, nowMs: event.streamMs }, settings);
    case "keys-began":
      return [
        keyingTurn(event),
        [{ type: "open-activity", fromMs: waitingFromMs ?? event.streamMs }],
      ];
    case "frame-heard":
      if (waitingFromMs === undefined) return [state, []];
      return takeFloor({ closedMs, fromMs: waitingFromMs, nowMs: event.streamMs }, settings);
    case "speech-ended":
    case "frames-stopped":
      if (waitingFromMs === undefined) return [state, []];
      return [
        listeningSince(event.streamMs),
        [{ type: "open-activity", fromMs: waitingFromMs }, { type: "close-activity" }],
      ];
    case "playout-started":
      // A caller who waits for the gap already has the floor.
      return waitingFromMs === undefined ? [agentTurn(closedMs), []] : [state, []];
    default:
      return [state, []];
  }
}

function whileCallerSpeaks(
  state: TurnState & { phase: "caller-turn" },
  event: TurnEvent,
  settings: TurnRules,
): [TurnState, TurnOrder[]] {
  const { isSpeaking, isKeying } = state;
  switch (event.type) {
    case "speech-started":
      return [{ ...state, isSpeaking: true }, []];
    case "keys-began":
      return [{ ...state, isKeying: true }, []];
    case "speech-ended":
      return isKeying ? [{ ...state, isSpeaking: false }, []] : closeAt(event.streamMs);
    case "keys-ended":
      return isSpeaking ? [{ ...state, isKeying: false }, []] : closeAt(event.streamMs);
    case "frames-stopped":
      return closeAt(event.streamMs);
    case "frame-heard": {
      if (event.streamMs - state.openedMs < settings.longestActivityMs) return [state, []];
      const waitingFromMs = isSpeaking ? event.streamMs : undefined;
      return [{ ...listeningSince(event.streamMs), waitingFromMs }, [{ type: "close-activity" }]];
    }
    default:
      return [state, []];
  }
}

function whileAgentSpeaks(
  state: AgentTurn,
  event: TurnEvent,
  settings: TurnRules,
): [TurnState, TurnOrder[]] {
  const { closedMs, spokenFromMs, hasSetAside } = state;
  switch (event.type) {
    case "speech-started":
      // When it is to be decided, sounds are suspected first: what an echo says is no speech.
      if (settings.bargeIn === "decide") return [state, []];
      if (settings.bargeIn === "never") return [{ ...state, spokenFromMs: event.onsetMs }, []];
      return interrupt({ closedMs, fromMs: event.onsetMs, nowMs: event.streamMs }, settings);
    case "speech-ended":
    case "frames-stopped":
      if (spokenFromMs === undefined) return [state, []];
      return [
        { ...state, spokenFromMs: undefined, hasSetAside: true },
        [{ type: "set-aside", fromMs: spokenFromMs }],
      ];
    case "keys-began":
      return [
        keyingTurn(event),
        [
          { type: "clear-playout" },
          { type: "open-activity", fromMs: spokenFromMs ?? event.streamMs },
        ],
      ];
    case "voice-suspected":
      if (settings.bargeIn !== "decide") return [state, []];
      return [
        { ...state, phase: "held", onsetMs: event.onsetMs },
        [{ type: "hold-playout" }],
      ];
    case "playout-finished": {
      // Whoever speaks when the answer ends has the floor.
      if (spokenFromMs !== undefined) {
        return takeFloor({ closedMs, fromMs: spokenFromMs, nowMs: event.streamMs }, settings);
      }
      if (hasSetAside) return [listeningSince(event.streamMs), [{ type: "send-set-aside" }]];
      return [{ phase: "listening", closedMs, waitingFromMs: undefined }, []];
    }
    default:
      return [state, []];
  }
}

function whileHeld(
  state: TurnState & { phase: "held" },
  event: TurnEvent,
  settings: TurnRules,
): [TurnState, TurnOrder[]] {
  const { onsetMs, ...rest } = state;
  const { closedMs } = state;
  const resumed: AgentTurn = { ...rest, phase: "agent-turn" };
  switch (event.type) {
    case "voice-confirmed":
      return interrupt({ closedMs, fromMs: onsetMs, nowMs: event.streamMs }, settings);
    case "voice-dismissed":
      if (!event.isWordLike) return [resumed, [{ type: "resume-playout" }]];
      return [
        { ...resumed, hasSetAside: true },
        [{ type: "set-aside", fromMs: onsetMs }, { type: "resume-playout" }],
      ];
    case "keys-began":
      return [
        keyingTurn(event),
        [{ type: "clear-playout" }, { type: "open-activity", fromMs: onsetMs }],
      ];
    case "frames-stopped":
      return [resumed, [{ type: "resume-playout" }]];
    case "playout-finished":
      // The service broke the answer off: nothing is left to go on with, and the caller may have the floor.
      return takeFloor({ closedMs, fromMs: onsetMs, nowMs: event.streamMs }, settings);
    default:
      return [state, []];
  }
}

/** Drops the answer and gives the caller the floor. */
function interrupt(
  floor: { closedMs: number; fromMs: number; nowMs: number },
  settings: TurnRules,
): [TurnState, TurnOrder[]] {
  const [next, orders] = takeFloor(floor, settings);
  return [next, [{ type: "clear-playout" }, ...orders]];
}

/** Gives the caller the floor, at once or when the gap behind the last activity has passed. */
function takeFloor(
  floor: { closedMs: number; fromMs: number; nowMs: number },
  settings: TurnRules,
): [TurnState, TurnOrder[]] {
  const { closedMs, fromMs, nowMs } = floor;
  if (nowMs - closedMs < settings.activityGapMs) {
    return [{ phase: "listening", closedMs, waitingFromMs: fromMs }, []];
  }
  return [callerTurn(nowMs), [{ type: "open-activity", fromMs }]];
}

function closeAt(streamMs: number): [TurnState, TurnOrder[]] {
  return [listeningSince(streamMs), [{ type: "close-activity" }]];
}

function callerTurn(openedMs: number): TurnState & { phase: "caller-turn" } {
  return { phase: "caller-turn", openedMs, isSpeaking: true, isKeying: false };
}

function keyingTurn(event: TurnEvent & { type: "keys-began" }): TurnState {
  return { ...callerTurn(event.streamMs), isSpeaking: event.isSpeaking, isKeying: true };
}

function agentTurn(closedMs: number): AgentTurn {
  return { phase: "agent-turn", closedMs, spokenFromMs: undefined, hasSetAside: false };
}

function listeningSince(closedMs: number): TurnState & { phase: "listening" } {
  return { phase: "listening", closedMs, waitingFromMs: undefined };
}
