import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { readServerMessage } from "../../lib/gemini/live_events.ts";
import barge from "../fixtures/gemini/live_2_5_barge_in.json" with { type: "json" };
import tool31 from "../fixtures/gemini/live_3_1_tool_turn.json" with { type: "json" };
import spoken38 from "../fixtures/gemini/live_3_8_spoken_turn.json" with { type: "json" };
import vertex from "../fixtures/gemini/vertex_2_5_tool_turn.json" with { type: "json" };

const RECORDED: readonly unknown[] = [...barge, ...tool31, ...spoken38, ...vertex];

Deno.test("readServerMessage() does not throw whatever it is given [G15]", () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true }), (message) => {
      readServerMessage(message);
    }),
    { numRuns: 2_000 },
  );
});

Deno.test("readServerMessage() gives whole events when a recorded message is spoilt anywhere [G15]", () => {
  fc.assert(
    fc.property(fc.constantFrom(...RECORDED), fc.nat(), fc.jsonValue(), (message, where, value) => {
      const { events } = readServerMessage(spoil(message, where, value));
      for (const event of events) {
        if (event.type === "agent-audio-received") assert(event.pcm.length > 0);
        if (event.type === "agent-words-received") assert(event.text.length > 0);
        if (event.type === "usage-reported") {
          const { promptKinds, responseKinds, ...tokens } = event.usage;
          const kinds = [promptKinds, responseKinds].flatMap((kind) => Object.values(kind ?? {}));
          for (const count of [...Object.values(tokens), ...kinds]) {
            assert(Number.isSafeInteger(count));
          }
        }
      }
    }),
    { numRuns: 4_000 },
  );
});

Deno.test("readServerMessage() never gives a thought as text", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ text: fc.string(), thought: fc.boolean() })), (parts) => {
      const { events } = readServerMessage({ serverContent: { modelTurn: { parts } } });
      const spoken = parts.filter(({ text, thought }) => text !== "" && !thought);
      assertEquals(
        events,
        spoken.map(({ text }) => ({ type: "agent-text-received", text })),
      );
    }),
    { numRuns: 1_000 },
  );
});

/** Puts a value in the place of the n-th node of a message, counted round. */
function spoil(message: unknown, where: number, value: unknown): unknown {
  const copy = { root: structuredClone(message) };
  const places: [holder: object, key: string][] = [];
  collect(copy, places);
  const [holder, key] = places[where % places.length] ?? [copy, "root"];
  Reflect.set(holder, key, value);
  return copy.root;
}

function collect(holder: object, places: [holder: object, key: string][]): void {
  for (const [key, value] of Object.entries(holder)) {
    places.push([holder, key]);
    if (typeof value === "object" && value !== null) collect(value, places);
  }
}
