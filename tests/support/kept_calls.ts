/** Records of calls as the console shows them: one rich in everything, and many plain ones. */

import type { CallRecord } from "../../lib/records/call_record.ts";

/** 2026-01-05 18:40 UTC. */
const EVENING_MS = Date.UTC(2026, 0, 5, 18, 40);

/** A call in which everything has happened. */
export const RICH_CALL: CallRecord = {
  callSid: "CA00000000000000000000000000000001",
  from: "+15550001111",
  to: "+15550002222",
  direction: "inbound",
  agent: "default",
  answeredEpochMs: EVENING_MS,
  durationMs: 41_300,
  ending: "agent-hung-up",
  transcript: [
    said("agent", 640, "Harbour Restaurant, good evening.", 1_900),
    said("caller", 3_300, "Good evening. I would like a table for four, please."),
    said("agent", 7_900, "Gladly. For which day?", 1_500),
    said("caller", 10_400, "Tomorrow evening, around half past seven."),
    said("agent", 13_900, "Tomorrow at half past seven is free.", 2_300),
    said("caller", 17_100, "Could we sit by the window, perhaps?"),
    {
      party: "agent",
      startMs: 20_700,
      text:
        "The window tables are lovely at that hour. You can see the lighthouse and the boats. " +
        "I will keep table nine for you, and the kitchen stays open until eleven.",
      spokenMs: 9_400,
      heardMs: 3_100,
      heardText: "The window tables are lovely at that hour.",
      interrupted: true,
    },
    said("caller", 23_600, "Wait, sorry, just one moment please."),
    said("agent", 27_600, "Of course.", 800),
    said("caller", 33_400, "That is all. Thank you, goodbye."),
    said("agent", 37_000, "You are welcome. Goodbye.", 1_700),
  ],
  turns: [
    turn(6_620, { decided: 590, model: 180, heard: 60 }),
    turn(12_790, { decided: 600, model: 210, heard: 58 }),
    turn(19_300, { decided: 580, model: 520, heard: 61 }),
    turn(26_050, { decided: 610, model: 160, heard: 59 }),
    turn(35_600, { decided: 600, model: 340, heard: 62 }),
  ],
  tokens: { prompt: 8_420, response: 960, total: 9_380 },
  moments: [
    { type: "window-opened", atMs: 3_200 },
    { type: "window-closed", atMs: 7_210 },
    { type: "window-opened", atMs: 10_300 },
    { type: "window-closed", atMs: 13_390 },
    { type: "answer-held", atMs: 14_800 },
    { type: "answer-resumed", atMs: 15_240 },
    { type: "window-opened", atMs: 17_000 },
    { type: "tool-called", atMs: 18_400, detail: "find_table" },
    { type: "window-closed", atMs: 19_880 },
    { type: "answer-cut", atMs: 23_800 },
    { type: "window-opened", atMs: 23_800 },
    { type: "window-closed", atMs: 26_660 },
    { type: "model-away", atMs: 29_900 },
    { type: "model-back", atMs: 30_700, detail: "resumed" },
    { type: "repair", atMs: 31_200, detail: "answer-asked-again 1" },
    { type: "key-pressed", atMs: 32_000, detail: "4" },
    { type: "window-opened", atMs: 33_300 },
    { type: "window-closed", atMs: 36_200 },
    { type: "fault", atMs: 36_400, detail: "frame-filled 3" },
  ],
  bargeIns: { held: 2, resumed: 1, cut: 1 },
  repairs: { "answer-asked-again": 1 },
  faults: { "frame-filled": 3 },
};

/** Plain calls, one every eleven minutes before the rich one. */
export function plainCalls(count: number): CallRecord[] {
  const endings = ["caller-hung-up", "agent-hung-up", "caller-hung-up", "line-lost"];
  return Array.from({ length: count }, (_, n) => ({
    ...RICH_CALL,
    callSid: `CA${String(n + 2).padStart(32, "0")}`,
    from: `+1555000${String(2_000 + n * 37)}`,
    answeredEpochMs: EVENING_MS - (n + 1) * 11 * 60_000,
    durationMs: 20_000 + n * 7_300 % 90_000,
    ending: endings[n % endings.length] ?? "",
    turns: RICH_CALL.turns.map((one) => ({
      ...one,
      firstHeardMs: one.decidedMs + 200 + n * 97 % 400,
    })),
  }));
}

/** The same calls, the first of them just over: old ones are not kept for long. */
export function recent(records: readonly CallRecord[], nowEpochMs: number): CallRecord[] {
  const [{ answeredEpochMs: firstMs = 0, durationMs = 0 } = {}] = records;
  const laterMs = nowEpochMs - durationMs - firstMs;
  return records.map((record) => ({
    ...record,
    answeredEpochMs: record.answeredEpochMs + laterMs,
  }));
}

function said(party: "caller" | "agent", startMs: number, text: string, spokenMs?: number) {
  if (spokenMs === undefined) return { party, startMs, text };
  const heard = { spokenMs, heardMs: spokenMs, heardText: text, interrupted: false };
  return { party, startMs, text, ...heard };
}

function turn(
  speechEndedMs: number,
  { decided, model, heard }: { decided: number; model: number; heard: number },
) {
  const decidedMs = speechEndedMs + decided;
  const firstModelAudioMs = decidedMs + model;
  return {
    speechEndedMs,
    decidedMs,
    activityEndSentMs: decidedMs,
    firstModelAudioMs,
    firstMediaSentMs: firstModelAudioMs,
    firstHeardMs: firstModelAudioMs + heard,
  };
}
