/**
 * Tells a call as it happens: what each party says, and where the time of each turn goes.
 *
 * @module
 */

import type { CallRecord, TranscriptEntry, TurnLatency } from "../lib/records/call_record.ts";

/** Width of the bar that stands for the whole of a turn. */
const BAR_COLUMNS = 40;
const INDENT = "          ";

/** Tells each thing once, as soon as it is sure. */
export class CallStory {
  readonly #print: (line: string) => void;
  #toldEntries = 0;
  #toldTurns = 0;

  /** Tells line by line to `print`. */
  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** Tells what is new in a record. */
  tell(record: CallRecord): void {
    const isOver = record.ending !== undefined;
    const entries = record.transcript.slice(this.#toldEntries);
    for (const [n, entry] of entries.entries()) {
      if (!isOver && !isSettled(entry, entries.slice(n + 1))) break;
      this.#print(entryLine(entry));
      this.#toldEntries++;
      if (entry.party === "agent") this.#tellTurn(record, entry);
    }
  }

  /** The turn that an answer belongs to is the last that ended before it began. */
  #tellTurn(record: CallRecord, answer: TranscriptEntry): void {
    const turn = record.turns.findLast((one) => one.decidedMs <= answer.startMs);
    if (!turn || record.turns.indexOf(turn) < this.#toldTurns) return;
    this.#toldTurns = record.turns.indexOf(turn) + 1;
    for (const line of waterfall(turn)) this.#print(line);
  }
}

/** An answer is settled when it was heard, a turn of the caller when the next thing was said. */
function isSettled(entry: TranscriptEntry, later: readonly TranscriptEntry[]): boolean {
  return entry.party === "agent" ? entry.heardMs !== undefined : later.length > 0;
}

function entryLine(entry: TranscriptEntry): string {
  const at = `${(entry.startMs / 1_000).toFixed(1)} s`.padStart(8);
  const text = entry.text || "(not transcribed)";
  if (!entry.interrupted) return `${at}  ${entry.party.padEnd(6)}  ${text}`;
  const unheard = text.slice(entry.heardText?.length ?? 0).trim();
  return `${at}  ${entry.party.padEnd(6)}  ${entry.heardText} -- broken off, not heard: ${unheard}`;
}

/**
 * Where the time of a turn went, a line for each step.
 *
 * @returns Nothing if no answer was heard
 */
export function waterfall(turn: TurnLatency): string[] {
  const { firstModelAudioMs, firstMediaSentMs, firstHeardMs } = turn;
  if (firstModelAudioMs === undefined || firstMediaSentMs === undefined) return [];
  const steps: [string, number][] = [
    ["end of turn decided", turn.decidedMs],
    ["activityEnd sent", turn.activityEndSentMs],
    ["model's first audio", firstModelAudioMs],
    ["sent to the line", firstMediaSentMs],
  ];
  if (firstHeardMs !== undefined) steps.push(["first 60 ms heard", firstHeardMs]);
  const wholeMs = (steps.at(-1)?.[1] ?? 0) - turn.speechEndedMs;
  let fromMs = turn.speechEndedMs;
  return steps.map(([name, atMs]) => {
    const start = Math.round((fromMs - turn.speechEndedMs) / wholeMs * BAR_COLUMNS);
    const end = Math.round((atMs - turn.speechEndedMs) / wholeMs * BAR_COLUMNS);
    const bar = " ".repeat(start) + "#".repeat(Math.max(end - start, 0));
    const took = `+${(atMs - fromMs).toFixed(0)}`.padStart(6);
    const sum = `${(atMs - turn.speechEndedMs).toFixed(0)} ms`.padStart(8);
    fromMs = atMs;
    return `${INDENT}${name.padEnd(20)}${took}${sum}  |${bar.padEnd(BAR_COLUMNS)}|`;
  });
}
