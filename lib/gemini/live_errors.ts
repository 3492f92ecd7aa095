/**
 * What a failure of Gemini Live means. The service reports nearly everything by the close frame of the socket, and
 * uses a few close codes for many causes, so the text decides first and the code only where the text is silent.
 *
 * @module
 */

import { ModelError, type ModelErrorKind } from "../call/model.ts";

/** A failure as it was seen. */
export interface LiveFailure {
  /** WebSocket close code, where there was one. */
  readonly closeCode?: number | undefined;
  /** Answer to the upgrade request, where it was not 101. */
  readonly httpStatus?: number | undefined;
  /** What was said about it; may be empty or cut (a close frame holds 123 bytes). Free of secrets. */
  readonly text: string;
}

interface Verdict {
  readonly kind: ModelErrorKind;
  /** Where it differs from what the kind says. */
  readonly retryable?: boolean;
}

/** The first pattern that matches decides. */
const BY_TEXT: readonly [RegExp, Verdict][] = [
  [/resource has been exhausted|resource_exhausted|quota/i, { kind: "quota" }],
  [
    /is not found for API version|not supported for bidiGenerateContent|^(?=.*\bmodel\b).*not found/i,
    { kind: "model-not-found" },
  ],
  [
    /\bAPI[ _]key\b|unregistered callers|permission.denied|unauthenticated|default credentials/i,
    { kind: "authentication" },
  ],
  // Passes once the handle is left out.
  [/invalid session handle/i, { kind: "invalid-argument", retryable: true }],
  // Both close working connections now and then, and a fresh one works.
  [/operation is not implemented|CONTENT_TYPE_AUDIO/i, { kind: "unavailable" }],
];

const INVALID_CLOSE_CODES = [1002, 1003, 1007, 1009, 1010];

/**
 * Says what a failure means.
 *
 * @param failure What was seen
 * @returns An error whose message is `failure.text` with what it happened to
 */
export function classify(failure: LiveFailure): ModelError {
  const { closeCode, httpStatus, text } = failure;
  const verdict = BY_TEXT.find(([pattern]) => pattern.test(text))?.[1] ?? byNumber(failure);
  const number = httpStatus !== undefined
    ? ` with HTTP ${httpStatus}`
    : closeCode !== undefined
    ? ` with close code ${closeCode}`
    : "";
  const why = text.trim().replace(/\.$/, "") || "no reason given";
  return new ModelError(verdict.kind, `Model connection failed${number}: ${why}`, {
    ...(closeCode === undefined ? {} : { closeCode }),
    ...(verdict.retryable === undefined ? {} : { retryable: verdict.retryable }),
  });
}

function byNumber({ closeCode, httpStatus }: LiveFailure): Verdict {
  if (httpStatus === 401 || httpStatus === 403) return { kind: "authentication" };
  if (httpStatus === 404) return { kind: "model-not-found" };
  if (httpStatus === 429) return { kind: "quota" };
  if (httpStatus === 408 || httpStatus === undefined || httpStatus >= 500) {
    const invalid = closeCode !== undefined && INVALID_CLOSE_CODES.includes(closeCode);
    return { kind: invalid ? "invalid-argument" : "unavailable" };
  }
  return { kind: "invalid-argument" };
}

/**
 * Takes secrets out of a text before it goes into an error or a log.
 *
 * @param secrets What must not be seen; empty ones are passed over. Values of `key=` and `access_token=` in URLs and
 * of `Bearer` go whatever they are, because the SDK puts the key into its URL and may find it in the environment itself
 */
export function scrub(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret !== "") clean = clean.replaceAll(secret, "***");
  }
  return clean
    .replace(/(key|access_token)=[^&#\s"']+/gi, "$1=***")
    .replace(/\b(bearer) [^\s"']+/gi, "$1 ***");
}

/** Whatever kept us from a connection, as the failure of one. */
export function toModelError(cause: unknown): ModelError {
  if (cause instanceof ModelError) return cause;
  return new ModelError("unavailable", "Cannot connect to the model: unknown fault", { cause });
}
