/**
 * The fields of an agent file that say what is kept of its calls.
 *
 * @module
 */

import { z } from "zod";
import type { RecordRules } from "./agent_config.ts";
import { choice, section, wholeNumber } from "./file_fields.ts";

/**
 * The fields.
 *
 * @internal
 */
export const RECORD_FIELDS = {
  records: section({
    transcript: z.boolean("expected true or false").default(true)
      .describe("Whether what was said is kept"),
    redact: z.array(choice("digits", "cards", "emails"), "expected a list").default([])
      .describe("What is taken out of it before: every digit, numbers of cards, e-mail addresses"),
    keepDays: wholeNumber(1, 3_650).default(30)
      .describe("For how long records and recordings are kept"),
    recording: z.boolean("expected true or false").default(false)
      .describe("Whether the sound of calls is kept"),
    recordingNotice: z.string("expected a text").max(500, "expected at most 500 characters")
      .default("This call is recorded.")
      .describe("What a caller who is recorded hears first; empty: nothing"),
  }).prefault({}).describe("What is kept of its calls"),
};

/** What the agent says first: that it records, if it does and says so. */
export function announced(greeting: string, { recording, recordingNotice }: RecordRules): string {
  return recording && recordingNotice !== "" ? `${recordingNotice} ${greeting}` : greeting;
}
