/**
 * Debian's packages of sound, fetched and unpacked to a folder of their own, without root. Needs apt-get and dpkg-deb, and sox
 * for a package that holds GSM files alone; the folder is `$BARGE_IN_WORK`.
 *
 * @module
 */

import { readTalker, type Talker } from "./barge_in/prompts.ts";

/** Where sets and packages are kept. */
export const WORK_FOLDER: string = Deno.env.get("BARGE_IN_WORK") ??
  `${Deno.env.get("TMPDIR") ?? "/tmp"}/barge-in`;

/** The talker of a package; `soundBelowLoudDb` as `readTalker()` has it. */
export async function unpackedTalker(pkg: string, soundBelowLoudDb?: number): Promise<Talker> {
  return readTalker(await unpackedPackage(pkg), soundBelowLoudDb);
}

/**
 * The folder of a package, which is fetched and unpacked unless it is there.
 *
 * @throws {Error} If it cannot be fetched
 */
export async function unpackedPackage(pkg: string): Promise<string> {
  const unpacked = `${WORK_FOLDER}/raw/${pkg}`;
  const isThere = await Deno.stat(unpacked).then(() => true, () => false);
  if (!isThere) await unpack(pkg, unpacked);
  return await Deno.realPath(unpacked);
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
