import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  LARGEST_RESPONSE_BYTES,
  toolOutput,
  type ToolResponse,
} from "../../lib/tools/tool_output.ts";

const sizeOf = (response: ToolResponse) =>
  new TextEncoder().encode(JSON.stringify(response)).length;

Deno.test("toolOutput() passes on what JSON can hold", () => {
  const value = { seats: 4, at: ["19:00", "21:00"], note: null, isOutside: false };
  assertEquals(toolOutput(value), { output: value });
  assertEquals(toolOutput(undefined), { output: null });
  assertEquals(toolOutput("done"), { output: "done" });
});

Deno.test("toolOutput() says in a word what JSON cannot hold [F03]", () => {
  const circular: Record<string, unknown> = { name: "loop" };
  circular.self = circular;
  assertEquals(toolOutput(circular).output, { name: "loop", self: "[circular]" });
  assertEquals(toolOutput({ big: 12n }).output, { big: "12" });
  assertEquals(toolOutput({ raw: new Uint8Array(7) }).output, { raw: "[7 bytes]" });
  assertEquals(toolOutput([NaN, Infinity]).output, ["NaN", "Infinity"]);
  assertEquals(toolOutput({ run: () => 1, not: undefined, why: new TypeError("secret") }).output, {
    why: "[TypeError]",
  });
  assertEquals(toolOutput(new Map([["a", new Set([1])]])).output, { a: [1] });
  const hostile = { toString: 0n };
  assertEquals(toolOutput(new Map([[hostile, 1]])).output, [[{ toString: "0" }, 1]]);
  assertEquals(toolOutput(new Date(0)).output, "1970-01-01T00:00:00.000Z");
});

Deno.test("toolOutput() of a value that stands in itself twice, but not within itself, is whole", () => {
  const shared = { price: 3 };
  assertEquals(toolOutput({ first: shared, second: shared }).output, {
    first: shared,
    second: shared,
  });
});

Deno.test("toolOutput() shortens what is too much to valid JSON of 16 KiB at most [F03]", () => {
  let deep: unknown = "bottom";
  for (let depth = 0; depth < 5_000; depth++) deep = { deep };
  const cases: readonly unknown[] = [
    "x".repeat(1_000_000),
    "\u0000".repeat(200_000),
    "😀".repeat(200_000),
    Array.from({ length: 100_000 }, (_, n) => n),
    Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`field ${n}`, "y".repeat(40)])),
    Array.from({ length: 300 }, () => ({ text: "z".repeat(5_000) })),
    deep,
  ];
  for (const value of cases) {
    const response = toolOutput(value);
    assert(sizeOf(response) <= LARGEST_RESPONSE_BYTES, `${sizeOf(response)} bytes`);
    assertEquals(JSON.parse(JSON.stringify(response)), response);
    if (value !== deep) assertEquals(response.truncated, true);
  }
});

Deno.test("toolOutput() gives JSON of bounded size for anything", () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withTypedArray: true, withMap: true }), (value) => {
      const response = toolOutput(value);
      assert(sizeOf(response) <= LARGEST_RESPONSE_BYTES);
      assertEquals(JSON.parse(JSON.stringify(response)), response);
    }),
    { numRuns: 1_000 },
  );
});
