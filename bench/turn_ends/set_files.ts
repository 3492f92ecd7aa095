/**
 * Keeps a set of calls in a folder: `calls.json` for what is known of them, `line.bin` for what came from the line.
 *
 * @module
 */

import type { TurnCall } from "./calls.ts";

/** What of a call stands in `calls.json`. */
type CallFacts = Omit<TurnCall, "mulaw" | "speech"> & { bytes: number; frames: number };

/** Writes a set. */
export async function saveTurnCalls(folder: string, calls: readonly TurnCall[]): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const facts = calls.map(({ mulaw, speech, ...fact }): CallFacts => ({
    ...fact,
    bytes: mulaw.length,
    frames: speech.length,
  }));
  await Deno.writeTextFile(`${folder}/calls.json`, JSON.stringify(facts, null, 1));
  const pieces = new Blob(calls.flatMap(({ mulaw, speech }) => [mulaw, speech]));
  await Deno.writeFile(`${folder}/line.bin`, pieces.stream());
}

/** Reads a set; nothing if there is none in the folder. */
export async function loadTurnCalls(folder: string): Promise<TurnCall[] | undefined> {
  try {
    const facts: CallFacts[] = JSON.parse(await Deno.readTextFile(`${folder}/calls.json`));
    const sound = await Deno.readFile(`${folder}/line.bin`);
    let at = 0;
    const take = (count: number) => sound.slice(at, at += count);
    return facts.map(({ bytes, frames, ...fact }) => ({
      ...fact,
      // JSON has no such field for a call without noise.
      snrDb: fact.snrDb,
      mulaw: take(bytes),
      speech: take(frames),
    }));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
