/**
 * Streams a PCM file in pieces of 4,096 bytes, at the pace of speech or as fast as it goes.
 *
 *   deno run -A examples/stream_file.ts speech.pcm [--fast]
 *
 * @module
 */

import { bytesToPcm, pcmDurationMs } from "../audio/pcm.ts";
import { MODEL_INPUT_HZ } from "../audio/rates.ts";
import { type Clock, sleep, systemClock } from "../lib/clock.ts";
import type { Turn } from "../lib/session/turn_reader.ts";
import { print } from "../tasks/terminal.ts";
import { type ExampleOptions, withSession } from "./example_session.ts";
import { nextTurn } from "./next_turn.ts";

const CHUNK_BYTES = 4_096;

/** The pieces of a file, each with when it is due, in milliseconds from the first. */
export function pieces(
  bytes: Uint8Array<ArrayBuffer>,
): { pcm: Int16Array; dueMs: number }[] {
  const found: { pcm: Int16Array; dueMs: number }[] = [];
  let dueMs = 0;
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    const pcm = bytesToPcm(bytes.subarray(at, at + CHUNK_BYTES));
    found.push({ pcm, dueMs });
    dueMs += pcmDurationMs(pcm, MODEL_INPUT_HZ);
  }
  return found;
}

/**
 * Streams a file and waits for the answer.
 *
 * @param bytes 16-bit samples at 16 kHz, no header
 */
export function streamFile(
  bytes: Uint8Array<ArrayBuffer>,
  options: ExampleOptions & { readonly isFast?: boolean } = {},
): Promise<Turn> {
  const { isFast = false, ...rest } = options;
  const clock: Clock = rest.clock ?? systemClock;
  const config = { activityDetection: "manual" as const };
  return withSession({ config, ...rest }, async (session) => {
    const answer = nextTurn(session);
    const startMs = clock.nowMs();
    for (const { pcm, dueMs } of pieces(bytes)) {
      if (!isFast) await sleep(clock, startMs + dueMs - clock.nowMs());
      session.sendAudio(pcm);
    }
    session.endActivity();
    return await answer;
  });
}

if (import.meta.main) {
  const [path = "", ...flags] = Deno.args;
  const turn = await streamFile(await Deno.readFile(path), { isFast: flags.includes("--fast") });
  print(turn.text);
}
