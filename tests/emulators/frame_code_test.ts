import { assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import { decodeMulaw, encodeMulaw } from "../../audio/mulaw.ts";
import { LINE_HZ, MODEL_INPUT_HZ, MODEL_OUTPUT_HZ } from "../../audio/rates.ts";
import { Downsampler3x, Upsampler2x } from "../../audio/resample.ts";
import { convertRate } from "../../audio/file_to_pcm.ts";
import { CODES, readFrameCodes, withFrameCodes } from "../../emulators/frame_code.ts";
import { agentLine, callerLine } from "../../emulators/speech.ts";

/** What the telephone leaves of samples at 8 kHz. */
function throughTelephone(pcm: Int16Array): Int16Array {
  const mulaw = new Uint8Array(pcm.length), heard = new Int16Array(pcm.length);
  encodeMulaw(pcm, mulaw);
  decodeMulaw(mulaw, heard);
  return heard;
}

/** Numbers that follow one another. */
function counted(first: number, length: number): number[] {
  return Array.from({ length }, (_, n) => (first + n) % CODES);
}

function inner<T>(values: readonly T[]): T[] {
  return values.slice(1, -2);
}

Deno.test("readFrameCodes() reads every number behind the telephone and the way to the model", () => {
  const voice = convertRate(callerLine("story").pcm16k, { fromHz: 16_000, toHz: LINE_HZ });
  const first = CODES - 100;
  const said = withFrameCodes(voice, { hz: LINE_HZ, first });
  const heard = new Upsampler2x().push(throughTelephone(said)).slice();
  const codes = readFrameCodes(heard, MODEL_INPUT_HZ);
  assertGreaterOrEqual(codes.length, 500);
  assertEquals(inner(codes), inner(counted(first, codes.length)));
});

Deno.test("readFrameCodes() reads every number behind the way to the telephone", () => {
  const spoken = withFrameCodes(agentLine("by-the-window").pcm24k, { hz: MODEL_OUTPUT_HZ });
  const heard = throughTelephone(new Downsampler3x().push(spoken).slice());
  const codes = readFrameCodes(heard, LINE_HZ);
  assertEquals(inner(codes), inner(counted(0, codes.length)));
});

Deno.test("readFrameCodes() tells which frames were lost, doubled or silent", () => {
  const said = withFrameCodes(new Int16Array(160 * 10), { hz: LINE_HZ, first: 7 });
  const frame = (n: number) => said.subarray(160 * n, 160 * (n + 1));
  const silent = new Int16Array(160);
  const line = [0, 1, 1, 3].map(frame).concat([silent, frame(9)]).flatMap((pcm) => [...pcm]);
  const codes = readFrameCodes(throughTelephone(Int16Array.from(line)), LINE_HZ);
  assertEquals(codes, [7, 8, 8, 10, undefined, 16]);
});

Deno.test("readFrameCodes() finds next to no number in speech and tones without", () => {
  const plain = [
    convertRate(callerLine("story").pcm16k, { fromHz: 16_000, toHz: LINE_HZ }),
    Int16Array.from({ length: 40_000 }, (_, i) => 8_000 * Math.sin(2 * Math.PI * 440 * i / 8_000)),
    new Int16Array(16_000),
  ];
  for (const pcm of plain) {
    const found = readFrameCodes(throughTelephone(pcm), LINE_HZ).filter((code) =>
      code !== undefined
    );
    assertLessOrEqual(found.length, 2);
  }
});
