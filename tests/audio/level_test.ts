import { assertAlmostEquals, assertEquals } from "@std/assert";
import { levelDbfs } from "../../audio/level.ts";
import { sine } from "./tones.ts";

Deno.test("levelDbfs() measures tones and square waves", () => {
  const cases: [name: string, pcm: Int16Array, dbfs: number][] = [
    ["full-scale square", Int16Array.of(32_767, -32_767), 0],
    ["half-scale square", Int16Array.of(16_384, -16_384), -6.02],
    ["full-scale sine", sine(1_000, { rateHz: 8_000, amplitude: 0.9999 }), -3.01],
    ["sine 40 dB down", sine(1_000, { rateHz: 8_000, amplitude: 0.01 }), -43.01],
    ["one step", Int16Array.of(1, -1), -90.31],
  ];
  for (const [name, pcm, dbfs] of cases) assertAlmostEquals(levelDbfs(pcm), dbfs, 0.01, name);
});

Deno.test("levelDbfs() is -Infinity for silence and for nothing", () => {
  assertEquals(levelDbfs(new Int16Array(160)), -Infinity);
  assertEquals(levelDbfs(new Int16Array(0)), -Infinity);
});
