/**
 * What the routes for people and scripts answer, as schemas: the description of the API is made of them, and tests hold
 * every answer against them.
 *
 * @module
 */

import { z } from "zod";
import type { CallDelays } from "../lib/records/call_delays.ts";
import type { CallPage, CallSummary } from "../lib/records/call_store.ts";
import type {
  CallerMessage,
  CallMoment,
  CallRecord,
  ToolEntry,
  TranscriptEntry,
  TurnLatency,
} from "../lib/records/call_record.ts";
import type { ForgottenCaller } from "../lib/records/forget_caller.ts";
import type { ErrorAnswer } from "./answers.ts";
import type { TicketAnswer } from "./client_gateway.ts";
import type { SoftphoneTicket } from "./softphone.ts";

const milliseconds = z.number().describe("Milliseconds since the call was answered");
const length = z.number().nonnegative().describe("Milliseconds");
const count = z.int().nonnegative();
const counts = z.record(z.string(), count);
const yes = z.literal(true);

const transcriptEntry = z.strictObject({
  party: z.enum(["caller", "agent"]),
  startMs: milliseconds,
  text: z.string(),
  spokenMs: length.exactOptional(),
  heardMs: length.exactOptional(),
  missedMs: length.exactOptional(),
  heardText: z.string().exactOptional(),
  interrupted: z.boolean().exactOptional(),
  brokenOff: yes.exactOptional(),
  sources: z.array(z.strictObject({ title: z.string(), url: z.string() })).exactOptional()
    .describe("Pages of the web that an answer rests on"),
}) satisfies z.ZodType<TranscriptEntry>;

const turnLatency = z.strictObject({
  speechEndedMs: milliseconds,
  decidedMs: milliseconds,
  activityEndSentMs: milliseconds,
  firstModelAudioMs: milliseconds.exactOptional(),
  firstMediaSentMs: milliseconds.exactOptional(),
  firstHeardMs: milliseconds.exactOptional(),
  costUsd: z.number().nonnegative().exactOptional(),
}) satisfies z.ZodType<TurnLatency>;

const toolEntry = z.strictObject({
  name: z.string(),
  startMs: milliseconds,
  durationMs: length,
  ending: z.enum(["answered", "failed", "timed-out", "cancelled", "done-unheard"]),
}) satisfies z.ZodType<ToolEntry>;

const callerMessage = z.strictObject({
  name: z.string(),
  callBack: z.string(),
  text: z.string(),
}) satisfies z.ZodType<CallerMessage>;

const callMoment = z.strictObject({
  type: z.enum([
    "window-opened",
    "window-closed",
    "answer-held",
    "answer-resumed",
    "answer-cut",
    "key-pressed",
    "tool-called",
    "whispered",
    "model-away",
    "model-back",
    "repair",
    "fault",
  ]),
  atMs: milliseconds,
  detail: z.string().exactOptional(),
}) satisfies z.ZodType<CallMoment>;

/**
 * A call in a list.
 *
 * @internal
 */
export const callSummary = z.strictObject({
  callSid: z.string(),
  from: z.string(),
  to: z.string(),
  direction: z.enum(["inbound", "outbound"]),
  agent: z.string(),
  answeredEpochMs: z.number().describe("Milliseconds since 1970"),
  keepDays: z.int().positive().exactOptional(),
  durationMs: length.exactOptional(),
  ending: z.string().exactOptional().describe("Absent while the call goes on"),
  endingDetail: z.string().exactOptional().describe("What failed, or to whom it was put through"),
  tokens: z.strictObject({ prompt: count, response: count, total: count }),
  costUsd: z.number().nonnegative().exactOptional(),
  tools: z.array(toolEntry).exactOptional(),
  messages: z.array(callerMessage).exactOptional(),
  bargeIns: counts.exactOptional(),
  repairs: counts,
  faults: counts,
}) satisfies z.ZodType<CallSummary>;

/**
 * All that is kept of a call.
 *
 * @internal
 */
export const callRecord = callSummary.extend({
  transcript: z.array(transcriptEntry),
  turns: z.array(turnLatency),
  moments: z.array(callMoment).exactOptional(),
}) satisfies z.ZodType<CallRecord>;

const callDelays = z.strictObject({
  answerMs: z.array(z.int()).describe("From the caller's last word until they heard an answer"),
  endOfTurnMs: z.array(z.int()).describe("From the caller's last word until the turn was over"),
}) satisfies z.ZodType<CallDelays>;

/**
 * Some calls.
 *
 * @internal
 */
export const callPage = z.strictObject({
  calls: z.array(callSummary.extend({ delays: callDelays.exactOptional() })),
  next: z.string().exactOptional().describe("Where the next page begins: give it as `after`"),
  isPartial: yes.exactOptional().describe(
    "The store is away: the latest calls of one process alone",
  ),
}) satisfies z.ZodType<CallPage>;

/**
 * What went wrong.
 *
 * @internal
 */
export const failure = z.strictObject({
  error: z.strictObject({
    code: z.string().describe("A constant word that a program may compare"),
    message: z.string(),
  }),
}) satisfies z.ZodType<{ error: Omit<ErrorAnswer, "status"> }>;

/**
 * Whether the process answers, or may take calls.
 *
 * @internal
 */
export const health = z.strictObject({ status: z.enum(["alive", "ready", "not-ready"]) });

/**
 * A page of which calls.
 *
 * @internal
 */
export const listQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  after: z.string().optional(),
});

/**
 * What was deleted of a caller.
 *
 * @internal
 */
export const forgottenCaller = z.strictObject({
  calls: count,
  running: count.describe("Calls that go on, and are not deleted"),
  memories: count,
}) satisfies z.ZodType<ForgottenCaller>;

/**
 * The call that was meant.
 *
 * @internal
 */
export const callName = z.strictObject({ callSid: z.string() });

/**
 * Where the audio of a call from the page goes.
 *
 * @internal
 */
export const softphoneTicket = z.strictObject({
  callSid: z.string(),
  accountSid: z.string(),
  token: z.string(),
  path: z.string(),
}) satisfies z.ZodType<SoftphoneTicket>;

/**
 * With what a page may open the gateway.
 *
 * @internal
 */
export const gatewayTicket = z.strictObject({
  path: z.string(),
  protocols: z.array(z.string()),
  seconds: z.number(),
}) satisfies z.ZodType<TicketAnswer>;

/**
 * What is configured: the fields of agent files, checked.
 *
 * @internal
 */
export const agentList = z.strictObject({
  agents: z.array(z.looseObject({ name: z.string(), isModelDown: z.boolean() })),
  warnings: z.array(z.string()),
});
