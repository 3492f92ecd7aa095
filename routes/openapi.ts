/**
 * `GET /api/openapi.json`: every route, made from the schemas by which the routes read and by which their answers are
 * tested.
 *
 * @module
 */

import { z } from "zod";
import { callPage, callRecord, callSummary, failure, health, listQuery } from "./api_schemas.ts";
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
  /** The form that is posted. */
  readonly form?: z.ZodObject;
  /** By status; any other status has an error in its body. */
  readonly answers: Readonly<Record<number, AnswerDoc>>;
}

const JSON_TYPE = "application/json";
const twiml: RouteDoc["answers"] = {
  200: { description: "What Twilio does next", type: "text/xml" },
};

function json(description: string, schema: z.ZodType): AnswerDoc {
  return { description, type: JSON_TYPE, schema };
}

/**
 * Every route, by method and path.
 *
 * @internal
 */
export const ROUTES: Readonly<Record<string, RouteDoc>> = {
  "GET /twilio/media": {
    summary: "Twilio opens the audio of a call: a WebSocket",
    guard: "twilio",
    answers: { 101: { description: "The stream is open" } },
  },
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
};

const components = z.registry<{ id: string }>();
components.add(callSummary, { id: "CallSummary" });
components.add(callRecord, { id: "CallRecord" });
components.add(failure, { id: "Error" });

const GUARDS = {
  open: [],
  console: [{ consoleToken: [] }, {}],
  twilio: [{ twilioSignature: [] }],
};

/** The whole description. */
export function openApiDocument(): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const [route, doc] of Object.entries(ROUTES)) {
    const [method = "", path = ""] = route.split(" ");
    const template = path.replace(/:(\w+)/g, "{$1}");
    paths[template] = { ...paths[template], [method.toLowerCase()]: operation(path, doc) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Offhook", version: "1" },
    paths,
    components: {
      schemas: z.toJSONSchema(components, { uri: reference, io: "output" }).schemas,
      securitySchemes: {
        consoleToken: {
          type: "http",
          scheme: "bearer",
          description: "CONSOLE_TOKEN; where none is set, requests from this machine need none",
        },
        twilioSignature: { type: "apiKey", in: "header", name: "X-Twilio-Signature" },
      },
    },
  };
}

function operation(path: string, { summary, guard, query, form, answers }: RouteDoc) {
  const names = Array.from(path.matchAll(/:(\w+)/g), ([, name]) => name);
  const inPath = names.map((name) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const body = form &&
    { content: { "application/x-www-form-urlencoded": { schema: given(form) } } };
  const responses = Object.entries(answers).map(([status, answer]) => [status, response(answer)]);
  return {
    summary,
    security: GUARDS[guard],
    parameters: [...inPath, ...parametersOf(query)],
    ...(body ? { requestBody: body } : {}),
    responses: {
      ...Object.fromEntries(responses),
      default: response(json("What went wrong", failure)),
    },
  };
}

function parametersOf(query: z.ZodObject | undefined): Record<string, unknown>[] {
  const { properties = {}, required = [] } = query ? given(query) : {};
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name),
    schema,
  }));
}

function response({ description, type, schema }: AnswerDoc): Record<string, unknown> {
  if (type === undefined) return { description };
  const content = schema ? { schema: answered(schema) } : {};
  return { description, content: { [type]: content } };
}

function given(schema: z.ZodType) {
  return z.toJSONSchema(schema, { io: "input" });
}

/** A schema that has a name is named; of any other, the parts that have one are written out. */
function answered(schema: z.ZodType): unknown {
  const id = components.get(schema)?.id;
  return id === undefined ? z.toJSONSchema(schema, { io: "output" }) : { $ref: reference(id) };
}

function reference(id: string): string {
  return `#/components/schemas/${id}`;
}

/** `GET /api/openapi.json`. */
export function answerOpenApi(): Response {
  return Response.json(openApiDocument());
}
