/**
 * When and how to connect again: the policy of a conversation that outlives its connections. Pure; time and chance are
 * given.
 *
 * A handle is kept until a newer one comes. One that is refused, or that the service answers twice with a failure, is
 * forgotten, and the conversation begins anew with a recap. A wrong key or model ends it at once.
 *
 * @module
 */

import type { ModelError } from "../call/model.ts";

/** What follows a failure. */
export type NextStep =
  /** Connect at this time, with the handle that is kept. */
  | { readonly type: "connect"; readonly atMs: number }
  | { readonly type: "give-up" };

/** What is known of the moment of a failure. */
export interface Moment {
  /** The time, monotonic. */
  readonly nowMs: number;
  /** 0 to 1, drawn for this failure. */
  readonly chance: number;
}

/** Tries to get back a connection that was lost, unless told otherwise. */
const MOST_TRIES = 5;
/** Failures in a row by which the service says that it will not have what we send. */
const MOST_INVALID = 3;
/** Failures in a row for want of quota. */
const MOST_QUOTA = 2;
/** Answered failures on one handle until it is given up. */
const MOST_HANDLE_FAILURES = 2;
/** No first attempt begins later than this: with its time-out of 3 s it is over within 8 s. */
const FIRST_ATTEMPTS_MS = 5_000;
const BACK_OFF_MS = 1_000;
const LONGEST_BACK_OFF_MS = 30_000;
/** A connection that lived so long was a good one. */
const STABLE_MS = 10_000;
/** No close frame: the line broke, and nothing is known of the handle. */
const ABNORMAL_CLOSURE = 1006;

/** Decides when and how to connect again. */
export class Resumption {
  readonly #openedAtMs: number;
  readonly #mostTries: number;
  #handle: string | undefined;
  #connectedAtMs: number | undefined;
  #wasConnected = false;
  /** Whether the connection, or the attempt, goes by the handle. */
  #isResuming: boolean;
  /** Whether the model did anything on the connection that is up. */
  #hasWorked = false;
  /** Attempts since the last good connection. */
  #tries = 0;
  #invalid = 0;
  #quota = 0;
  #handleFailures = 0;

  /** Begins with a first attempt, by a handle if there is one. */
  constructor(
    begin: { nowMs: number; handle: string | undefined },
    { mostReconnects = MOST_TRIES }: { mostReconnects?: number | undefined } = {},
  ) {
    this.#openedAtMs = begin.nowMs;
    this.#mostTries = mostReconnects;
    this.#handle = begin.handle;
    this.#isResuming = begin.handle !== undefined;
  }

  /** What to connect with. */
  get handle(): string | undefined {
    return this.#handle;
  }

  /** The service gave a handle, or said that there is none at the moment. */
  update(handle: string | undefined): void {
    if (handle === undefined) return;
    this.#handle = handle;
    this.#handleFailures = 0;
  }

  /** The handle leads nowhere. */
  forget(): void {
    this.#handle = undefined;
    this.#handleFailures = 0;
  }

  /** A connection is set up. */
  connected(nowMs: number): void {
    this.#connectedAtMs = nowMs;
    this.#wasConnected = true;
    this.#hasWorked = false;
  }

  /** The model does its work: past failures count no more. */
  worked(): void {
    this.#hasWorked = true;
    this.#tries =
      this.#invalid =
      this.#quota =
      this.#handleFailures =
        0;
  }

  /**
   * The connection is left on purpose, for another one at once.
   *
   * @param isMissed Whether an answer is missed. If nothing came since it was resumed, the handle is at fault
   */
  left(isMissed: boolean): void {
    if (this.#isResuming && isMissed && !this.#hasWorked) this.forget();
    this.#connectedAtMs = undefined;
    this.#isResuming = this.#handle !== undefined;
  }

  /** An attempt failed, or the connection was lost. */
  failed(error: ModelError, moment: Moment): NextStep {
    const { nowMs } = moment;
    const wasLost = this.#connectedAtMs !== undefined;
    if (wasLost && nowMs - (this.#connectedAtMs ?? nowMs) >= STABLE_MS) this.worked();
    this.#connectedAtMs = undefined;
    const waitMs = this.#waitMs(error, { wasLost, chance: moment.chance });
    this.#isResuming = this.#handle !== undefined;
    this.#hasWorked = false;
    if (waitMs === undefined) return { type: "give-up" };
    const atMs = nowMs + waitMs;
    const isTooLate = !this.#wasConnected && atMs > this.#openedAtMs + FIRST_ATTEMPTS_MS;
    return isTooLate ? { type: "give-up" } : { type: "connect", atMs };
  }

  /** How long to wait; absent: for ever. */
  #waitMs(error: ModelError, how: { wasLost: boolean; chance: number }): number | undefined {
    const wasResuming = this.#isResuming;
    switch (error.kind) {
      case "authentication":
      case "model-not-found":
        return undefined;
      case "quota":
        this.#quota++;
        return this.#quota < MOST_QUOTA ? jittered(BACK_OFF_MS, how.chance) : undefined;
      case "invalid-argument":
        this.#invalid++;
        this.forget();
        if (wasResuming || how.wasLost) return this.#invalid < MOST_INVALID ? 0 : undefined;
        if (!this.#wasConnected || this.#invalid >= MOST_INVALID) return undefined;
        return this.#backOffMs(how.chance);
      case "unavailable":
        if (wasResuming && !this.#hasWorked) this.#handleFailed(error);
        return this.#backOffMs(how.chance);
      default:
        return error.kind satisfies never;
    }
  }

  #handleFailed({ closeCode }: ModelError): void {
    if (closeCode === undefined || closeCode === ABNORMAL_CLOSURE) return;
    this.#handleFailures++;
    if (this.#handleFailures >= MOST_HANDLE_FAILURES) this.forget();
  }

  /** At once, then 1, 2, 4 s and so on. */
  #backOffMs(chance: number): number | undefined {
    const tries = this.#tries++;
    if (tries >= this.#mostTries) return undefined;
    if (tries === 0) return 0;
    return jittered(Math.min(LONGEST_BACK_OFF_MS, BACK_OFF_MS * 2 ** (tries - 1)), chance);
  }
}

/** A quarter more or less, so that calls that lost their model together do not come back together. */
function jittered(ms: number, chance: number): number {
  return Math.min(LONGEST_BACK_OFF_MS, ms * (0.75 + chance / 2));
}
