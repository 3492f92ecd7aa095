/**
 * Keys that the caller presses, collected to what they mean together: they are complete at the end key, when enough
 * have come, or when no further one has come for a while.
 *
 * Times are those of one monotonic clock and come in with the events; nothing here waits or measures.
 *
 * @module
 */

/** When keys are complete. */
export interface DigitSettings {
  /** The key that ends an entry and does not belong to it; empty: none. */
  readonly endKey: string;
  /** Time without a further key after which an entry is complete. */
  readonly timeoutMs: number;
  /** Keys that make an entry complete by their number. */
  readonly mostDigits: number;
}

/** Keys so far, and when the last was pressed. */
export interface DigitState {
  /** Keys so far. */
  readonly digits: string;
  /** When the last was pressed. */
  readonly lastMs: number;
}

/** No key was pressed yet. */
export const NO_DIGITS: DigitState = { digits: "", lastMs: 0 };

/**
 * Takes a key.
 *
 * @returns The keys that still wait, and the entry if it is complete
 */
export function pressDigit(
  state: DigitState,
  key: { digit: string; nowMs: number },
  settings: DigitSettings,
): [DigitState, string | undefined] {
  const isEnd = key.digit === settings.endKey;
  const digits = isEnd ? state.digits : state.digits + key.digit;
  if (isEnd || digits.length >= settings.mostDigits) {
    // The end key alone says something too: "none".
    return [NO_DIGITS, digits === "" ? key.digit : digits];
  }
  return [{ digits, lastMs: key.nowMs }, undefined];
}

/**
 * Time has passed.
 *
 * @returns The keys that still wait, and the entry if it is complete
 */
export function waitForDigit(
  state: DigitState,
  nowMs: number,
  settings: DigitSettings,
): [DigitState, string | undefined] {
  const isComplete = state.digits !== "" && nowMs - state.lastMs >= settings.timeoutMs;
  return isComplete ? [NO_DIGITS, state.digits] : [state, undefined];
}
