/**
 * Calls that we placed and that nobody answered: they have no stream, and yet a record of how they ended.
 *
 * The network tells any instance that a call is over, so the store knows which agent placed it.
 *
 * @module
 */

import type { Agents } from "../lib/agents/agent_store.ts";
import type { Clock } from "../lib/clock.ts";
import type { CallStore } from "../lib/records/call_store.ts";
import type { PatientStore } from "../lib/store/patient_store.ts";
import { StoreError } from "../lib/store/store.ts";
import type { CallStatusForm } from "./webhook_forms.ts";

/** What it takes to keep a record of a call without a stream. */
export interface UnansweredParts {
  /** Knows what an agent allows to be kept. */
  readonly agents: Pick<Agents, "get">;
  /** Takes the records. */
  readonly records: Pick<CallStore, "get" | "save">;
  /** Knows who placed which call. */
  readonly store: Pick<PatientStore, "flush" | "within">;
}

/** What is known of a call that was placed. */
interface Placed {
  readonly agent: string;
  readonly placedEpochMs: number;
}

/** What became of it, by what the network calls it (twilio.com/docs/voice/api/call-resource). */
const ENDINGS: Readonly<Record<string, string>> = {
  "busy": "busy",
  "no-answer": "no-answer",
  "failed": "not-connected",
  "canceled": "canceled",
};

/** No call rings for longer than that. */
const KNOWN_FOR_MS = 24 * 3_600_000;
/** How long the network waits for our answer while the store is asked. */
const ASK_MS = 1_000;

/** An agent has placed a call. */
export function notePlaced(
  callSid: string,
  { agent, store, clock }: { agent: string; store: Pick<PatientStore, "write">; clock: Clock },
): void {
  const value: Placed = { agent, placedEpochMs: clock.epochMs() };
  store.write([{ type: "set", key: ["placed-call", callSid], value, expireInMs: KNOWN_FOR_MS }]);
}

/** A call is over: one that we placed and nobody answered leaves a record. Told twice, nothing changes. */
export async function keepUnanswered(
  { CallSid: callSid, CallStatus, Direction, From: from, To: to }: CallStatusForm,
  parts: UnansweredParts,
): Promise<void> {
  const ending = ENDINGS[CallStatus];
  if (ending === undefined || !Direction.startsWith("outbound")) return;
  const { agents, records } = parts;
  const placed = await placedCall(callSid, parts);
  if (!placed || await records.get(callSid)) return;
  const keepDays = agents.get(placed.agent)?.records.keepDays;
  records.save({
    callSid,
    from,
    to,
    direction: "outbound",
    agent: placed.agent,
    answeredEpochMs: placed.placedEpochMs,
    ...(keepDays === undefined ? {} : { keepDays }),
    durationMs: 0,
    ending,
    transcript: [],
    turns: [],
    tokens: { prompt: 0, response: 0, total: 0 },
    repairs: {},
    faults: {},
  });
}

/** Nothing if we did not place it, or the store does not say. */
async function placedCall(
  callSid: string,
  { store }: Pick<UnansweredParts, "store">,
): Promise<Placed | undefined> {
  try {
    await store.flush(ASK_MS);
    return (await store.within(ASK_MS).get(["placed-call", callSid]))?.value as Placed | undefined;
  } catch (error) {
    if (error instanceof StoreError) return undefined;
    throw error;
  }
}
