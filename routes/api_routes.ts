/**
 * Every route, what it takes and what it answers.
 *
 * @module
 */

import { z } from "zod";
import {
  agentList,
  callName,
  callPage,
  callRecord,
  forgottenCaller,
  gatewayTicket,
  health,
  listQuery,
  softphoneTicket,
} from "./api_schemas.ts";
import { forgetRequest } from "./callers_api.ts";
import { whisperRequest } from "./live_api.ts";
import { placedCallRequest } from "./place_call.ts";
import { callStatusForm, dialForm, voiceForm } from "./webhook_forms.ts";

/**
 * What a route answers with one status.
 *
 * @internal
 */
export interface AnswerDoc {
  /** What it means. */
  readonly description: string;
  /** Of what kind the body is; without one there is no body. */
  readonly type?: string;
  /** The form of a body in JSON. */
  readonly schema?: z.ZodType;
}

/**
 * A route.
 *
 * @internal
 */
export interface RouteDoc {
  /** What it is for. */
  readonly summary: string;
  /** Who is let in. */
  readonly guard: "open" | "console" | "twilio";
  /** What may stand behind the question mark. */
  readonly query?: z.ZodObject;
  /** What is posted as JSON. */
  readonly body?: z.ZodObject;
  /** The form that is posted. */
  readonly form?: z.ZodObject;
  /** Whether it is for people with a browser: what it answers is no part of the API. */
  readonly isPage?: true;
  /** By status; any other status has an error in its body. */
  readonly answers: Readonly<Record<number, AnswerDoc>>;
}

const JSON_TYPE = "application/json";
const twiml: RouteDoc["answers"] = {
  200: { description: "What Twilio does next", type: "text/xml" },
};

/**
 * A body in JSON.
 *
 * @internal
 */
export function json(description: string, schema: z.ZodType): AnswerDoc {
  return { description, type: JSON_TYPE, schema };
}

function page(summary: string): RouteDoc {
  return {
    summary,
    guard: "console",
    isPage: true,
    answers: { 200: { description: "A page", type: "text/html" } },
  };
}

function events(summary: string): RouteDoc {
  const answers = { 200: { description: "Server-sent events", type: "text/event-stream" } };
  return { summary, guard: "console", answers };
}

function socket(summary: string, guard: RouteDoc["guard"]): RouteDoc {
  return { summary, guard, answers: { 101: { description: "The socket is open" } } };
}

/**
 * Every route, by method and path.
 *
 * @internal
 */
export const ROUTES: Readonly<Record<string, RouteDoc>> = {
  "GET /twilio/media": socket("Twilio opens the audio of a call", "twilio"),
  "POST /twilio/voice": {
    summary: "A call came in, or one that we placed was answered",
    guard: "twilio",
    form: voiceForm,
    answers: twiml,
  },
  "POST /twilio/stream-ended": {
    summary: "The stream of a call is closed and the caller still there",
    guard: "twilio",
    form: voiceForm,
    answers: twiml,
  },
  "POST /twilio/transfer-ended": {
    summary: "Somebody was rung for a caller, and that is over",
    guard: "twilio",
    form: dialForm,
    answers: twiml,
  },
  "POST /twilio/whisper/:agent/:destination": {
    summary: "What somebody hears before a caller is put through to them",
    guard: "twilio",
    answers: twiml,
  },
  "POST /twilio/status": {
    summary: "A call has changed its status",
    guard: "twilio",
    form: callStatusForm,
    answers: { 204: { description: "Noted" } },
  },
  "POST /twilio/amd": {
    summary: "Whether a person or a machine has answered a call that we placed",
    guard: "twilio",
    answers: { 204: { description: "Noted" } },
  },
  "GET /healthz": {
    summary: "Whether the process answers",
    guard: "open",
    answers: { 200: json("It does", health) },
  },
  "GET /readyz": {
    summary: "Whether a new call would be let in",
    guard: "open",
    answers: { 200: json("It would", health), 503: json("It would not", health) },
  },
  "GET /metrics": {
    summary: "Counts of this process for Prometheus",
    guard: "console",
    answers: { 200: { description: "Counts", type: "text/plain" } },
  },
  "GET /api/calls": {
    summary: "Calls, newest first",
    guard: "console",
    query: listQuery,
    answers: { 200: json("A page of them", callPage) },
  },
  "POST /api/calls": {
    summary: "Has an agent call a number",
    guard: "console",
    body: placedCallRequest,
    answers: { 201: json("It is being called", callName) },
  },
  "GET /api/calls/live/events": events("The list of running calls, whenever it changes"),
  "GET /api/calls/:id/events": events("One running call, to its end"),
  "POST /api/calls/:id/hangup": {
    summary: "Has a running call end",
    guard: "console",
    answers: { 202: json("It is told to", callName) },
  },
  "POST /api/calls/:id/whisper": {
    summary: "Tells the agent of a running call something that the caller does not hear",
    guard: "console",
    body: whisperRequest,
    answers: { 202: json("It is told", callName) },
  },
  "GET /api/calls/:id/recording": {
    summary: "The sound of a call: WAV in mu-law, caller left, agent right",
    guard: "console",
    answers: {
      200: { description: "The file", type: "audio/wav" },
      206: { description: "The part that `Range` asked for", type: "audio/wav" },
    },
  },
  "POST /api/callers/forget": {
    summary: "Deletes all that is kept of a caller; their number stands in no URL",
    guard: "console",
    body: forgetRequest,
    answers: { 200: json("What was deleted", forgottenCaller) },
  },
  "DELETE /api/callers/:number": {
    summary: "The same; the number is in E.164",
    guard: "console",
    answers: { 200: json("What was deleted", forgottenCaller) },
  },
  "GET /api/agents": {
    summary: "What is configured",
    guard: "console",
    answers: { 200: json("Every agent", agentList) },
  },
  "POST /api/softphone/calls": {
    summary: "The page begins a call through the telephone path",
    guard: "console",
    answers: { 201: json("Where its audio goes", softphoneTicket) },
  },
  "GET /api/softphone/media": socket("The audio of a call from the page", "console"),
  "POST /api/gemini/tickets": {
    summary: "Lets a page open the gateway once",
    guard: "console",
    answers: { 201: json("The ticket", gatewayTicket) },
  },
  "GET /api/gemini/ws": socket("A program talks to the model", "console"),
  "GET /api/gemini/debug": page("The gateway by hand; for development alone"),
  "GET /static/gateway/:name": page("What that page is made of"),
  "GET /api/calls/:id": {
    summary: "All that is kept of a call",
    guard: "console",
    answers: { 200: json("The record", callRecord) },
  },
  "GET /api/openapi.json": {
    summary: "This description",
    guard: "console",
    answers: { 200: json("OpenAPI 3.1", z.looseObject({ openapi: z.literal("3.1.0") })) },
  },
  "GET /": page("Running calls"),
  "GET /calls": page("Calls that were"),
  "GET /calls/:id": page("One call"),
  "GET /agents": page("What is configured"),
  "GET /try": page("A telephone in the page"),
  "POST /sign-in": page("Takes the console token"),
  "POST /sign-out": page("Forgets it"),
  "GET /static/console/:name": page("What the pages are made of"),
};
