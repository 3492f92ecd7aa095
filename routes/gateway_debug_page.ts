/**
 * A page to send messages to the gateway by hand. Only where the server runs for development.
 *
 * @module
 */

import { errorResponse } from "./answers.ts";

const FOLDER = new URL("../static/gateway/", import.meta.url);

/** The files of the page, and there are no others. */
const TYPES: Readonly<Record<string, string>> = {
  "debug.html": "text/html; charset=utf-8",
  "debug.css": "text/css; charset=utf-8",
  "debug.js": "text/javascript; charset=utf-8",
};

const POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A file of the page. */
export async function answerDebugFile(name: string): Promise<Response> {
  const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  if (type === undefined) {
    return errorResponse({ status: 404, code: "not-found", message: "Cannot find this file" });
  }
  const bytes = await Deno.readFile(new URL(name, FOLDER));
  const headers = {
    "content-type": type,
    "content-security-policy": POLICY,
    "cache-control": "no-cache",
  };
  return new Response(bytes, { headers });
}
