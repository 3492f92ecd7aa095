/**
 * What was said so far, for a model that has forgotten it. Pure.
 *
 * Word for word as long as it fits. Over the budget the newest half stays word for word, and the older half becomes one
 * summary, marked as such: the beginning of what was said, because that is where people say what they want.
 *
 * @module
 */

import type { TranscriptEntry } from "../records/call_record.ts";

/** How long a recap may be. */
export interface RecapOptions {
  /** Most tokens; 32,000 if absent. */
  readonly budgetTokens?: number | undefined;
  /** Most tokens of the summary; 100 if absent. A tenth of what it stands for is never exceeded. */
  readonly summaryTokens?: number | undefined;
}

const BUDGET_TOKENS = 32_000;
const SUMMARY_TOKENS = 100;
const CHARACTERS_PER_TOKEN = 4;

const HEADING =
  "The call is already going on: you have greeted the caller, and what follows was said " +
  "before the line to you was changed. Do not greet again, and do not answer any of it now.";

/**
 * Tells a model what was said.
 *
 * @returns Empty if nothing was
 */
export function recap(transcript: readonly TranscriptEntry[], options: RecapOptions = {}): string {
  const { budgetTokens = BUDGET_TOKENS, summaryTokens = SUMMARY_TOKENS } = options;
  const lines = transcript.filter(({ text }) => text !== "").map(lineOf);
  if (lines.length === 0) return "";
  const totalTokens = tokensOf(lines);
  if (totalTokens <= budgetTokens) return [HEADING, ...lines].join("\n");
  const kept = newest(lines, Math.min(totalTokens / 2, budgetTokens - summaryTokens));
  const older = lines.slice(0, lines.length - kept.length);
  const room = Math.floor(Math.min(summaryTokens, totalTokens / 10) * CHARACTERS_PER_TOKEN);
  const summary = `[Summary of what was said before] ${older.join(" ")}`.slice(0, room);
  return [HEADING, summary, ...kept].join("\n");
}

/** What the caller did not hear was not said. */
function lineOf({ party, text, heardText }: TranscriptEntry): string {
  return party === "caller" ? `Caller: ${text}` : `You: ${heardText ?? text}`;
}

function newest(lines: readonly string[], tokens: number): string[] {
  let from = lines.length;
  for (let left = tokens; from > 0; from--) {
    left -= tokensOf([lines[from - 1] ?? ""]);
    if (left < 0) break;
  }
  return lines.slice(from);
}

/** How many tokens a line is, about, as the service counts text. */
export function estimatedTokens(line: string): number {
  return Math.ceil((line.length + 1) / CHARACTERS_PER_TOKEN);
}

function tokensOf(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + estimatedTokens(line), 0);
}
