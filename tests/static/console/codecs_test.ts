import { assertEquals, assertLessOrEqual } from "@std/assert";
import { decodeMulaw, encodeMulaw } from "../../../audio/mulaw.ts";
import { bytesToPcm } from "../../../audio/pcm.ts";
import { fromBase64, toBase64 } from "../../../static/console/base64.js";
import * as mulaw from "../../../static/console/mulaw.js";
import * as pcm from "../../../static/console/pcm.js";

const EVERY_VALUE = Int16Array.from({ length: 65_536 }, (_, n) => n - 32_768);
const AS_FLOATS = Float32Array.from(EVERY_VALUE, (value) => value / 32_768);

Deno.test("the page's mu-law is the server's, for every value and every byte", () => {
  const ours = new Uint8Array(EVERY_VALUE.length);
  encodeMulaw(EVERY_VALUE, ours);
  assertEquals(mulaw.encode(AS_FLOATS), ours);
  const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
  const decoded = new Int16Array(256);
  decodeMulaw(bytes, decoded);
  assertEquals(mulaw.decode(bytes), Float32Array.from(decoded, (value) => value / 32_768));
});

Deno.test("the page's PCM is the gateway's to one step, and what is too loud is cut", () => {
  for (const [n, value] of bytesToPcm(pcm.encode(AS_FLOATS)).entries()) {
    assertLessOrEqual(Math.abs(value - (EVERY_VALUE[n] ?? 0)), 1);
  }
  assertEquals([...bytesToPcm(pcm.encode(Float32Array.of(2, -2)))], [32_767, -32_767]);
  const floats = pcm.decode(pcm.encode(Float32Array.of(0.5, -0.25, 0)));
  assertLessOrEqual(Math.abs((floats[0] ?? 0) - 0.5), 1 / 32_767);
  assertLessOrEqual(Math.abs((floats[1] ?? 0) + 0.25), 1 / 32_767);
});

Deno.test("bytes of any length and value go to base64 and back", () => {
  for (const length of [0, 1, 2, 3, 160, 8_192, 20_000]) {
    const bytes = Uint8Array.from({ length }, (_, n) => n * 31);
    assertEquals(toBase64(bytes), bytes.toBase64());
    assertEquals(fromBase64(toBase64(bytes)), bytes);
  }
});
