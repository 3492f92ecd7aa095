/**
 * The fields of an agent file that say whose calls it takes, and what is kept of them.
 *
 * @module
 */

import { z } from "zod";
import { phoneNumbers, section, wholeNumber } from "./file_fields.ts";

/**
 * The fields.
 *
 * @internal
 */
export const CALLER_FIELDS = {
  callers: section({
    allow: phoneNumbers().optional().describe("Nobody else is let in"),
    deny: phoneNumbers().default([]).describe("They are not let in"),
    rate: section({
      calls: wholeNumber(1, 1_000),
      minutes: wholeNumber(1, 1_440),
    }).optional().describe("How often one caller may call; without it as often as they like"),
  }).prefault({}).describe("Whose calls it takes"),
  records: section({
    transcript: z.boolean("expected true or false").default(true)
      .describe("Whether what was said is kept"),
    keepDays: wholeNumber(1, 3_650).default(30).describe("For how long records are kept"),
  }).prefault({}).describe("What is kept of its calls"),
};
