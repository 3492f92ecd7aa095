import { assertEquals, assertInstanceOf } from "@std/assert";
import { readSettings, SettingsError } from "../lib/env.ts";

/** What is wrong with these variables in dev. */
function linesOf(env: Readonly<Record<string, string>>): readonly string[] {
  try {
    readSettings(env, "dev");
    return [];
  } catch (error) {
    assertInstanceOf(error, SettingsError);
    return error.lines;
  }
}

Deno.test("readSettings() dials the fallback number in a full house unless told otherwise, and needs one for that", () => {
  const number = { FALLBACK_NUMBER: "+15551234567" };
  assertEquals(readSettings(number, "dev").fullHouse, "dial");
  assertEquals(readSettings({ ...number, FULL_HOUSE: "say" }, "dev").fullHouse, "say");
  assertEquals(linesOf({ FULL_HOUSE: "dial" }), [
    "FALLBACK_NUMBER: is missing; expected the number to dial, because FULL_HOUSE is dial",
  ]);
  assertEquals(linesOf({ FULL_HOUSE: "loud" }), [
    "FULL_HOUSE: is invalid; expected say, dial or reject",
  ]);
});
