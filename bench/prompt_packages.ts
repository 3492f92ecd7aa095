/**
 * Debian's packages of telephone prompts, from which the sets of the benchmarks are made.
 *
 * @module
 */

import { readTalker, type Talker } from "./barge_in/prompts.ts";
import { WORK_FOLDER } from "./unpacked.ts";

/** A package, and where Debian installs what it holds. */
const INSTALLED = {
  "asterisk-core-sounds-en-wav": "en_US_f_Allison",
  "asterisk-core-sounds-es-wav": "es_MX_f_Allison",
  "asterisk-prompt-it-menardi-wav": "it_IT_f_Menardi",
} as const;

/** A package that the development sets need. */
export type PromptPackage = keyof typeof INSTALLED;

/** Where packages are unpacked, a folder for each. */
const UNPACKED = Deno.env.get("PROMPTS") ?? `${WORK_FOLDER}/raw`;

/** What to do where they are missing, in a line. */
export const HOW_TO_GET_PROMPTS = `apt-get install ${Object.keys(INSTALLED).join(" ")}, ` +
  "or unpack them to folders of their names and say where by PROMPTS";

/** The talker of a package, if it is on this machine. */
export function findTalker(name: PromptPackage): Talker | undefined {
  const places = [`${UNPACKED}/${name}`, `/usr/share/asterisk/sounds/${INSTALLED[name]}`];
  for (const place of places) {
    try {
      return readTalker(Deno.realPathSync(place));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

/** Their talkers; nothing if one of them is missing. */
export function findTalkers(names: readonly PromptPackage[]): Talker[] | undefined {
  const talkers = names.map(findTalker);
  const found = talkers.filter((talker) => talker !== undefined);
  return found.length === talkers.length ? found : undefined;
}
