/**
 * What must be true of the audio of a call, to the bit.
 *
 * @module
 */

import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { encodeMulaw, MULAW_SILENCE } from "../../audio/mulaw.ts";
import { LINE_FRAME_SAMPLES } from "../../audio/rates.ts";
import { Downsampler3x } from "../../audio/resample.ts";
import type { PhoneCallReport } from "../../emulators/phone_report.ts";
import { asModelHears, placeOf } from "./scenario.ts";
import type { FinishedCall } from "./socket_call.ts";

/** Neither the line nor the model had to complain, and the line was fed as it must be. */
export function assertUnbroken({ report, session }: FinishedCall): void {
  assertEquals(session?.violations, []);
  assertEquals(session?.droppedAudioBytes, 0);
  assertEquals(report.warnings, []);
  assertEquals(report.gaveUp, undefined);
  assertEquals(report.underruns, []);
  assertFed(report);
}

/** Whole frames, 20 to 60 ms at a time, at most 500 ms ahead of the ear. */
export function assertFed({ messages }: PhoneCallReport): void {
  for (const { event, bytes, waitingMs } of messages) {
    assert(event !== "refused");
    if (event !== "media") continue;
    assertEquals(bytes % LINE_FRAME_SAMPLES, 0, `${bytes} bytes are not whole frames`);
    assert(bytes >= 160 && bytes <= 480, `${bytes} bytes in a message`);
    assertLessOrEqual(waitingMs, 500);
  }
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
 * Where an answer lies in what was heard, in milliseconds.
 *
 * @returns -1 if it is nowhere as a whole: something was cut, doubled, gapped or changed
 */
export function answerPlaceMs(pcm24k: Int16Array, heard: Uint8Array): number {
  const answer = asCallerHears(pcm24k);
  for (let at = 0; at + answer.length <= heard.length; at += LINE_FRAME_SAMPLES) {
    if (answer.every((byte, n) => byte === heard[at + n])) return at / 8;
  }
  return -1;
}
