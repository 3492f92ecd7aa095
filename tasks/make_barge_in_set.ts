/**
 * Makes the two sets on which breaking in is measured, from Debian's prompt packages: one to develop on, one to check,
 * with no talker and no seed in common. The folder is `$BARGE_IN_WORK`.
 *
 * @module
 */

import type { Talker } from "../bench/barge_in/prompts.ts";
import { BARGE_IN_SETS } from "../bench/barge_in/sets.ts";
import { makeScenes } from "../bench/barge_in/scenes.ts";
import { saveScenes } from "../bench/barge_in/scene_files.ts";
import { unpackedTalker, WORK_FOLDER } from "../bench/unpacked.ts";

for (const [name, { seed, callers, agents }] of Object.entries(BARGE_IN_SETS)) {
  const talkers = new Map<string, Talker>();
  for (const pkg of new Set([...callers, ...agents])) talkers.set(pkg, await unpackedTalker(pkg));
  const cast = (packages: readonly string[]) =>
    packages.map((pkg) => talkers.get(pkg)).filter((found) => found !== undefined);
  const scenes = makeScenes({ seed, callers: cast(callers), agents: cast(agents) });
  await saveScenes(`${WORK_FOLDER}/${name}`, scenes);
  const events = scenes.reduce((sum, scene) => sum + scene.events.length, 0);
  await Deno.stdout.write(
    new TextEncoder().encode(`${name}: ${scenes.length} calls, ${events} sounds\n`),
  );
}
