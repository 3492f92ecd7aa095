/**
 * What goes wrong in a session of a program, each kind by its own class.
 *
 * @module
 */

import type { ModelError } from "../call/model.ts";

/** A word that a program may compare. */
export type SessionErrorCode =
  | "authentication_failed"
  | "rate_limit_exceeded"
  | "rate_limited"
  | "invalid_message"
  | "model_not_found"
  | "not_connected"
  | "session_closed"
  | "turn_timed_out"
  | "unavailable";

/** Something went wrong in a session. The message holds no secret and nothing that anybody said. */
export class SessionError extends Error {
  /** Tells it from other errors. */
  override name = "SessionError";
  /** Which kind it is. */
  readonly code: SessionErrorCode;
  /** Whether the same may succeed later. */
  readonly retryable: boolean;

  /** Describes one failure. */
  constructor(
    code: SessionErrorCode,
    message: string,
    options: { retryable?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** The key, or what stands for it, was refused: `authentication_failed`. */
export class AuthenticationError extends SessionError {
  /** Tells it from other errors. */
  override name = "AuthenticationError";

  /** Says what to check. */
  constructor(why: string, cause?: unknown) {
    super("authentication_failed", `${why}; check GEMINI_API_KEY`, { cause });
  }
}

/** Too much was asked for: of the service, `rate_limit_exceeded`, or by our own limit, `rate_limited`. */
export class RateLimitError extends SessionError {
  /** Tells it from other errors. */
  override name = "RateLimitError";
  /** When there is room again, by our own limit; absent: the service does not say. */
  readonly retryAfterMs: number | undefined;

  /** Says whose limit it was. */
  constructor(
    code: "rate_limit_exceeded" | "rate_limited",
    message: string,
    options: { retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(code, message, { retryable: true, cause: options.cause });
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** A message, or the setup, is wrong: `invalid_message`. It was not sent, or the service refused it. */
export class InvalidMessageError extends SessionError {
  /** Tells it from other errors. */
  override name = "InvalidMessageError";
  /** Which field is wrong; absent where the service did not say. */
  readonly field: string | undefined;

  /** Says what was expected of a field. */
  constructor(message: string, options: { field?: string; cause?: unknown } = {}) {
    super("invalid_message", message, { cause: options.cause });
    this.field = options.field;
  }
}

/** There is no connection at the moment: `not_connected`. */
export class NotConnectedError extends SessionError {
  /** Tells it from other errors. */
  override name = "NotConnectedError";

  /** Says what could not be done. */
  constructor(what: string) {
    super("not_connected", `Cannot ${what}: there is no connection`, { retryable: true });
  }
}

/** The session is closed, or was never opened: `session_closed`. */
export class SessionClosedError extends SessionError {
  /** Tells it from other errors. */
  override name = "SessionClosedError";

  /** Says what could not be done. */
  constructor(what: string) {
    super("session_closed", `Cannot ${what}: the session is closed`);
  }
}

/** What a failure of the model means to a program. */
export function toSessionError(error: ModelError): SessionError {
  const { kind, message, retryable } = error;
  switch (kind) {
    case "authentication":
      return new AuthenticationError(message, error);
    case "quota":
      return new RateLimitError("rate_limit_exceeded", message, { cause: error });
    case "invalid-argument":
      return new InvalidMessageError(message, { cause: error });
    case "model-not-found":
      return new SessionError("model_not_found", message, { cause: error });
    case "unavailable":
      return new SessionError("unavailable", message, { retryable, cause: error });
    default:
      return kind satisfies never;
  }
}
