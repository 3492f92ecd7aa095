import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertLessOrEqual,
} from "@std/assert";
import fc from "fast-check";
import { BANDS, FINE, FrameShapes } from "../../audio/frame_shape.ts";
import { framesOf, noise } from "../support/line_sounds.ts";
import { sine } from "./tones.ts";

/** Corners of the bands as the file states them. */
const CORNERS_HZ = [250, 400, 550, 750, 1_000, 1_300, 1_650, 2_050, 2_500, 3_000, 3_400];
const QUIETEST_DB = -80;

/** Shapes after the last frame of both directions. */
function shapesOf(caller: Int16Array, played: Int16Array): FrameShapes {
  const shapes = new FrameShapes();
  const others = framesOf(played);
  for (const frame of framesOf(caller)) shapes.push(frame, others.next().value);
  return shapes;
}

function tone(hz: number, dbfs: number): Int16Array {
  const amplitude = Math.SQRT2 * 10 ** (dbfs / 20);
  return sine(hz, { rateHz: 8_000, seconds: 0.2, amplitude });
}

function silence(): Int16Array {
  return new Int16Array(1_600);
}

/** Pulses like those of a voice: harmonics in step, the higher the softer. */
function pulses(hz: number): Int16Array {
  return Int16Array.from({ length: 1_600 }, (_, i) => {
    let sum = 0;
    for (let harmonic = 1; harmonic * hz < 3_400; harmonic++) {
      sum += 4_000 / harmonic * Math.cos(2 * Math.PI * harmonic * hz * i / 8_000);
    }
    return sum;
  });
}

function bandOf(hz: number): number {
  return CORNERS_HZ.findIndex((corner) => hz < corner) - 1;
}

function agreement(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] ?? NaN), 0);
}

Deno.test("FrameShapes separates two tones that are given at once", () => {
  const pairs = [[475, 1_500], [320, 3_200], [650, 2_250], [875, 1_475], [2_750, 325]] as const;
  for (const [callerHz, playedHz] of pairs) {
    for (const [callerDb, playedDb] of [[-6, -6], [-6, -46], [-46, -6]] as const) {
      const { caller, played } = shapesOf(tone(callerHz, callerDb), tone(playedHz, playedDb));
      const [callerBand, playedBand] = [bandOf(callerHz), bandOf(playedHz)];
      assertAlmostEquals(caller.levelDb, callerDb, 0.5);
      assertAlmostEquals(played.levelDb, playedDb, 0.5);
      assertAlmostEquals(caller.bandsDb[callerBand] ?? NaN, callerDb, 0.5);
      assertAlmostEquals(played.bandsDb[playedBand] ?? NaN, playedDb, 0.5);
      assertLess(caller.bandsDb[playedBand] ?? NaN, Math.min(callerDb, playedDb) - 20);
      assertLess(played.bandsDb[callerBand] ?? NaN, Math.min(callerDb, playedDb) - 20);
    }
  }
});

Deno.test("FrameShapes lets nothing of one direction into the other", () => {
  const loud = fc.record({ dbfs: fc.double({ min: -60, max: -6, noNaN: true }), seed: fc.nat() });
  fc.assert(fc.property(loud, loud, (one, other) => {
    const [a, b] = [noise(200, one), noise(200, other)];
    const both = shapesOf(a, b);
    const [callerAlone, playedAlone] = [shapesOf(a, silence()), shapesOf(silence(), b)];
    assertAlmostEquals(callerAlone.played.levelDb, QUIETEST_DB, 0.1);
    assertAlmostEquals(playedAlone.caller.levelDb, QUIETEST_DB, 0.1);
    for (let band = 0; band < BANDS; band++) {
      const [callerDb, playedDb] = [both.caller.bandsDb[band], both.played.bandsDb[band]];
      assertAlmostEquals(callerDb ?? NaN, callerAlone.caller.bandsDb[band] ?? NaN, 0.01);
      assertAlmostEquals(playedDb ?? NaN, playedAlone.played.bandsDb[band] ?? NaN, 0.01);
    }
    assertAlmostEquals(agreement(both.caller.fine, callerAlone.caller.fine), 1, 1e-6);
    assertAlmostEquals(agreement(both.played.fine, playedAlone.played.fine), 1, 1e-6);
    assertAlmostEquals(both.voicing, callerAlone.voicing, 1e-9);
  }));
});

Deno.test("FrameShapes does not take an offset or mains hum for sound", () => {
  const offset = new Int16Array(1_600).fill(3_000);
  const hum = tone(50, -20);
  for (const pcm of [offset, hum]) {
    const { caller } = shapesOf(pcm, silence());
    assertLess(caller.levelDb, -60);
  }
});

Deno.test("FrameShapes hears harmonics whatever their level, and tells two voices apart", () => {
  const voice = pulses(160);
  const soft = voice.map((sample) => sample / 10);
  const { caller, played } = shapesOf(voice, soft);
  assertEquals(caller.fine.length, FINE);
  assertAlmostEquals(Math.hypot(...caller.fine), 1, 1e-6);
  assertGreater(agreement(caller.fine, played.fine), 0.99);
  const other = shapesOf(pulses(190), silence());
  assertLess(Math.abs(agreement(caller.fine, other.caller.fine)), 0.4);
  assertLess(Math.hypot(...other.played.fine), 1e-6);
});

Deno.test("FrameShapes finds a pitch in pulses and none in noise", () => {
  for (const hz of [80, 100, 120, 160, 200, 250, 320, 390]) {
    assertGreater(shapesOf(pulses(hz), silence()).voicing, 0.9, `${hz} Hz`);
  }
  assertEquals(shapesOf(silence(), pulses(120)).voicing, 0);
  fc.assert(fc.property(fc.nat(), fc.integer({ min: -60, max: -10 }), (seed, dbfs) => {
    assertLessOrEqual(shapesOf(noise(200, { dbfs, seed }), silence()).voicing, 0.59);
  }));
});

Deno.test("FrameShapes forgets a sound within two frames", () => {
  const shapes = new FrameShapes();
  for (const frame of framesOf(pulses(120))) shapes.push(frame, frame);
  const quiet = new Int16Array(160);
  for (let n = 0; n < 2; n++) shapes.push(quiet, quiet);
  for (const shape of [shapes.caller, shapes.played]) {
    assertEquals(Math.round(shape.levelDb), QUIETEST_DB);
    assert(shape.bandsDb.every((db) => Math.round(db) === QUIETEST_DB));
  }
});
