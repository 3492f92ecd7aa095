/**
 * What another instance might know of a call.
 *
 * @module
 */

import type { CallSnapshot } from "../../lib/records/call_snapshot.ts";

/** A snapshot of a call of one minute that was taken as tests begin. */
export function snapshotOf(callSid: string): CallSnapshot {
  return {
    format: 1,
    term: 1,
    takenEpochMs: Date.UTC(2026, 0, 5, 9, 0, 0),
    callMs: 60_000,
    handle: "handle-1",
    isLeaving: false,
    isAnswerOpen: false,
    record: {
      callSid,
      from: "+15550001111",
      to: "+15550002222",
      direction: "inbound",
      agent: "default",
      answeredEpochMs: Date.UTC(2026, 0, 5, 8, 59, 0),
      transcript: [
        { party: "agent", startMs: 200, text: "Hello.", spokenMs: 2_000, heardMs: 2_000 },
        { party: "caller", startMs: 5_000, text: "A table for two." },
      ],
      turns: [{ speechEndedMs: 6_000, decidedMs: 6_500, activityEndSentMs: 6_500 }],
      tokens: { prompt: 100, response: 20, total: 120 },
      repairs: {},
      faults: { "frame-filled": 2 },
    },
  };
}
