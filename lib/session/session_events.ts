/**
 * What a session tells.
 *
 * @module
 */

import type { FunctionCall, ModelState, Usage } from "../call/model.ts";
import type { SessionError } from "./session_errors.ts";

/** How a session stands. `error` and, after `close()`, `disconnected` are for good. */
export type SessionStatus = ModelState;

/** A fact about a session, told apart by `type`. `docs/session.md` has the table. */
export type SessionEvent =
  /** The set-up is complete: the first time, with all memory, or anew with a recap. */
  | { type: "connected"; how: "new" | "resumed" | "fresh" }
  /** The connection is gone; of a code that there was none, it is absent. */
  | {
    type: "disconnected";
    code: number | undefined;
    reason: string;
    willRetry: boolean;
  }
  /** Something failed; unless another connection is tried, the session is over. */
  | { type: "error"; error: SessionError; willRetry: boolean }
  /** A piece of the answer's sound: samples at 24 kHz. */
  | { type: "audio"; pcm: Int16Array }
  /** A piece of the answer in writing. */
  | { type: "text"; text: string }
  /** A piece of what the answer's sound says. */
  | { type: "output-transcription"; text: string }
  /** A piece of what was heard. */
  | { type: "input-transcription"; text: string }
  /** The service heard speech begin or end; not every model says so. */
  | { type: "activity-started" }
  | { type: "activity-ended" }
  /** The answer was broken off: what is left of it is not to be played. */
  | { type: "interrupted" }
  /** All of the answer was sent. */
  | { type: "generation-complete" }
  /** The model's turn is over. */
  | { type: "turn-complete"; reason: string | undefined }
  /** The model asks for functions; the session's own tools are run beside. */
  | { type: "tool-call"; calls: readonly FunctionCall[] }
  /** Calls that nobody waits for any more: the model took them back, or their connection is gone. */
  | { type: "tool-call-cancellation"; ids: readonly string[] }
  /** What a turn cost. */
  | { type: "usage"; usage: Usage }
  /** Sources that an answer rests on. */
  | { type: "grounding"; grounding: Readonly<Record<string, unknown>> }
  /** The session is over; nothing more comes. */
  | { type: "closed" };

/** Takes facts of one type. */
export type SessionHandler<Type extends SessionEvent["type"]> = (
  event: Extract<SessionEvent, { type: Type }>,
) => void;
