/**
 * Calls whose model does not answer as it should, and what the caller heard of them.
 *
 * @module
 */

import { levelDbfs } from "../../audio/level.ts";
import { FRAME_MS } from "../../audio/rates.ts";
import { asCallerHears, placeOnLine } from "./call_audio.ts";
import { heardOn } from "./held_call.ts";
import { agentVoice, callerVoice, pcmOf, type Scenario, startCall } from "./scenario.ts";
import type { ScenarioOptions } from "./scenario.ts";
import type { ModelScript, ScriptedAnswer } from "./scripted_answers.ts";

/** Length of every answer that is as it should be. */
export const ANSWER_MS = 1_500;
/** When the caller speaks, and when the model is told that they have finished. */
export const SPEAKS_AT_MS = 4_000;
export const SPEAKS_FOR_MS = 1_000;
export const ASKED_AT_MS = SPEAKS_AT_MS + SPEAKS_FOR_MS + 500;
/** Softer than this is silence to everybody. */
const SILENT_DBFS = -60;

/** The answer of that number, whole and audible. */
export function good(index: number): ScriptedAnswer {
  return { pcm: agentVoice(ANSWER_MS, index + 1), text: ` Answer ${index} is here.` };
}

/** An answer of which only the first part comes. */
export function partOf(index: number, ms: number): ScriptedAnswer {
  return { pcm: agentVoice(ANSWER_MS, index + 1).subarray(0, ms * 24), text: ` Answer ${index}` };
}

/** Places a call in which the caller says one thing. */
export async function callAndSpeak(
  answers: ModelScript["answers"],
  options: Partial<ScenarioOptions> & { script?: Partial<ModelScript> } = {},
): Promise<Scenario> {
  const { script, ...rest } = options;
  const call = await startCall({ ...rest, model: { answers, ...script } });
  call.line.pause(SPEAKS_AT_MS);
  call.line.say(callerVoice(SPEAKS_FOR_MS));
  return call;
}

/** Lets the call go on for so long, then the caller hangs up. */
export async function hangUpAfter({ clock, line, ended }: Scenario, ms: number): Promise<string> {
  await clock.advance(ms);
  line.hangUp();
  await clock.advance(100);
  return (await ended).ending;
}

/** How often an answer was heard from beginning to end. */
export function timesHeard({ line }: Scenario, { pcm }: ScriptedAnswer): number {
  const answer = asCallerHears(pcm);
  let heard = heardOn(line);
  let times = 0;
  for (let at = placeOnLine(answer, heard); at >= 0; at = placeOnLine(answer, heard)) {
    times++;
    heard = heard.subarray(at + answer.length);
  }
  return times;
}

/** Longest time between two moments of the call in which the caller heard nothing at all. */
export function longestSilenceMs({ line }: Scenario, fromMs: number, toMs: number): number {
  let [longest, silent] = [0, 0];
  for (const frame of line.heard.slice(fromMs / FRAME_MS, toMs / FRAME_MS)) {
    silent = levelDbfs(pcmOf([frame])) < SILENT_DBFS ? silent + FRAME_MS : 0;
    longest = Math.max(longest, silent);
  }
  return longest;
}
