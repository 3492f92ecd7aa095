/**
 * `POST /api/callers/forget` and `DELETE /api/callers/:number`: a caller wants to be forgotten. The first keeps their
 * number out of the URL, which proxies and traces write down.
 *
 * @module
 */

import { z } from "zod";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { type CallerPlaces, forgetCaller } from "../lib/records/forget_caller.ts";
import { StoreError } from "../lib/store/store.ts";
import { errorResponse } from "./answers.ts";
import { verifyJson } from "./guards/console_guard.ts";
import { readJson } from "./guards/request_body.ts";

/** What it takes to forget somebody. */
export interface ForgetDeps extends CallerPlaces {
  /** Says that it was done. */
  readonly log: Log;
  /** Bounds the wait for the body. */
  readonly clock: Clock;
}

const E164 = /^\+[1-9]\d{6,14}$/;
const MAX_BYTES = 1_024;

/**
 * Who is to be forgotten.
 *
 * @internal
 */
export const forgetRequest = z.strictObject({ number: z.string().describe("In E.164") });

/** `POST /api/callers/forget`, with the number in the body. */
export async function answerForgetPost(request: Request, deps: ForgetDeps): Promise<Response> {
  const refusal = verifyJson(request);
  if (refusal) return refusal;
  const { data } = forgetRequest.safeParse(
    await readJson(request, { clock: deps.clock, maxBytes: MAX_BYTES }),
  );
  return await answerForget(data?.number ?? "", deps);
}

/** `DELETE /api/callers/:number`: deletes all that is kept of a caller, and says how much that was. */
export async function answerForget(number: string, deps: ForgetDeps): Promise<Response> {
  if (!E164.test(number)) {
    return errorResponse({
      status: 400,
      code: "number-invalid",
      message: 'Cannot forget caller: "number" is not in E.164, such as +15551234567',
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
