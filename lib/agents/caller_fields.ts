/**
 * The fields of an agent file that say whose calls it takes.
 *
 * @module
 */

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
};
