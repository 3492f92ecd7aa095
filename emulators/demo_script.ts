/**
 * What the emulated model says in `demo` and in `dev`.
 *
 * @module
 */

import { convertRate } from "../audio/file_to_pcm.ts";
import { levelDbfs } from "../audio/level.ts";
import { MODEL_INPUT_HZ, MODEL_OUTPUT_HZ } from "../audio/rates.ts";
import type { Answer, ModelScript } from "./model_script.ts";
import { recogniseCaller } from "./recogniser.ts";
import { agentLine, type AgentLineName, CALLER_LINES, type CallerLineName } from "./speech.ts";

/** What the agent answers to a line of the caller. */
const ANSWERS: Readonly<Record<CallerLineName, AgentLineName>> = {
  table: "which-day",
  tomorrow: "table-is-free",
  window: "by-the-window",
  goodbye: "goodbye",
  story: "of-course",
  wait: "of-course",
  stop: "of-course",
};

/** Turns quieter than this hold nothing that a person said. */
const QUIET_DBFS = -55;

/**
 * A conversation with the bundled recordings: a greeting for what is written, then to each line its answer. The caller's
 * line is recognised by its sound; what is not recognised was not heard.
 */
export function demoScript(): ModelScript {
  const lineOf = new Map(
    Object.entries(CALLER_LINES).map(([name, text]) => [text as string, name as CallerLineName]),
  );
  return {
    answers: (turn) => {
      if (turn.type === "written") return spoken("greeting");
      const name = lineOf.get(turn.words);
      return spoken(name ? ANSWERS[name] : "nothing-heard");
    },
  };
}

/**
 * Says the caller's own words back as they were heard, so that a person hears the whole way there and back. The emulator
 * understands nobody: a transcript it only has for the bundled recordings.
 */
export function echoScript(): ModelScript {
  return {
    hear: (pcm16k) =>
      recogniseCaller(pcm16k) || `(${(pcm16k.length / MODEL_INPUT_HZ).toFixed(1)} s of sound)`,
    answers: (turn) => {
      if (turn.type === "written") return spoken("greeting");
      if (levelDbfs(turn.pcm) < QUIET_DBFS) return spoken("nothing-heard");
      const rates = { fromHz: MODEL_INPUT_HZ, toHz: MODEL_OUTPUT_HZ };
      const { text, pcm24k } = agentLine("you-said");
      const echo = convertRate(turn.pcm, rates);
      const pcm = new Int16Array(pcm24k.length + echo.length);
      pcm.set(pcm24k);
      pcm.set(echo, pcm24k.length);
      return { text: `${text} ${turn.words}`, pcm };
    },
  };
}

function spoken(name: AgentLineName): Answer {
  const { text, pcm24k } = agentLine(name);
  return { text, pcm: pcm24k };
}
