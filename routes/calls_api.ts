/**
 * Calls to read, for the console and for scripts.
 *
 * @module
 */

import type { CallPage, CallStore } from "../lib/records/call_store.ts";
import { errorResponse } from "./answers.ts";
import { listQuery } from "./api_schemas.ts";

/** Whom people called and what they said is for no cache. */
const UNCACHED = { headers: { "cache-control": "no-store" } };

/**
 * `GET /api/calls`: calls without what was said, newest first.
 *
 * @param query `limit` of 1 to 200, 50 unless given, and `after`: the `next` of the page before
 */
export async function answerCalls(
  query: Readonly<Record<string, string>>,
  records: CallStore,
): Promise<Response> {
  const { data } = listQuery.safeParse(query);
  if (!data) return queryInvalid('"limit" is not a whole number from 1 to 200');
  const { limit, after } = data;
  let page: CallPage;
  try {
    page = await records.list({ limit, ...(after === undefined ? {} : { after }) });
  } catch (error) {
    if (error instanceof RangeError) return queryInvalid('"after" is not the "next" of a page');
    throw error;
  }
  return Response.json(page, UNCACHED);
}

/** `GET /api/calls/:id`: all that is kept of one call. */
export async function answerCall(callSid: string, records: CallStore): Promise<Response> {
  const record = await records.get(callSid);
  if (record) return Response.json(record, UNCACHED);
  return errorResponse({
    status: 404,
    code: "call-unknown",
    message: "Cannot read call: no call of this name is kept",
  });
}

function queryInvalid(why: string): Response {
  return errorResponse({
    status: 400,
    code: "query-invalid",
    message: `Cannot list calls: ${why}`,
  });
}
