/**
 * What must be true of the audio of a call, to the bit.
 *
 * @module
 */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { encodeMulaw, MULAW_SILENCE } from "../../audio/mulaw.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES } from "../../audio/rates.ts";
import { Downsampler3x } from "../../audio/resample.ts";
import type { PhoneCallReport } from "../../emulators/phone_report.ts";
import { asModelHears, placeOf } from "./scenario.ts";
import type { FinishedCall } from "./socket_call.ts";

const BYTES_PER_MS = LINE_FRAME_SAMPLES / FRAME_MS;
const LONGEST_LEAD_MS = 500;
const LATE_MS = 10;

/** Neither the line nor the model had to complain, and the line was fed as it must be. */
export function assertUnbroken({ report, session }: Omit<FinishedCall, "record">): void {
  assertEquals(session?.violations, []);
  assertEquals(session?.droppedAudioBytes, 0);
  assertEquals(report.warnings, []);
  assertEquals(report.gaveUp, undefined);
  assertFed(report);
}

/**
 * Whole frames, 20 to 60 ms at a time; and, if the machine kept time, at most 500 ms ahead of the ear and never behind
 * it.
 */
export function assertFed(report: PhoneCallReport): void {
  for (const { event, bytes } of report.messages) {
    assert(event !== "refused");
    if (event !== "media") continue;
    assertEquals(bytes % LINE_FRAME_SAMPLES, 0, `${bytes} bytes are not whole frames`);
    assert(bytes >= 160 && bytes <= 480, `${bytes} bytes in a message`);
  }
  if (!keptTime(report)) return;
  for (const { waitingMs } of report.messages) assertLessOrEqual(waitingMs, LONGEST_LEAD_MS);
  assertEquals(report.underruns, []);
}

/**
 * Whether the machine kept time, that is, each frame of the line left when it was due. Line, server and model share the
 * machine, and often it is shared with others: what is late when the line is late too says nothing of the server.
 */
export function keptTime({ frameLatenessMs }: PhoneCallReport): boolean {
  return frameLatenessMs.every((lateMs) => lateMs < LATE_MS);
}

/** A line's audio, frame by frame. */
export function framesOf(mulaw: Uint8Array): Uint8Array[] {
  return Array.from(
    { length: mulaw.length / LINE_FRAME_SAMPLES },
    (_, n) => mulaw.subarray(n * LINE_FRAME_SAMPLES, (n + 1) * LINE_FRAME_SAMPLES),
  );
}

/**
 * Where a turn that the model heard lies in what was said, in milliseconds.
 *
 * @returns -1 if it differs from every part of it in as much as one bit
 */
export function turnPlaceMs(window: Int16Array, said: readonly Uint8Array[]): number {
  const place = placeOf(window, asModelHears(said), 2 * LINE_FRAME_SAMPLES);
  return place < 0 ? -1 : place / 16;
}

/** An answer of the model as the line carries it: whole frames, the last filled up with silence. */
export function asCallerHears(pcm24k: Int16Array): Uint8Array {
  const downsampler = new Downsampler3x();
  const pieces = [downsampler.push(pcm24k).slice(), downsampler.flush().slice()];
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const whole = Math.ceil(length / LINE_FRAME_SAMPLES) * LINE_FRAME_SAMPLES;
  const mulaw = new Uint8Array(whole).fill(MULAW_SILENCE);
  let at = 0;
  for (const piece of pieces) {
    encodeMulaw(piece, mulaw.subarray(at, at + piece.length));
    at += piece.length;
  }
  return mulaw;
}

/**
 * Where an answer lies in what was heard, in milliseconds, gaps not counted in which the line ran dry.
 *
 * @returns -1 if it is nowhere as a whole: something was cut, doubled or changed
 */
export function answerPlaceMs(pcm24k: Int16Array, report: PhoneCallReport): number {
  const at = placeOnLine(asCallerHears(pcm24k), heardWithoutGaps(report));
  return at < 0 ? -1 : at / BYTES_PER_MS;
}

/** How much of an answer was heard before it was broken off, in milliseconds. */
export function heardPartMs(pcm24k: Int16Array, report: PhoneCallReport): number {
  const answer = asCallerHears(pcm24k);
  const heard = heardWithoutGaps(report);
  const at = placeOnLine(answer.subarray(0, LINE_FRAME_SAMPLES), heard);
  const length = answer.findIndex((byte, n) => byte !== heard[at + n]);
  return at < 0 ? 0 : length / BYTES_PER_MS;
}

/** Where bytes lie among others, whole frames from the beginning; -1 if nowhere. */
export function placeOnLine(part: Uint8Array, whole: Uint8Array): number {
  for (let at = 0; at + part.length <= whole.length; at += LINE_FRAME_SAMPLES) {
    if (part.every((byte, n) => byte === whole[at + n])) return at;
  }
  return -1;
}

/** What was heard, without the gaps in which the line ran dry. */
export function heardWithoutGaps(
  { heard, underruns, audioStartedAtMs = 0 }: PhoneCallReport,
): Uint8Array {
  const frames = framesOf(heard).filter((_, n) => {
    const atMs = audioStartedAtMs + n * FRAME_MS + FRAME_MS / 2;
    return !underruns.some((gap) => atMs > gap.atMs && atMs < gap.atMs + gap.lastedMs);
  });
  return new Uint8Array(frames.flatMap((frame) => [...frame]));
}
