/**
 * Recorded speech: a caller who books a table, and the agent who takes the booking. `tasks/make_speech.ts` made the files.
 *
 * @module
 */

import { MODEL_INPUT_HZ, MODEL_OUTPUT_HZ } from "../audio/rates.ts";
import { fileToPcm } from "../audio/file_to_pcm.ts";

/** What the caller says, by name. */
export const CALLER_LINES = {
  table: "Good evening. I would like a table for four, please.",
  tomorrow: "Tomorrow evening, around half past seven.",
  window: "Could we sit by the window, perhaps?",
  goodbye: "That is all. Thank you, goodbye.",
  story: "Well, it is my mother's birthday, she turns seventy, and the whole family is coming, " +
    "my brother from Oslo, my sister with the two little ones, and an aunt who eats no fish, " +
    "so we would need a quiet corner, and a small cake.",
  wait: "Wait, sorry, just one moment please.",
  stop: "Stop.",
} as const;

/** What the agent says, by name. */
export const AGENT_LINES = {
  greeting: "Harbour Restaurant, good evening.",
  "which-day": "Gladly. For which day?",
  "table-is-free": "Tomorrow at half past seven is free.",
  "by-the-window":
    "The window tables are lovely at that hour. You can see the lighthouse and the boats. " +
    "I will keep table nine for you, and the kitchen stays open until eleven.",
  "of-course": "Of course.",
  goodbye: "You are welcome. Goodbye.",
  "one-moment": "One moment, please.",
  "you-said": "You said:",
  "nothing-heard": "I did not hear anything.",
} as const;

/** Name of a line of the caller. */
export type CallerLineName = keyof typeof CALLER_LINES;
/** Name of a line of the agent. */
export type AgentLineName = keyof typeof AGENT_LINES;

/** A line of the caller; the samples are shared, nobody writes to them. */
export interface CallerLine {
  /** Its words. */
  readonly text: string;
  /** 16 kHz. */
  readonly pcm16k: Int16Array;
}

/** A line of the agent; the samples are shared, nobody writes to them. */
export interface AgentLine {
  /** Its words. */
  readonly text: string;
  /** 24 kHz. */
  readonly pcm24k: Int16Array;
}

const loaded = new Map<string, Int16Array>();

/** What the caller says, with its sound. */
export function callerLine(name: CallerLineName): CallerLine {
  return { text: CALLER_LINES[name], pcm16k: load("caller", name, MODEL_INPUT_HZ) };
}

/** What the agent says, with its sound. */
export function agentLine(name: AgentLineName): AgentLine {
  return { text: AGENT_LINES[name], pcm24k: load("agent", name, MODEL_OUTPUT_HZ) };
}

/** Where the recording of a line is. */
export function speechFile(party: "caller" | "agent", name: string): URL {
  return new URL(`speech/${party}_${name.replaceAll("-", "_")}.wav`, import.meta.url);
}

function load(party: "caller" | "agent", name: string, hz: number): Int16Array {
  const file = speechFile(party, name);
  let pcm = loaded.get(file.href);
  if (!pcm) loaded.set(file.href, pcm = fileToPcm(Deno.readFileSync(file), hz));
  return pcm;
}
