/**
 * `GET /static/console/*`: scripts and styles of the console.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { errorResponse } from "./answers.ts";

const FOLDER = new URL("../static/console/", import.meta.url);
/** No separator and one dot: nothing outside the folder has such a name. */
const NAME = /^[a-z][a-z0-9_]{0,39}\.(js|css|svg)$/;
const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/** A file, or 304 if the browser has it already. */
export async function answerStatic(name: string, request: Request): Promise<Response> {
  const bytes = await contents(name);
  const [, ending = ""] = NAME.exec(name) ?? [];
  if (!bytes) {
    return errorResponse({ status: 404, code: "not-found", message: "Cannot find this file" });
  }
  const etag = `"${createHash("sha256").update(bytes).digest("base64url")}"`;
  const headers = { "content-type": TYPES[ending] ?? "", etag, "cache-control": "no-cache" };
  const known = request.headers.get("if-none-match")?.split(",").map((tag) => tag.trim()) ?? [];
  // Proxies mark a tag as weak when they compress.
  if (known.some((tag) => tag.replace(/^W\//, "") === etag)) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(bytes, { headers });
}

async function contents(name: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  if (!NAME.test(name)) return undefined;
  try {
    return await Deno.readFile(new URL(name, FOLDER));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
