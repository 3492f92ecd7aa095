/**
 * Makes the set of calls on which the end of turn is measured, from Debian's prompts, and keeps it in a folder:
 * `deno run -A tasks/make_turn_set.ts FOLDER`. `TURN_SET=FOLDER deno task bench` takes it from there.
 *
 * @module
 */

import { HOW_TO_GET_PROMPTS } from "../bench/prompt_packages.ts";
import { makeDevelopmentSet } from "../bench/turn_ends/development_set.ts";
import { saveTurnCalls } from "../bench/turn_ends/set_files.ts";
import { print } from "./terminal.ts";

const [folder] = Deno.args;
if (folder === undefined) throw new Error("Cannot make the set: expected a folder");
const calls = makeDevelopmentSet();
if (!calls) throw new Error(`Cannot make the set without prompts: ${HOW_TO_GET_PROMPTS}`);
await saveTurnCalls(folder, calls);
const turns = calls.reduce((sum, call) => sum + call.turns.length, 0);
print(`${folder}: ${calls.length} calls, ${turns} turns`);
