/**
 * Whose turn it is.
 *
 * The machine is in one of three phases. While *listening* nobody holds the floor. In the *caller's turn* an activity
 * is open and everything the caller says goes to the model. In the *agent's turn* the line plays an answer. The caller
 * may always take the floor: the answer is cleared and an activity is opened. The agent gets it by starting to play,
 * which cannot happen in the caller's turn, because an answer that comes then belongs to the turn before and is not
 * played.
 *
 * An activity that follows another at once can be lost by the service, so one that would come too soon waits: the
 * machine remembers that the caller is speaking and opens it when the gap has passed. The audio waits in the pre-roll.
 *
 * Media time comes in with the events; nothing here waits or measures.
 *
 * @module
 */

import type { TurnSettings } from "./turn_settings.ts";

/** Facts that bear on whose turn it is; `streamMs` is media time and never runs backwards. */
export type TurnEvent =
  /** The caller was found to be speaking, from `onsetMs` on. */
  | { type: "speech-started"; streamMs: number; onsetMs: number }
  /** The caller was found to have finished. */
  | { type: "speech-ended"; streamMs: number }
  /** No frames come any more. */
  | { type: "frames-stopped"; streamMs: number }
  /** A frame was heard: time has passed. */
  | { type: "frame-heard"; streamMs: number }
  /** The line plays an answer. */
  | { type: "playout-started"; streamMs: number }
  /** The line has played all there is. */
  | { type: "playout-finished"; streamMs: number };

/** What the call must do, first to last. */
export type TurnOrder =
  /** Drop what the line has not played, and whatever else comes of that answer. */
  | { type: "clear-playout" }
  /** Tell the model that the caller speaks, and send what was said from `fromMs` on. */
  | { type: "open-activity"; fromMs: number }
  /** Tell the model that the caller has finished. */
  | { type: "close-activity" };

/** Whose turn it is. `waitingFromMs`: the caller speaks, and the activity waits for its gap. */
export type TurnState =
  | { phase: "listening"; closedMs: number; waitingFromMs: number | undefined }
  | { phase: "caller-turn"; openedMs: number }
  | { phase: "agent-turn"; closedMs: number };

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
  settings: TurnSettings,
): [TurnState, TurnOrder[]] {
  switch (state.phase) {
    case "listening":
      return whileListening(state, event, settings);
    case "caller-turn":
      return whileCallerSpeaks(state, event, settings);
    case "agent-turn":
      return whileAgentSpeaks(state, event, settings);
    default:
      return state satisfies never;
  }
}

function whileListening(
  state: TurnState & { phase: "listening" },
  event: TurnEvent,
  settings: TurnSettings,
): [TurnState, TurnOrder[]] {
  const { closedMs, waitingFromMs } = state;
  switch (event.type) {
    case "speech-started":
      return takeFloor({ closedMs, fromMs: event.onsetMs, nowMs: event.streamMs }, settings);
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
      return waitingFromMs === undefined ? [{ phase: "agent-turn", closedMs }, []] : [state, []];
    case "playout-finished":
      return [state, []];
    default:
      return event satisfies never;
  }
}

function whileCallerSpeaks(
  state: TurnState & { phase: "caller-turn" },
  event: TurnEvent,
  settings: TurnSettings,
): [TurnState, TurnOrder[]] {
  switch (event.type) {
    case "speech-ended":
    case "frames-stopped":
      return [listeningSince(event.streamMs), [{ type: "close-activity" }]];
    case "frame-heard":
      if (event.streamMs - state.openedMs < settings.longestActivityMs) return [state, []];
      return [
        { ...listeningSince(event.streamMs), waitingFromMs: event.streamMs },
        [{ type: "close-activity" }],
      ];
    case "speech-started":
    case "playout-started":
    case "playout-finished":
      return [state, []];
    default:
      return event satisfies never;
  }
}

function whileAgentSpeaks(
  state: TurnState & { phase: "agent-turn" },
  event: TurnEvent,
  settings: TurnSettings,
): [TurnState, TurnOrder[]] {
  const { closedMs } = state;
  switch (event.type) {
    case "speech-started": {
      const [next, orders] = takeFloor(
        { closedMs, fromMs: event.onsetMs, nowMs: event.streamMs },
        settings,
      );
      return [next, [{ type: "clear-playout" }, ...orders]];
    }
    case "playout-finished":
      return [{ phase: "listening", closedMs, waitingFromMs: undefined }, []];
    case "speech-ended":
    case "frames-stopped":
    case "frame-heard":
    case "playout-started":
      return [state, []];
    default:
      return event satisfies never;
  }
}

/** Gives the caller the floor, at once or when the gap behind the last activity has passed. */
function takeFloor(
  floor: { closedMs: number; fromMs: number; nowMs: number },
  settings: TurnSettings,
): [TurnState, TurnOrder[]] {
  const { closedMs, fromMs, nowMs } = floor;
  if (nowMs - closedMs < settings.activityGapMs) {
    return [{ phase: "listening", closedMs, waitingFromMs: fromMs }, []];
  }
  return [{ phase: "caller-turn", openedMs: nowMs }, [{ type: "open-activity", fromMs }]];
}

function listeningSince(closedMs: number): TurnState & { phase: "listening" } {
  return { phase: "listening", closedMs, waitingFromMs: undefined };
}
