import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { readFrame } from "../../lib/gemini/live_frames.ts";

const MESSAGE = `{\n  "serverContent": {\n    "generationComplete": true\n  }\n}\n`;
const bytes = new TextEncoder().encode(MESSAGE);

for (
  const [title, data] of [
    ["text", MESSAGE],
    ["bytes", bytes],
    ["bytes in the middle of a buffer", new Uint8Array([32, ...bytes, 0]).subarray(1, -1)],
    ["a buffer", bytes.buffer],
    ["bytes after a byte order mark", new Uint8Array([0xef, 0xbb, 0xbf, ...bytes])],
  ] as const
) {
  Deno.test(`readFrame() reads a message when it comes as ${title}`, () => {
    assertEquals(readFrame(data), {
      setupComplete: false,
      events: [{ type: "generation-completed" }],
      faults: [],
      unknown: [],
    });
  });
}

for (
  const [title, data, fault] of [
    ["not JSON", "<html>", "frame-not-json"],
    ["empty", "", "frame-not-json"],
    ["cut", MESSAGE.slice(0, -5), "frame-not-json"],
    ["no text", Uint8Array.of(0xff, 0xfe, 0x00), "frame-not-json"],
    ["of an unexpected kind", new Blob([MESSAGE]), "frame-not-json"],
    ["absent", undefined, "frame-not-json"],
    ["5 MB", new Uint8Array(5_000_000), "frame-too-large"],
    ["5 MB of text", `"${"x".repeat(5_000_000)}"`, "frame-too-large"],
    ["a bare number", "7", "message-not-an-object"],
    ["null", "null", "message-not-an-object"],
  ] as const
) {
  Deno.test(`readFrame() counts a frame that is ${title} [G15]`, () => {
    const { events, faults } = readFrame(data);
    assertEquals({ events, faults }, { events: [], faults: [fault] });
  });
}

Deno.test("readFrame() does not throw whatever it is given [G15]", () => {
  const frame = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.uint8Array({ maxLength: 300 }),
    fc.anything(),
  );
  fc.assert(fc.property(frame, (data) => void readFrame(data)), { numRuns: 2_000 });
});
