/**
 * Keeps scenes in a folder: `scenes.json` for what is known of them, `sound.bin` for what they sound like.
 *
 * @module
 */

import { bytesToPcm, pcmToBytes } from "../../audio/pcm.ts";
import type { Scene } from "./scenes.ts";

/** Writes the scenes of a set. */
export async function saveScenes(folder: string, scenes: readonly Scene[]): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const facts = scenes.map(({ near, agent, ...fact }) => ({
    ...fact,
    samples: near.length,
    agentSamples: agent.length,
  }));
  await Deno.writeTextFile(`${folder}/scenes.json`, JSON.stringify(facts, null, 1));
  using file = await Deno.open(`${folder}/sound.bin`, {
    write: true,
    create: true,
    truncate: true,
  });
  for (const { near, agent } of scenes) {
    await writeAll(file, pcmToBytes(near));
    await writeAll(file, agent);
  }
}

/** Reads the scenes of a set. */
export async function loadScenes(folder: string): Promise<Scene[]> {
  const facts: (Omit<Scene, "near" | "agent"> & { samples: number; agentSamples: number })[] = JSON
    .parse(await Deno.readTextFile(`${folder}/scenes.json`));
  const sound = await Deno.readFile(`${folder}/sound.bin`);
  let at = 0;
  return facts.map(({ samples, agentSamples, ...fact }) => {
    const near = bytesToPcm(sound.slice(at, at + 2 * samples));
    at += 2 * samples;
    const agent = sound.slice(at, at + agentSamples);
    at += agentSamples;
    return { ...fact, echo: fact.echo, near, agent };
  });
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}
