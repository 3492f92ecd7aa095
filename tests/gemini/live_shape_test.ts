import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { unknownFields } from "../../lib/gemini/live_shape.ts";

for (
  const [message, unknown] of [
    [{ newThing: { a: 1 } }, ["newThing"]],
    [{ serverContent: { mood: "calm", interrupted: true } }, ["serverContent.mood"]],
    [{
      serverContent: { modelTurn: { parts: [{ text: "a" }, { fileData: {} }, { fileData: 1 }] } },
    }, [
      "serverContent.modelTurn.parts[].fileData",
    ]],
    [{ goAway: { timeLeft: 50 } }, ["goAway.timeLeft=number"]],
    [{ goAway: "soon" }, ["goAway=string"]],
    [{ serverContent: [] }, ["serverContent=array"]],
    [{ toolCall: { functionCalls: {} } }, ["toolCall.functionCalls=object"]],
    [{ toolCall: { functionCalls: [{ id: "a", name: "b", args: { anything: [1] } }] } }, []],
    [{ serverContent: null, usageMetadata: undefined }, []],
    [{ usageMetadata: { promptTokenCount: "12" } }, ["usageMetadata.promptTokenCount=string"]],
    [{ voiceActivity: { type: "ACTIVITY_START" } }, []],
    [JSON.parse(`{"__proto__":{"a":1},"constructor":1}`), ["__proto__", "constructor"]],
    ["text", ["=string"]],
  ]
) {
  Deno.test(`unknownFields() lists ${JSON.stringify(unknown)} when told ${JSON.stringify(message)}`, () => {
    assertEquals(unknownFields(message), unknown);
  });
}

Deno.test("unknownFields() lists no value, little of a long name, and at most 16 names [G15]", () => {
  const name = fc.string({ minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(fc.dictionary(name, fc.constant("SECRET VALUE"), { maxKeys: 60 }), (message) => {
      const unknown = unknownFields({ serverContent: message });
      assert(unknown.length <= 16);
      for (const field of unknown) {
        assert(field.length <= "serverContent".length + 40);
        assert(!field.includes("SECRET VALUE"));
      }
    }),
    { numRuns: 1_000 },
  );
});
