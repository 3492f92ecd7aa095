/**
 * What is said in the rig: the bundled recordings, with a number in every frame.
 *
 * @module
 */

import { convertRate } from "../../audio/file_to_pcm.ts";
import { FRAME_MS, LINE_HZ, MODEL_INPUT_HZ, MODEL_OUTPUT_HZ } from "../../audio/rates.ts";
import { type CallerStep, listenUntilAgentDone, say } from "../../emulators/caller_script.ts";
import { withFrameCodes } from "../../emulators/frame_code.ts";
import type { Answer, ModelTurn } from "../../emulators/model_script.ts";
import {
  agentLine,
  type AgentLineName,
  callerLine,
  type CallerLineName,
} from "../../emulators/speech.ts";

/** Numbers of frames that follow one another. */
export interface Numbering {
  /** Of the first. */
  readonly first: number;
  /** How many frames. */
  readonly length: number;
}

/** An answer whose frames have numbers. */
export type CodedAnswer = Answer & Numbering;

/** Of the agent that comes with the project. */
const GREETING_WORDS = "this is the automated assistant";
/** Numbers from here on are the greeting's. */
const GREETING_FIRST = 900;
/** Numbers between the beginnings of two answers. */
const ANSWER_SPACING = 200;
const ANSWERS_APART = 4;

const numberings = new WeakMap<Int16Array, Numbering>();
const answers = new Map<string, CodedAnswer>();

/** The agent says a line; its frames have numbers from `first` on. */
export function codedAnswer(name: AgentLineName, first: number): CodedAnswer {
  const { text, pcm24k } = agentLine(name);
  return coded({ text, pcm: pcm24k, first });
}

/** The agent talks on for so long. */
export function longAnswer(ms: number, first: number): CodedAnswer {
  const { text, pcm24k } = agentLine("by-the-window");
  const pcm = Int16Array.from(
    { length: ms * MODEL_OUTPUT_HZ / 1_000 },
    (_, i) => pcm24k[i % pcm24k.length] ?? 0,
  );
  return coded({ text: text.repeat(Math.ceil(pcm.length / pcm24k.length)), pcm, first });
}

/** What the model says when it is told to greet. */
export const GREETING: CodedAnswer = codedAnswer("greeting", GREETING_FIRST);

/** What the model says unless a row says otherwise: a greeting if it is asked for one, else the same line again and again. */
export function usualAnswer({ index, words }: Pick<ModelTurn, "index" | "words">): CodedAnswer {
  return words.includes(GREETING_WORDS) ? GREETING : lineAfter(index);
}

/** The line of a turn that is not the greeting's. */
export function lineAfter(index: number): CodedAnswer {
  const n = Math.max(0, index - 1) % ANSWERS_APART;
  return codedAnswer("table-is-free", n * ANSWER_SPACING);
}

/** The numbers of an answer that was made here. */
export function numberingOf({ pcm }: { readonly pcm: Int16Array }): Numbering {
  const numbering = numberings.get(pcm);
  if (!numbering) throw new Error("Cannot number answer: its frames have no numbers");
  return numbering;
}

/** The answer from one of its samples on, to be gone on with. */
export function restOf(answer: CodedAnswer, frames: number): CodedAnswer {
  const pcm = answer.pcm.slice(frames * FRAME_MS * MODEL_OUTPUT_HZ / 1_000);
  const rest = { first: answer.first + frames, length: answer.length - frames };
  numberings.set(pcm, rest);
  return { text: answer.text, pcm, ...rest };
}

function coded({ text, pcm, first }: { text: string; pcm: Int16Array; first: number }) {
  const key = `${first} ${pcm.length} ${text}`;
  let answer = answers.get(key);
  if (!answer) {
    const length = Math.ceil(pcm.length / (FRAME_MS * MODEL_OUTPUT_HZ / 1_000));
    answer = { text, pcm: withFrameCodes(pcm, { hz: MODEL_OUTPUT_HZ, first }), first, length };
    numberings.set(answer.pcm, { first, length });
    answers.set(key, answer);
  }
  return answer;
}

/** A line of the caller as 8 kHz samples whose frames have numbers from `first` on. */
export function codedCaller(name: CallerLineName, first = 0): Int16Array {
  const pcm = convertRate(callerLine(name).pcm16k, { fromHz: MODEL_INPUT_HZ, toHz: LINE_HZ });
  return withFrameCodes(pcm, { hz: LINE_HZ, first });
}

/** The caller says a line; its frames have numbers from `first` on. */
export function saysCoded(name: CallerLineName, first = 0): CallerStep {
  return say(codedCaller(name, first), { text: callerLine(name).text });
}

/** The caller hears the agent out. */
export const hearsOut: CallerStep = listenUntilAgentDone({ silenceMs: 400, timeoutMs: 15_000 });
