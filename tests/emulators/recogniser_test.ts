import { assertEquals } from "@std/assert";
import { convertRate } from "../../audio/file_to_pcm.ts";
import { decodeMulaw, encodeMulaw } from "../../audio/mulaw.ts";
import { Upsampler2x } from "../../audio/resample.ts";
import { recogniseCaller } from "../../emulators/recogniser.ts";
import {
  AGENT_LINES,
  agentLine,
  type AgentLineName,
  CALLER_LINES,
  callerLine,
  type CallerLineName,
} from "../../emulators/speech.ts";

/** As it arrives over the telephone, with silence on both sides. */
function overThePhone(pcm16k: Int16Array, silenceMs: number): Int16Array {
  const padded = new Int16Array(pcm16k.length + 32 * silenceMs);
  padded.set(pcm16k, 16 * silenceMs);
  const line = convertRate(padded, { fromHz: 16_000, toHz: 8_000 });
  const mulaw = new Uint8Array(line.length);
  encodeMulaw(line, mulaw);
  decodeMulaw(mulaw, line);
  return new Upsampler2x().push(line);
}

for (const silenceMs of [0, 303, 507]) {
  Deno.test(`recogniseCaller() knows every line over the phone when ${silenceMs} ms of silence surround it`, () => {
    for (const [name, text] of Object.entries(CALLER_LINES)) {
      const { pcm16k } = callerLine(name as CallerLineName);
      assertEquals(recogniseCaller(overThePhone(pcm16k, silenceMs)), text);
    }
  });
}

Deno.test("recogniseCaller() knows no line when another is said, or none", () => {
  for (const name of Object.keys(AGENT_LINES) as AgentLineName[]) {
    const pcm = convertRate(agentLine(name).pcm24k, { fromHz: 24_000, toHz: 16_000 });
    assertEquals(recogniseCaller(pcm), "", name);
  }
  assertEquals(recogniseCaller(new Int16Array()), "");
  assertEquals(recogniseCaller(new Int16Array(32_000)), "");
});

Deno.test("recogniseCaller() knows no line when a quarter of it is missing, or two come together", () => {
  const { pcm16k } = callerLine("table");
  assertEquals(recogniseCaller(pcm16k.subarray(pcm16k.length / 4)), "");
  assertEquals(recogniseCaller(pcm16k.subarray(0, pcm16k.length * 3 / 4)), "");
  assertEquals(recogniseCaller(Int16Array.of(...pcm16k, ...callerLine("tomorrow").pcm16k)), "");
});
