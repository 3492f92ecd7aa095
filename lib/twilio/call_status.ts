/**
 * How far a call has come, by reports that may be doubled, late and in any order. Pure.
 *
 * @module
 */

/** Where each status stands; a call never goes back. */
const STEPS: Readonly<Record<string, number>> = {
  "queued": 0,
  "initiated": 1,
  "ringing": 2,
  "in-progress": 3,
  "completed": 4,
  "busy": 4,
  "failed": 4,
  "no-answer": 4,
  "canceled": 4,
};
const LAST_STEP = 4;

/** Whether a call of this status is over for good (twilio.com/docs/voice/api/call-resource). */
export function isFinal(status: string): boolean {
  return STEPS[status] === LAST_STEP;
}

/** How far one call has come. */
export class CallProgress {
  #status = "queued";

  /** The furthest status so far. */
  get status(): string {
    return this.#status;
  }

  /**
   * Takes a report.
   *
   * @returns Whether it is news: a status that nobody knows, an earlier one and the same one are not
   */
  take(status: string): boolean {
    if ((STEPS[status] ?? -1) <= (STEPS[this.#status] ?? 0)) return false;
    this.#status = status;
    return true;
  }
}
