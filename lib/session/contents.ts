/**
 * Turns as a program writes them, in any of their forms.
 *
 * @module
 */

import type { Content, Part } from "../gemini/live_content.ts";
import { pictureOf } from "./media_types.ts";
import { InvalidMessageError } from "./session_errors.ts";

/** One text of the user, one turn, or several in order. */
export type Turns = string | Content | readonly (string | Content)[];

const KINDS = ["text", "inlineData", "functionCall", "functionResponse"] as const;

/**
 * The turns, each in its full form.
 *
 * @throws {InvalidMessageError} If there is none, a role is unknown, or a part is not exactly one of text, `inlineData` with a
 * picture, `functionCall` and `functionResponse`
 */
export function contentsOf(turns: Turns): Content[] {
  const list = Array.isArray(turns) ? turns as readonly (string | Content)[] : [turns as Content];
  if (list.length === 0) throw wrong("turns", "at least one");
  return list.map((turn, n) =>
    typeof turn === "string"
      ? { role: "user", parts: [{ text: turn }] }
      : checked(turn, `turns.${n}`)
  );
}

function checked({ role, parts }: Content, field: string): Content {
  if (role !== "user" && role !== "model") throw wrong(`${field}.role`, '"user" or "model"');
  if (!Array.isArray(parts) || parts.length === 0) throw wrong(`${field}.parts`, "at least one");
  return { role, parts: parts.map((part: Part, n) => checkedPart(part, `${field}.parts.${n}`)) };
}

function checkedPart(part: Part, field: string): Part {
  const kinds = KINDS.filter((kind) => kind in part);
  if (kinds.length !== 1) throw wrong(field, `exactly one of ${KINDS.join(", ")}`);
  if (!("inlineData" in part)) return part;
  return { inlineData: pictureOf(part.inlineData, `${field}.inlineData`) };
}

function wrong(field: string, expected: string): InvalidMessageError {
  return new InvalidMessageError(`Cannot send: ${field}: expected ${expected}`, { field });
}
