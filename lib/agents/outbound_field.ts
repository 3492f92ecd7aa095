/**
 * How an agent calls people, as its file says it.
 *
 * @module
 */

import { z } from "zod";

/**
 * The field `outbound` of an agent file.
 *
 * @internal
 */
export const outboundField = z.strictObject({
  allow: z.array(
    z.string().regex(/^\+[1-9][0-9]{0,14}$/, "expected + and 1 to 15 digits, such as +49 or +1415"),
    "expected a list of beginnings of numbers",
  ).min(1, "expected at least one").max(200, "expected at most 200")
    .describe("Beginnings of numbers that it may call, such as +49 or +1415, or whole numbers"),
  from: z.string().regex(/^\+[1-9][0-9]{6,14}$/, "expected a number such as +15551234567")
    .optional().describe("The number that is shown: one of the account's own"),
  callsPerHour: wholeNumber(1, 10_000).default(20)
    .describe("Most calls that it places within an hour"),
  ringSeconds: wholeNumber(5, 600).default(30).describe("How long it lets the telephone ring"),
  voicemail: z.union([
    z.literal("hang-up"),
    z.strictObject({ message: z.string().min(1).max(1_000) }),
  ], 'expected "hang-up" or {"message": "..."}').default("hang-up")
    .describe(
      "What it does when a machine answers: hang up, or say this behind the beep; variables are filled in",
    ),
}, { error: (issue) => issue.code === "unrecognized_keys" ? "unknown field" : undefined })
  .optional().describe("How it calls people; absent: it does not");

function wholeNumber(low: number, high: number) {
  const expected = `expected a whole number from ${low} to ${high}`;
  return z.int(expected).min(low, expected).max(high, expected);
}
