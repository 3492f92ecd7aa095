/**
 * What Twilio calls things, and what it says of a call in every request.
 *
 * @module
 */

/**
 * A new name.
 *
 * @param prefix What it names: `CA` a call, `MZ` a stream
 * @returns 34 characters
 */
export function newSid(prefix: "CA" | "MZ"): string {
  return prefix + randomHex();
}

/** The parameters that come with every request about a call, but for `CallStatus`. */
export function callParameters(
  callSid: string,
  call: {
    readonly accountSid: string;
    readonly direction: "inbound" | "outbound-api";
    readonly from: string;
    readonly to: string;
  },
): Record<string, string> {
  const { accountSid, direction, from, to } = call;
  const always = {
    AccountSid: accountSid,
    ApiVersion: "2010-04-01",
    CallSid: callSid,
    Called: to,
    Caller: from,
    Direction: direction,
    From: from,
    To: to,
  };
  if (direction === "outbound-api") return { ...always, ...placeOf("To"), ...placeOf("Called") };
  const token = JSON.stringify({ parentCallInfoToken: randomHex() });
  return {
    ...always,
    CallToken: encodeURIComponent(token),
    StirVerstat: "TN-Validation-Passed-A",
    ...placeOf("From"),
    ...placeOf("Caller"),
    ...placeOf("To"),
    ...placeOf("Called"),
  };
}

/** A moment as Twilio writes it where it is not ISO 8601. */
export function rfc2822(epochMs: number): string {
  return new Date(epochMs).toUTCString().replace("GMT", "+0000");
}

/** Where a number is from; some of it is known, some is empty. */
function placeOf(whose: "From" | "To" | "Caller" | "Called"): Record<string, string> {
  return {
    [`${whose}City`]: "",
    [`${whose}State`]: "CA",
    [`${whose}Zip`]: "",
    [`${whose}Country`]: "US",
  };
}

function randomHex(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toHex();
}
