/**
 * Calls to read, for the console and for scripts.
 *
 * @module
 */

import type { RecentCalls } from "../lib/records/recent_calls.ts";
import { errorResponse } from "./answers.ts";

/** Whom people called and what they said is for no cache. */
const UNCACHED = { headers: { "cache-control": "no-store" } };

/** `GET /api/calls`: the latest calls without what was said, newest first. */
export function answerCalls(records: RecentCalls): Response {
  const calls = records.list().map(({ transcript: _words, turns: _times, ...summary }) => summary);
  return Response.json({ calls }, UNCACHED);
}

/** `GET /api/calls/:id`: all that is kept of one call. */
export function answerCall(callSid: string, records: RecentCalls): Response {
  const record = records.get(callSid);
  if (record) return Response.json(record, UNCACHED);
  return errorResponse({
    status: 404,
    code: "call-unknown",
    message: "Cannot read call: no call of this name is kept",
  });
}
