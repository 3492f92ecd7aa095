/**
 * How the emulator says no.
 *
 * @module
 */

/** A client broke a rule; the socket closes with this code and reason. */
export class Refusal extends Error {
  /** Name of the class. */
  override readonly name = "Refusal";
  /** Close code. */
  readonly code: number;
  /** Text of the close frame, in Google's words. */
  readonly reason: string;

  /**
   * A refusal to be thrown.
   *
   * @param code Close code
   * @param reason Text of the close frame, in Google's words
   * @param detail What was wrong, where Google's words do not say it
   */
  constructor(code: number, reason: string, detail?: string) {
    super(detail === undefined ? reason : `${reason} (${detail})`);
    this.code = code;
    this.reason = reason;
  }
}

/**
 * A message came at a moment when it must not.
 *
 * @param why Which rule it broke
 */
export function outOfPlace(why: string): Refusal {
  return new Refusal(1007, "Precondition check failed", why);
}

/**
 * A value is wrong.
 *
 * @param why Which, and how
 */
export function invalid(why: string): Refusal {
  return new Refusal(1007, "Request contains an invalid argument.", why);
}
