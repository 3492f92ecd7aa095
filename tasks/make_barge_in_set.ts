/**
 * Makes the two sets on which breaking in is measured, from Debian's prompt packages: one to develop on, one to check,
 * with no talker and no seed in common. Needs apt-get and dpkg-deb, and sox for a package that holds GSM files alone; the
 * folder is `$BARGE_IN_WORK`.
 *
 * @module
 */

import { readTalker, type Talker } from "../bench/barge_in/prompts.ts";
import { BARGE_IN_SETS } from "../bench/barge_in/sets.ts";
import { makeScenes } from "../bench/barge_in/scenes.ts";
import { saveScenes } from "../bench/barge_in/scene_files.ts";

const folder = Deno.env.get("BARGE_IN_WORK") ?? `${Deno.env.get("TMPDIR") ?? "/tmp"}/barge-in`;

for (const [name, { seed, callers, agents }] of Object.entries(BARGE_IN_SETS)) {
  const talkers = new Map<string, Talker>();
  for (const pkg of new Set([...callers, ...agents])) talkers.set(pkg, await talker(pkg));
  const cast = (packages: readonly string[]) =>
    packages.map((pkg) => talkers.get(pkg)).filter((found) => found !== undefined);
  const scenes = makeScenes({ seed, callers: cast(callers), agents: cast(agents) });
  await saveScenes(`${folder}/${name}`, scenes);
  const events = scenes.reduce((sum, scene) => sum + scene.events.length, 0);
  await Deno.stdout.write(
    new TextEncoder().encode(`${name}: ${scenes.length} calls, ${events} sounds\n`),
  );
}

/** Fetches and unpacks a package unless it is there, and reads it. */
async function talker(pkg: string): Promise<Talker> {
  const unpacked = `${folder}/raw/${pkg}`;
  const isThere = await Deno.stat(unpacked).then(() => true, () => false);
  if (!isThere) await unpack(pkg, unpacked);
  return readTalker(await Deno.realPath(unpacked));
}

/** The folder gets its name when all is in it: what fails half way is begun anew the next time. */
async function unpack(pkg: string, unpacked: string): Promise<void> {
  const begun = `${unpacked}.begun`;
  await Deno.mkdir(begun, { recursive: true });
  await run("apt-get", ["download", pkg], begun);
  for (const path of [...filesIn(begun)].filter((path) => path.endsWith(".deb"))) {
    await run("dpkg-deb", ["-x", path, begun], begun);
  }
  for (const path of [...filesIn(begun)].filter((path) => path.endsWith(".gsm"))) {
    await run("sox", [path, "-b", "16", path.replace(/gsm$/, "wav")], begun);
  }
  await Deno.rename(begun, unpacked);
}

function* filesIn(folder: string): Generator<string> {
  for (const { name, isDirectory, isFile } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* filesIn(path);
    else if (isFile) yield path;
  }
}

async function run(command: string, args: readonly string[], cwd: string): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args: [...args], cwd }).output();
  if (!success) throw new Error(`Cannot ${command}: ${new TextDecoder().decode(stderr)}`);
}
