import { assert, assertEquals, assertGreater, assertLess, assertStrictEquals } from "@std/assert";
import { readWav } from "../../audio/wav.ts";
import {
  AGENT_LINES,
  agentLine,
  type AgentLineName,
  CALLER_LINES,
  callerLine,
  type CallerLineName,
  speechFile,
} from "../../emulators/speech.ts";

const CALLER = Object.keys(CALLER_LINES) as CallerLineName[];
const AGENT = Object.keys(AGENT_LINES) as AgentLineName[];

/** Longest time below -45 dBFS between two sounds. */
function longestPauseMs(pcm: Int16Array, hz: number): number {
  const block = hz / 100;
  let silent = 0;
  let longest = 0;
  for (let at = 0; at + block <= pcm.length; at += block) {
    const energy = pcm.subarray(at, at + block).reduce((sum, sample) => sum + sample ** 2, 0);
    const isSilent = 10 * Math.log10(energy / block / 32_768 ** 2) < -45;
    silent = isSilent ? silent + 10 : 0;
    longest = Math.max(longest, silent);
  }
  return longest;
}

Deno.test("callerLine() gives every line at 16 kHz with no pause that ends a turn", () => {
  for (const name of CALLER) {
    const { text, pcm16k } = callerLine(name);
    assertEquals(text, CALLER_LINES[name]);
    assertEquals(readWav(Deno.readFileSync(speechFile("caller", name))).hz, 16_000);
    assertLess(longestPauseMs(pcm16k, 16_000), 350, name);
  }
});

Deno.test("callerLine() gives lines of the lengths that calls need", () => {
  const seconds = (name: CallerLineName) => callerLine(name).pcm16k.length / 16_000;
  for (const name of ["table", "tomorrow", "window", "goodbye", "wait"] as const) {
    assert(seconds(name) > 1.5 && seconds(name) < 4, name);
  }
  assert(seconds("story") > 11 && seconds("story") < 13);
  assertLess(seconds("stop"), 0.6);
});

Deno.test("agentLine() gives every line at 24 kHz, one of them long", () => {
  for (const name of AGENT) {
    const { text, pcm24k } = agentLine(name);
    assertEquals(text, AGENT_LINES[name]);
    assertEquals(readWav(Deno.readFileSync(speechFile("agent", name))).hz, 24_000);
    assertGreater(pcm24k.length, 24_000 * 0.4);
  }
  assertGreater(agentLine("by-the-window").pcm24k.length, 24_000 * 7.5);
});

Deno.test("agentLine() loads a recording once", () => {
  assertStrictEquals(agentLine("greeting").pcm24k, agentLine("greeting").pcm24k);
});
