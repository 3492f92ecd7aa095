/**
 * `GET /api/openapi.json`: every route, made from the schemas by which the routes read and by which their answers are
 * tested.
 *
 * @module
 */

import { z } from "zod";
import { type AnswerDoc, json, type RouteDoc, ROUTES } from "./api_routes.ts";
import { callRecord, callSummary, failure } from "./api_schemas.ts";

const JSON_TYPE = "application/json";
const FORM_TYPE = "application/x-www-form-urlencoded";

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

function operation(path: string, doc: RouteDoc): Record<string, unknown> {
  const { summary, guard, query, body, form, answers } = doc;
  const names = Array.from(path.matchAll(/:(\w+)/g), ([, name]) => name);
  const inPath = names.map((name) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const posted = body ? { [JSON_TYPE]: body } : form ? { [FORM_TYPE]: form } : undefined;
  const responses = Object.entries(answers).map(([status, answer]) => [status, response(answer)]);
  return {
    summary,
    security: GUARDS[guard],
    parameters: [...inPath, ...parametersOf(query)],
    ...(posted ? { requestBody: { content: contentOf(posted) } } : {}),
    responses: {
      ...Object.fromEntries(responses),
      default: response(json("What went wrong", failure)),
    },
  };
}

function contentOf(posted: Readonly<Record<string, z.ZodType>>): Record<string, unknown> {
  const types = Object.entries(posted).map(([type, schema]) => [type, { schema: given(schema) }]);
  return Object.fromEntries(types);
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
