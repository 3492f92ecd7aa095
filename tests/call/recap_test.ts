import { assert, assertEquals, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import { recap } from "../../lib/call/recap.ts";
import type { TranscriptEntry } from "../../lib/records/call_record.ts";

function said(lines: number, words = "some words of no great weight"): TranscriptEntry[] {
  return Array.from({ length: lines }, (_, n) => ({
    party: n % 2 === 0 ? "agent" : "caller",
    startMs: n * 1_000,
    text: `line ${n}: ${words}`,
  }));
}

Deno.test("recap() is empty while nothing was said", () => {
  assertEquals(recap([]), "");
  assertEquals(recap([{ party: "caller", startMs: 0, text: "" }]), "");
});

Deno.test("recap() tells word for word what fits, as it was heard, and asks for no greeting and no reply [G12]", () => {
  const told = recap([
    { party: "agent", startMs: 0, text: "Hello. How can I help?", heardText: "Hello." },
    { party: "caller", startMs: 900, text: "A table for two." },
  ]);
  const [heading, ...lines] = told.split("\n");
  assertEquals(lines, ["You: Hello.", "Caller: A table for two."]);
  assertStringIncludes(heading ?? "", "Do not greet again");
});

Deno.test("recap() over its budget keeps the newest half word for word and marks one summary of the rest", () => {
  const lines = said(200);
  const [, summary = "", ...kept] = recap(lines, { budgetTokens: 1_000 }).split("\n");
  assert(summary.startsWith("[Summary"));
  assertLessOrEqual(summary.length, 400);
  assertEquals(kept.at(-1), `Caller: ${lines.at(-1)?.text}`);
  assertLessOrEqual(kept.join("\n").length / 4, 900);
  const half = recap(lines, { budgetTokens: 1_900 }).split("\n").slice(2).join("\n").length;
  const share = half / recap(lines).length;
  assert(share > 0.48 && share < 0.52, `${share} of it`);
});

Deno.test("recap() stays within its budget however much was said", () => {
  for (const budgetTokens of [200, 1_000, 32_000]) {
    const told = recap(said(5_000), { budgetTokens });
    assertLessOrEqual(told.length / 4, budgetTokens + 60, `budget ${budgetTokens}`);
  }
});
