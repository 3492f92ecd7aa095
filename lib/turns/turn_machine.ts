/**
 * Whose turn it is.
 *
 * The machine is in one of four phases. While *listening* nobody holds the floor. In the *caller's turn* an activity is
 * open and everything the caller says goes to the model. In the *agent's turn* the line plays an answer. While *held*
 * the line is silent and the answer waits, because the caller has made a sound and it is not clear yet what it means.
 *
 * The caller may take the floor at any time, by speech or by keys: the answer is dropped and an activity is opened. It
 * is closed when neither is going on any more. The agent gets the floor by starting to play, which cannot happen in the
 * caller's turn, because an answer that comes then belongs to the turn before and is not played. Only a service that
 * finds the turns itself may end the caller's turn by its answer.
 *
 * What the caller says without taking the floor is not lost: it is set aside, and reaches the model as a turn of its own
 * when the answer is over, or in front of the next turn.
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
 * Whose turn it is; while held, `onsetMs` is where the sound began.
 */
export type TurnState =
  | { phase: "listening" }
  | { phase: "caller-turn"; openedMs: number; isSpeaking: boolean; isKeying: boolean }
  | AgentTurn
  | (Omit<AgentTurn, "phase"> & { phase: "held"; onsetMs: number });

/** The line plays an answer. */
export interface AgentTurn {
  /** Tells it from the other states. */
  phase: "agent-turn";
  /** Since when the caller speaks without taking the floor. */
  spokenFromMs: number | undefined;
  /** Whether something was said that the model does not know. */
  hasSetAside: boolean;
}

/** Nobody has spoken yet. */
export const NOBODYS_TURN: TurnState = { phase: "listening" };

const AGENTS_TURN: AgentTurn = {
  phase: "agent-turn",
  spokenFromMs: undefined,
  hasSetAside: false,
};

/** Advances turn-taking by one event; one out of place changes nothing. */
export function step(
  state: TurnState,
  event: TurnEvent,
  rules: TurnRules,
): [TurnState, TurnOrder[]] {
  switch (state.phase) {
    case "listening":
      return whileListening(state, event);
    case "caller-turn":
      return whileCallerSpeaks(state, event, rules);
    case "agent-turn":
      return whileAgentSpeaks(state, event, rules);
    case "held":
      return whileHeld(state, event);
    default:
      return state satisfies never;
  }
}

function whileListening(state: TurnState, event: TurnEvent): [TurnState, TurnOrder[]] {
  switch (event.type) {
    case "speech-started":
      return takeFloor(event.streamMs, event.onsetMs);
    case "keys-began":
      return takeFloorByKeys(event, event.streamMs);
    case "playout-started":
      return [AGENTS_TURN, []];
    default:
      return [state, []];
  }
}

function whileCallerSpeaks(
  state: TurnState & { phase: "caller-turn" },
  event: TurnEvent,
  rules: TurnRules,
): [TurnState, TurnOrder[]] {
  const { isSpeaking, isKeying, openedMs } = state;
  switch (event.type) {
    case "speech-started":
      return [{ ...state, isSpeaking: true }, []];
    case "keys-began":
      return [{ ...state, isKeying: true }, []];
    case "speech-ended":
      return isKeying ? [{ ...state, isSpeaking: false }, []] : close();
    case "keys-ended":
      return isSpeaking ? [{ ...state, isKeying: false }, []] : close();
    case "frames-stopped":
      return close();
    case "playout-started":
      // A service that finds the turns itself may take this one to be over before it is found to be so here.
      return rules.automatic ? [AGENTS_TURN, []] : [state, []];
    case "frame-heard": {
      if (event.streamMs - openedMs < rules.longestActivityMs) return [state, []];
      if (!isSpeaking) return close();
      const [next, orders] = takeFloor(event.streamMs, event.streamMs);
      return [next, [{ type: "close-activity" }, ...orders]];
    }
    default:
      return [state, []];
  }
}

function whileAgentSpeaks(
  state: AgentTurn,
  event: TurnEvent,
  rules: TurnRules,
): [TurnState, TurnOrder[]] {
  const { spokenFromMs, hasSetAside } = state;
  switch (event.type) {
    case "speech-started":
      // When it is to be decided, sounds are suspected first: what an echo says is no speech.
      if (rules.bargeIn === "decide") return [state, []];
      if (rules.bargeIn === "never") return [{ ...state, spokenFromMs: event.onsetMs }, []];
      return interrupt(takeFloor(event.streamMs, event.onsetMs));
    case "speech-ended":
    case "frames-stopped":
      if (spokenFromMs === undefined) return [state, []];
      return [
        { ...state, spokenFromMs: undefined, hasSetAside: true },
        [{ type: "set-aside", fromMs: spokenFromMs }],
      ];
    case "keys-began":
      return interrupt(takeFloorByKeys(event, spokenFromMs ?? event.streamMs));
    case "voice-suspected":
      if (rules.bargeIn !== "decide") return [state, []];
      return [{ ...state, phase: "held", onsetMs: event.onsetMs }, [{ type: "hold-playout" }]];
    case "playout-finished":
      // Whoever speaks when the answer ends has the floor.
      if (spokenFromMs !== undefined) return takeFloor(event.streamMs, spokenFromMs);
      return [NOBODYS_TURN, hasSetAside ? [{ type: "send-set-aside" }] : []];
    default:
      return [state, []];
  }
}

function whileHeld(
  state: TurnState & { phase: "held" },
  event: TurnEvent,
): [TurnState, TurnOrder[]] {
  const { onsetMs, ...rest } = state;
  const resumed: AgentTurn = { ...rest, phase: "agent-turn" };
  switch (event.type) {
    case "voice-confirmed":
      return interrupt(takeFloor(event.streamMs, onsetMs));
    case "voice-dismissed":
      if (!event.isWordLike) return [resumed, [{ type: "resume-playout" }]];
      return [
        { ...resumed, hasSetAside: true },
        [{ type: "set-aside", fromMs: onsetMs }, { type: "resume-playout" }],
      ];
    case "keys-began":
      return interrupt(takeFloorByKeys(event, onsetMs));
    case "frames-stopped":
      return [resumed, [{ type: "resume-playout" }]];
    case "playout-finished":
      // The service broke the answer off: nothing is left to go on with, and the caller may have the floor.
      return takeFloor(event.streamMs, onsetMs);
    default:
      return [state, []];
  }
}

/** Drops the answer before the caller gets the floor. */
function interrupt(
  [state, orders]: [TurnState, TurnOrder[]],
): [TurnState, TurnOrder[]] {
  return [state, [{ type: "clear-playout" }, ...orders]];
}

function takeFloor(nowMs: number, fromMs: number): [TurnState, TurnOrder[]] {
  return [
    { phase: "caller-turn", openedMs: nowMs, isSpeaking: true, isKeying: false },
    [{ type: "open-activity", fromMs }],
  ];
}

function takeFloorByKeys(
  { streamMs, isSpeaking }: TurnEvent & { type: "keys-began" },
  fromMs: number,
): [TurnState, TurnOrder[]] {
  return [
    { phase: "caller-turn", openedMs: streamMs, isSpeaking, isKeying: true },
    [{ type: "open-activity", fromMs }],
  ];
}

function close(): [TurnState, TurnOrder[]] {
  return [NOBODYS_TURN, [{ type: "close-activity" }]];
}
