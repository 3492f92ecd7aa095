/**
 * Numbers and names as people read them.
 *
 * @module
 */

/** How calls end, in words; what is not listed is shown as it is. */
const ENDINGS: Readonly<Record<string, string>> = {
  "caller-hung-up": "the caller hung up",
  "line-lost": "the line was lost",
  "line-dead": "the line went dead",
  "transferred": "put through",
  "agent-hung-up": "the agent hung up",
  "console-hung-up": "ended from the console",
  "time-limit-reached": "the time was up",
  "model-failed": "the model failed",
  "server-stopped": "the server stopped",
  "handed-over": "handed to another instance",
  "call-failed": "a fault of our own",
  "lost": "the server was lost",
  "no-answer": "nobody answered",
  "busy": "the line was busy",
  "not-connected": "it could not be connected",
  "canceled": "taken back before anybody answered",
};

/** How a call ended, in words. */
export function endingWords(ending: string | undefined): string {
  return ending === undefined ? "goes on" : ENDINGS[ending] ?? ending;
}

/** Whether an ending is one that somebody wanted. */
export function isGoodEnding(ending: string): boolean {
  return /^(caller-hung-up|agent-hung-up|console-hung-up|transferred|time-limit-reached|handed-over)$/
    .test(
      ending,
    );
}

/** Minutes and seconds: `3:07`. */
export function clockWords(ms: number): string {
  const seconds = Math.floor(Math.max(0, ms) / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** A moment of the wall clock, in UTC, to the second. */
export function momentWords(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 19).replace("T", " ");
}

/** Milliseconds, or a dash. */
export function msWords(ms: number | undefined): string {
  return ms === undefined ? "–" : `${Math.round(ms)} ms`;
}

/** US dollars to a hundredth of a cent, or a dash. */
export function usdWords(usd: number | undefined): string {
  return usd === undefined ? "–" : `$${usd.toFixed(4)}`;
}

/** Who a call was with: whoever is not us. */
export function partyWords(call: { from: string; to: string; direction: string }): string {
  const party = call.direction === "outbound" ? call.to : call.from;
  return party === "" ? "unknown" : party;
}

/** The part of values that lies below: `0.5` is the median, by the nearest rank. */
export function percentile(values: readonly number[], part: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * part) - 1)];
}
