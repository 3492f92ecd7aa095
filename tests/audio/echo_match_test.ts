import { assert, assertEquals, assertGreater, assertLess, assertLessOrEqual } from "@std/assert";
import { EchoMatch, type EchoView } from "../../audio/echo_match.ts";
import { FrameShapes } from "../../audio/frame_shape.ts";
import { framesOf, noise, spoken, throughMulaw } from "../support/line_sounds.ts";

/** What is known after a frame, and how loud it was. */
interface Look extends EchoView {
  readonly endMs: number;
  readonly callerDb: number;
}

const AGENT_LINES = ["by-the-window", "table-is-free", "greeting", "which-day", "goodbye"];
const CALLER_LINES = ["story", "table", "tomorrow", "window", "wait", "goodbye"];
/** A frame this far above the noise sounds. */
const SOUNDING_ABOVE_DB = 8;
/** An echo has at least this likeness, or stays at what is known of it. */
const LIKE = 0.35;
const KNOWN_EXCESS_DB = 4;
/** Agent speech that shows an echo, and speech that shows how loud it is. */
const FOUND_MS = 1_000;
const LEARNT_MS = 1_300;

/** Follows a call; the noise is known. */
function follow(caller: Int16Array, options: { played: Int16Array; noiseDb?: number }): Look[] {
  const { played, noiseDb = -68 } = options;
  const [shapes, echo] = [new FrameShapes(), new EchoMatch()];
  const looks: Look[] = [];
  const others = framesOf(played);
  for (const frame of framesOf(caller.subarray(0, played.length))) {
    shapes.push(frame, others.next().value);
    const callerDb = shapes.caller.levelDb;
    echo.push(shapes.caller, shapes.played, callerDb > noiseDb + SOUNDING_ABOVE_DB);
    looks.push({ ...echo.view, endMs: 20 * (looks.length + 1), callerDb });
  }
  return looks;
}

function echoOf(played: Int16Array, { delayMs, db }: { delayMs: number; db: number }): Int16Array {
  const gain = 10 ** (db / 20);
  return Int16Array.from(played, (_, i) => gain * (played[i - delayMs * 8] ?? 0));
}

function mixed(one: Int16Array, other: Int16Array): Int16Array {
  return throughMulaw(one.map((sample, i) => sample + (other[i] ?? 0)));
}

function certainAtMs(looks: readonly Look[]): number {
  return looks.find(({ isCertain }) => isCertain)?.endMs ?? Infinity;
}

function isTakenForEcho({ likeness, excessDb }: Look): boolean {
  return likeness >= LIKE || excessDb < KNOWN_EXCESS_DB;
}

Deno.test("EchoMatch finds the echo of an answer within a second, whatever its delay and level", () => {
  for (const name of ["by-the-window", "table-is-free", "greeting"]) {
    const played = spoken("agent", name);
    for (const delayMs of [20, 37, 60, 150, 205, 300]) {
      for (const db of [-10, -20, -30, -40]) {
        const which = `${name}, ${delayMs} ms, ${db} dB`;
        const looks = follow(throughMulaw(echoOf(played, { delayMs, db })), { played });
        assertLessOrEqual(certainAtMs(looks), FOUND_MS, which);
        const sounding = looks.filter(({ endMs, callerDb }) => endMs > LEARNT_MS && callerDb > -60);
        const found = sounding.filter(isTakenForEcho);
        assertGreater(found.length / sounding.length, 0.9, which);
      }
    }
  }
});

Deno.test("EchoMatch finds an echo that a room has coloured and smeared", () => {
  const played = spoken("agent", "by-the-window");
  const room = [[80, -18], [83, -22], [91, -25], [104, -28], [130, -34]] as const;
  const caller = room.map(([delayMs, db]) => echoOf(played, { delayMs, db })).reduce(mixed);
  const looks = follow(caller, { played });
  assertLessOrEqual(certainAtMs(looks), FOUND_MS);
  const sounding = looks.filter(({ endMs, callerDb }) => endMs > LEARNT_MS && callerDb > -60);
  assertGreater(sounding.filter(isTakenForEcho).length / sounding.length, 0.9);
});

Deno.test("EchoMatch knows within a second that a silent caller sends no echo, on a noisy line too", () => {
  const played = spoken("agent", "by-the-window");
  for (const dbfs of [-Infinity, -70, -60, -50, -40]) {
    const caller = throughMulaw(noise(8_000, { dbfs, seed: 7 }));
    const looks = follow(caller, { played, noiseDb: Math.max(dbfs, -70) });
    assertLessOrEqual(certainAtMs(looks), FOUND_MS, `${dbfs} dBFS`);
    for (const { likeness, excessDb } of looks) {
      assertLess(likeness, LIKE);
      assertEquals(excessDb, Infinity);
    }
  }
});

Deno.test("EchoMatch is not certain while nothing is played", () => {
  const caller = spoken("caller", "story").subarray(0, 40_000);
  const looks = follow(caller, { played: new Int16Array(caller.length) });
  assert(looks.every(({ isCertain, likeness }) => !isCertain && likeness <= 0));
});

Deno.test("EchoMatch does not take another voice for the echo", () => {
  const voices = CALLER_LINES.map((name) => ({ name, voice: spoken("caller", name) }));
  for (const agent of AGENT_LINES) {
    const played = spoken("agent", agent);
    for (const { name, voice } of voices) {
      for (const { likeness, excessDb } of follow(voice, { played })) {
        assertLess(likeness, LIKE, `${name} over ${agent}`);
        assertEquals(excessDb, Infinity, `${name} over ${agent}`);
      }
    }
  }
});

Deno.test("EchoMatch lets a caller who speaks into a known echo stand out above it", () => {
  const played = spoken("agent", "by-the-window");
  const fromMs = 3_000;
  for (const name of CALLER_LINES) {
    const voice = spoken("caller", name).subarray(0, 8_000);
    const talking = Int16Array.from(played, (_, i) => voice[i - fromMs * 8] ?? 0);
    const alone = follow(talking, { played });
    const looks = follow(mixed(talking, echoOf(played, { delayMs: 120, db: -30 })), { played });
    const loud = looks.filter((_, i) => (alone[i]?.callerDb ?? -80) > -35);
    const above = loud.filter(({ excessDb }) => excessDb > KNOWN_EXCESS_DB);
    assertGreater(loud.length, 20, name);
    assertGreater(above.length / loud.length, 0.9, name);
  }
});
