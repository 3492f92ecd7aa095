/**
 * `DELETE /api/callers/:number`: a caller wants to be forgotten.
 *
 * @module
 */

import type { Log } from "../lib/log.ts";
import { type CallerPlaces, forgetCaller } from "../lib/records/forget_caller.ts";
import { StoreError } from "../lib/store/store.ts";
import { errorResponse } from "./answers.ts";

const E164 = /^\+[1-9]\d{6,14}$/;

/** Deletes all that is kept of a caller, and says how much that was. */
export async function answerForget(
  number: string,
  deps: CallerPlaces & { readonly log: Log },
): Promise<Response> {
  if (!E164.test(number)) {
    return errorResponse({
      status: 400,
      code: "number-invalid",
      message: "Cannot forget caller: the number is not in E.164, such as +15551234567",
    });
  }
  try {
    const forgotten = await forgetCaller(number, deps);
    deps.log.info("caller-forgotten", { ...forgotten, pii: { number } });
    return Response.json(forgotten, { headers: { "cache-control": "no-store" } });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return errorResponse({
      status: 503,
      code: "store-away",
      message: "Cannot forget caller: the store did not answer, not everything is gone; ask again",
    });
  }
}
