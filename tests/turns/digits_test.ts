import { assertEquals } from "@std/assert";
import { NO_DIGITS, pressDigit, waitForDigit } from "../../lib/turns/digits.ts";

const SETTINGS = { endKey: "#", timeoutMs: 3_000, mostDigits: 6 };

/** Presses keys half a second apart and gives the entries. */
function press(keys: string, settings = SETTINGS): { entries: string[]; rest: string } {
  const entries: string[] = [];
  let state = NO_DIGITS;
  for (const [n, digit] of [...keys].entries()) {
    const [next, entry] = pressDigit(state, { digit, nowMs: n * 500 }, settings);
    state = next;
    if (entry !== undefined) entries.push(entry);
  }
  return { entries, rest: state.digits };
}

Deno.test("pressDigit() completes an entry at the end key, which does not belong to it", () => {
  assertEquals(press("12*#4"), { entries: ["12*"], rest: "4" });
});

Deno.test("pressDigit() completes an entry when enough keys were pressed", () => {
  assertEquals(press("1234567"), { entries: ["123456"], rest: "7" });
});

Deno.test("pressDigit() gives the end key when it was pressed alone", () => {
  assertEquals(press("#"), { entries: ["#"], rest: "" });
});

Deno.test("pressDigit() knows no end key when there is none", () => {
  assertEquals(press("1#2", { ...SETTINGS, endKey: "" }), { entries: [], rest: "1#2" });
});

Deno.test("waitForDigit() completes an entry when no further key comes", () => {
  const [state] = pressDigit(NO_DIGITS, { digit: "7", nowMs: 1_000 }, SETTINGS);
  assertEquals(waitForDigit(state, 3_999, SETTINGS), [state, undefined]);
  assertEquals(waitForDigit(state, 4_000, SETTINGS), [NO_DIGITS, "7"]);
  assertEquals(waitForDigit(NO_DIGITS, 99_000, SETTINGS), [NO_DIGITS, undefined]);
});
