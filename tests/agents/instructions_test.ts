import { assertEquals, assertNotMatch } from "@std/assert";
import fc from "fast-check";
import { agentFor, fillIn, unknownVariables } from "../../lib/agents/instructions.ts";
import { AGENT } from "../support/scenario.ts";

const VALUES = { caller: "+15551234567", called: "+15557654321", time: "Monday, 9:00" };

Deno.test("fillIn() puts a value in every place of its variable", () => {
  assertEquals(
    fillIn("{{caller}} called {{called}} on {{time}}; call {{caller}} back", VALUES),
    "+15551234567 called +15557654321 on Monday, 9:00; call +15551234567 back",
  );
});

Deno.test("fillIn() leaves alone what is no variable", () => {
  for (const text of ["", "{caller}", "{{ caller }}", "{{name}}", "{{}}", "}}{{", "$& $1 {{"]) {
    assertEquals(fillIn(text, VALUES), text);
  }
});

Deno.test("fillIn() takes values for data when they hold braces or patterns", () => {
  const values = { ...VALUES, caller: "{{time}}{{caller}}", called: "$& $1 $$" };
  assertEquals(fillIn("{{caller}} {{called}}", values), "{{time}}{{caller}} $& $1 $$");
});

Deno.test("fillIn() takes out of values what cannot be seen", () => {
  const caller = "a\r\nb\tc\u0000d\u001b[31me\u2028f\u202eg\u0085h\ud800i";
  assertEquals(fillIn("<{{caller}}>", { ...VALUES, caller }), "<abcd[31mefghi>");
});

Deno.test("fillIn() cuts values at 100 characters, none of them in half", () => {
  assertEquals(fillIn("{{caller}}", { ...VALUES, caller: "😀".repeat(101) }), "😀".repeat(100));
});

Deno.test("fillIn() gives one line of at most 100 characters whatever the value", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 300 }), (caller) => {
      const filled = fillIn("{{caller}}", { ...VALUES, caller });
      assertNotMatch(filled, /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      assertEquals(filled.length <= 200 && [...filled].length <= 100, true);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("unknownVariables() names what stands in double braces and means nothing", () => {
  assertEquals(unknownVariables("{{caller}} {{called}} {{time}} {x} {{"), []);
  assertEquals(unknownVariables("{{name}} {{caller}} {{ time }} {{}}"), ["name", " time ", ""]);
});

Deno.test("agentFor() fills in all texts: its own values, those of the order before them, and the call's before all", () => {
  const agent = {
    ...AGENT,
    variables: { shop: "Corner", name: "you", caller: "nobody" },
    instructions: "{{shop}} for {{name}}, {{caller}}, {{time}}",
    greeting: "Hello {{name}}.",
    outbound: {
      allow: ["+1"],
      callsPerHour: 20,
      ringSeconds: 30,
      voicemail: { message: "This is {{shop}} for {{name}}." },
    },
  };
  const filled = agentFor(agent, {
    ...{ caller: "+15550001111", called: "+15550002222", epochMs: Date.UTC(2026, 10, 21, 9, 30) },
    others: { name: "Ada {{shop}}" },
  });
  assertEquals(filled.instructions, "Corner for Ada {{shop}}, +15550001111, 2026-11-21 09:30 UTC");
  assertEquals(filled.greeting, "Hello Ada {{shop}}.");
  assertEquals(filled.outbound?.voicemail, { message: "This is Corner for Ada {{shop}}." });
  const hangsUp = { ...agent, outbound: { ...agent.outbound, voicemail: "hang-up" as const } };
  const facts = { caller: "", called: "", epochMs: 0 };
  assertEquals(agentFor(hangsUp, facts).outbound?.voicemail, "hang-up");
  assertEquals(agentFor(AGENT, facts).outbound, undefined);
});
