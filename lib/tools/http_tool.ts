/**
 * Tools that an agent file declares: each asks a service of the public internet over HTTPS.
 *
 * @module
 */

import { z } from "zod";
import { type HttpClient, HttpRefusedError, type HttpRequest } from "./http_client.ts";
import { defineTool, type Tool, ToolError, type ToolManners, type ToolParameters } from "./tool.ts";
import type { HttpTool, ToolHandling } from "./tool_wishes.ts";

/** A tool, as an agent file has it, and how it is treated. */
export type DeclaredTool = ToolManners & Omit<HttpTool, keyof ToolHandling>;

/** What such tools share. */
export interface HttpToolParts {
  /** Asks. */
  readonly client: HttpClient;
  /** Secrets by name. */
  readonly secrets: ReadonlyMap<string, string>;
}

const PLACE = /\{(\w+)\}/g;
const SECRET = /\{\{secret:(\w+)\}\}/g;

/**
 * Makes a tool of its declaration.
 *
 * Parameters that stand in the address are filled in there, percent-encoded; the others go into the query of a GET or
 * DELETE, and into a JSON body otherwise.
 *
 * @throws {RangeError} If the declaration cannot be used; the message names the field
 */
export function httpTool(declared: DeclaredTool, { client, secrets }: HttpToolParts): Tool {
  const { parameters, http, ...rest } = declared;
  const schema = readParameters(parameters);
  checkAddress(http.url, schema);
  const headers = fillSecrets(http.headers, secrets);
  return defineTool({
    ...rest,
    parameters: schema,
    run: async (args, { signal }) => pick(await ask(toRequest(args), signal), http.pick),
  });

  function toRequest(args: Readonly<Record<string, unknown>>): HttpRequest {
    const url = new URL(http.url.replace(PLACE, (_all, name) => encodePart(args[name])));
    const placed = new Set([...http.url.matchAll(PLACE)].map(([, name]) => name));
    const others = Object.entries(args).filter(([name]) => !placed.has(name));
    if (http.method === "GET" || http.method === "DELETE") {
      for (const [name, value] of others) url.searchParams.append(name, asText(value));
      return { url, method: http.method, headers, body: undefined };
    }
    return {
      url,
      method: http.method,
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(Object.fromEntries(others)),
    };
  }

  async function ask(asked: HttpRequest, signal: AbortSignal): Promise<string> {
    try {
      const { status, text } = await client.ask(asked, signal);
      if (status >= 200 && status < 300) return text;
      throw new ToolError(`The service answered with status ${status}`);
    } catch (error) {
      if (error instanceof ToolError) throw error;
      if (error instanceof HttpRefusedError) throw new ToolError("The service may not be asked");
      throw new ToolError("The service cannot be reached", { cause: error });
    }
  }
}

function readParameters(given: Readonly<Record<string, unknown>>): ToolParameters {
  try {
    const schema = z.fromJSONSchema({ type: "object", ...given });
    if (schema instanceof z.ZodObject) return schema;
  } catch (cause) {
    throw new RangeError("parameters: expected a JSON Schema", { cause });
  }
  throw new RangeError("parameters: expected the JSON Schema of an object");
}

/** What the model says may fill the path or the query, never choose the host. */
function checkAddress(url: string, schema: ToolParameters): void {
  const names = [...url.matchAll(PLACE)].map(([, name]) => name ?? "");
  const unknown = names.find((name) => !(name in schema.shape));
  if (unknown !== undefined) {
    throw new RangeError(`http.url: {${unknown}} is unknown; expected a name of parameters`);
  }
  const isFixed = /^https:\/\/[^/?#{}@\s]+([/?#]|$)/.test(url);
  if (!isFixed || !URL.canParse(url)) {
    throw new RangeError("http.url: expected an https address with a host of its own");
  }
}

function fillSecrets(
  headers: Readonly<Record<string, string>>,
  secrets: ReadonlyMap<string, string>,
): Readonly<Record<string, string>> {
  const filled = Object.entries(headers).map(([header, value]) => {
    const text = value.replace(SECRET, (_all, name) => {
      const secret = secrets.get(name);
      if (secret !== undefined) return secret;
      throw new RangeError(`http.headers.${header}: expected a secret ${name} in the environment`);
    });
    return [header, text];
  });
  return Object.fromEntries(filled);
}

/** A part of an address: dots alone would lead elsewhere in the path. */
function encodePart(value: unknown): string {
  const text = asText(value);
  return /^\.+$/.test(text) ? text.replaceAll(".", "%2E") : encodeURIComponent(text);
}

function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? "");
}

/** The answer as JSON if it is that, and the part that counts. */
function pick(text: string, path: string | undefined): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = text;
  }
  for (const name of path?.split(".") ?? []) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return null;
    value = Reflect.get(value, name);
  }
  return value;
}
