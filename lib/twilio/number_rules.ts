/**
 * Which numbers may be called. Pure; the code decides this, never a model.
 *
 * @module
 */

/** Why a number may not be called. */
export type NumberRefusal = "not-e164" | "satellite" | "premium" | "not-allowed";

/** A number in full, as it is dialled from anywhere: no spaces, no pauses, no letters, ASCII digits. */
const E164 = /^\+[1-9][0-9]{6,14}$/;

/**
 * Satellites, ships and networks of no country: +870 to +879 and +881 to +889, but +886, which is Taiwan. +880 is
 * Bangladesh.
 *
 * @see https://www.itu.int/pub/T-SP-E.164D
 */
const SATELLITE = /^\+(87|88[1-57-9])/;

/**
 * Numbers that cost more than a call: worldwide ones, then those of countries. It is no complete list of the latter: what
 * is called should be allowed by narrow prefixes.
 */
const PREMIUM: readonly RegExp[] = [
  /^\+(979|808|991|999)/,
  /^\+1(900|976)/,
  /^\+1\d{3}976/,
  /^\+44(9|87|84|70)/,
  /^\+49(900|137|18)/,
  /^\+33(89|8[12])/,
  /^\+34(80[3567]|90[5])/,
  /^\+39(89|16[46])/,
  /^\+(41|43)(90|93)/,
  /^\+31(90[069])/,
  /^\+61(19)/,
];

/**
 * Judges a number.
 *
 * @param allow Beginnings of numbers that may be called, such as `+49` or `+1415`, or whole numbers
 * @returns Why it may not be called; nothing if it may
 */
export function refuseNumber(number: string, allow: readonly string[]): NumberRefusal | undefined {
  if (!E164.test(number)) return "not-e164";
  if (SATELLITE.test(number)) return "satellite";
  if (PREMIUM.some((pattern) => pattern.test(number))) return "premium";
  return allow.some((prefix) => prefix !== "" && number.startsWith(prefix))
    ? undefined
    : "not-allowed";
}
