import { assertEquals, assertFalse } from "@std/assert";
import fc from "fast-check";
import { redact, type Redaction } from "../../lib/records/redaction.ts";

const ALL: readonly Redaction[] = ["digits", "cards", "emails"];

Deno.test("redact() takes out what it is told to and leaves the rest", () => {
  const cases: readonly [readonly Redaction[], string, string][] = [
    [["cards"], "my card is 4111 1111 1111 1111, thanks", "my card is [card], thanks"],
    [["cards"], "4111111111111111 12/27 123", "[card] 12/27 123"],
    [["cards"], "call 4111-1111-1111-1112", "call 4111-1111-1111-1112"],
    [["cards"], "378282246310005", "[card]"],
    [["cards"], "٤١١١ ١١١١ ١١١١ ١١١١", "[card]"],
    [["cards"], "room 12 at 9", "room 12 at 9"],
    [["digits"], "room 12, 4111", "room ##, ####"],
    [["digits"], "four one one, and one or two", "# # #, and one or two"],
    [["digits"], "+49 ８９ １", "+## ## #"],
    [["emails"], "write to anna.b+c@example.co.uk.", "write to [e-mail]."],
    [["emails"], "it is Anna at example dot co dot uk", "it is [e-mail]"],
    [["emails"], "meet me at noon", "meet me at noon"],
    [ALL, "a1@b2.org or 4111111111111111 or 7", "[e-mail] or [card] or #"],
    [[], "4111111111111111 a@b.c", "4111111111111111 a@b.c"],
  ];
  for (const [kinds, text, expected] of cases) assertEquals(redact(text, kinds), expected);
});

Deno.test("redact() keeps no half of what was cut in the middle", () => {
  const whole = "it is 4111 1111 1111 1111, of anna@example.org";
  const cut = (length: number) => redact(whole.slice(0, length), ["cards", "emails"], whole);
  assertEquals(cut(5), "it is");
  assertEquals(cut(8), "it is [card]");
  assertEquals(cut(20), "it is [card]");
  assertEquals(cut(27), "it is [card], ");
  assertEquals(cut(35), "it is [card], of [e-mail]");
});

/** A number with the digit of Luhn at its end. */
function withCheckDigit(digits: readonly number[]): string {
  const sum = digits.toReversed().reduce((total, digit, place) => {
    const doubled = place % 2 === 0 ? 2 * digit : digit;
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return [...digits, (10 - sum % 10) % 10].join("");
}

const words = fc.stringMatching(/^[a-z ]{0,20}$/);
const card = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 18 })
  .map(withCheckDigit);
const separators = fc.array(fc.constantFrom("", " ", "-", ". ", " - "), {
  minLength: 18,
  maxLength: 18,
});

Deno.test("redact() finds every card, whatever stands between its digits and beside it", () => {
  fc.assert(fc.property(words, card, separators, words, (before, number, gaps, after) => {
    const spoken = [...number].map((digit, at) => at === 0 ? digit : gaps[at - 1] + digit).join("");
    const kept = redact(`${before}: ${spoken}; ${after}`, ["cards"]);
    assertEquals(kept, `${before}: [card]; ${after}`);
  }));
});

Deno.test("redact() leaves no digit and no address of any text, and says the same twice", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
    const kept = redact(text, ALL);
    assertFalse(/\p{Nd}/u.test(kept), kept);
    assertEquals(redact(kept, ALL), kept);
  }));
  fc.assert(fc.property(words, fc.emailAddress(), words, (before, address, after) => {
    assertFalse(redact(`${before} ${address} ${after}`, ["emails"]).includes("@"));
  }));
});

Deno.test("redact() changes nothing in a text that has neither digits nor addresses", () => {
  fc.assert(fc.property(fc.stringMatching(/^[b-z ,.!?']{0,80}$/), (text) => {
    fc.pre(!/ dot |zero|oh|one|two|three|four|five|six|seven|eight|nine/.test(text));
    assertEquals(redact(text, ALL), text);
  }));
});

Deno.test("redact() takes what is heard of a text for a part of it, wherever it ends", () => {
  fc.assert(fc.property(words, card, words, fc.nat(60), (before, number, after, length) => {
    const whole = `${before} ${number} ${after}`;
    const heard = redact(whole.slice(0, length), ["cards"], whole);
    assertFalse(/\d/.test(heard), heard);
  }));
});
