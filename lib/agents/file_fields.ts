/**
 * The kinds of fields that an agent file has, each with a message that says what is expected.
 *
 * @module
 */

import { z } from "zod";

/** A number in E.164, as agent files have it. */
export const E164: RegExp = /^\+[1-9]\d{6,14}$/;

/**
 * An object that has these fields and no others.
 *
 * @internal
 */
export function section<Fields extends z.ZodRawShape>(
  fields: Fields,
): z.ZodObject<Fields, z.core.$strict> {
  const unknown = `unknown; known are ${Object.keys(fields).join(", ")}`;
  return z.strictObject(fields, {
    error: ({ code }) => code === "unrecognized_keys" ? unknown : "expected an object",
  });
}

/**
 * A number within bounds.
 *
 * @internal
 */
export function number(low: number, high: number): z.ZodNumber {
  const error = `expected a number from ${low} to ${high}`;
  return z.number(error).min(low, error).max(high, error);
}

/**
 * A whole number within bounds.
 *
 * @internal
 */
export function wholeNumber(low: number, high: number): z.ZodInt {
  const error = `expected a whole number from ${low} to ${high}`;
  return z.int(error).min(low, error).max(high, error);
}

/**
 * A text of a certain form.
 *
 * @internal
 */
export function text(pattern: RegExp, expected: string): z.ZodString {
  const error = `expected ${expected}`;
  return z.string(error).regex(pattern, error);
}

/**
 * One of some words.
 *
 * @internal
 */
export function choice<const Words extends readonly [string, ...string[]]>(
  ...words: Words
): z.ZodEnum<{ [Word in Words[number]]: Word }> {
  const listed = [words.slice(0, -1).join(", "), words.at(-1)].filter(Boolean).join(" or ");
  return z.enum(words, `expected ${listed}`);
}

/**
 * Something short that is spoken as it stands.
 *
 * @internal
 */
export function sentence(): z.ZodString {
  return text(/\S/, "a sentence").max(500, "expected at most 500 characters");
}

/**
 * A telephone number.
 *
 * @internal
 */
export function phoneNumber(): z.ZodString {
  return text(E164, "a number in E.164, such as +15551234567");
}

/**
 * Several telephone numbers.
 *
 * @internal
 */
export function phoneNumbers(): z.ZodArray<z.ZodString> {
  return z.array(phoneNumber(), "expected a list of numbers in E.164");
}

/**
 * Text as a content of the API has it.
 *
 * @internal
 */
export interface LinesContent {
  /** Whose it is. */
  role?: "user" | undefined;
  /** Its parts, a line each. */
  parts: { text: string }[];
}

/**
 * Text, or a list of its lines, or a content as the API has it: `{"parts": [{"text": "..."}]}`.
 *
 * @internal
 */
export function lines(longest: number): z.ZodType<string, string | string[] | LinesContent> {
  const error = `expected 1 to ${longest} characters, or a list of lines`;
  const parts = z.array(z.strictObject({ text: z.string() })).min(1);
  const content = z.strictObject({ role: z.literal("user").optional(), parts });
  return z.union([z.string(), z.array(z.string()), content], error)
    .transform((given) => linesOf(given).join("\n").trim())
    .pipe(z.string().min(1, error).max(longest, error));
}

function linesOf(
  given: string | readonly string[] | { readonly parts: readonly { readonly text: string }[] },
): readonly string[] {
  if (typeof given === "string") return [given];
  return "parts" in given ? given.parts.map(({ text }) => text) : given;
}
