/**
 * `POST /api/calls`: somebody has an agent call a number.
 *
 * @module
 */

import { z } from "zod";
import type { Clock } from "../lib/clock.ts";
import { errorResponse } from "./answers.ts";
import { jsonOf, readBody } from "./guards/request_body.ts";
import type { CallRequest, OutboundDesk } from "./outbound_desk.ts";

/** What it takes. */
export interface PlaceCallDeps {
  /** Places it; absent without credentials of Twilio's REST API. */
  readonly outbound?: OutboundDesk | undefined;
  /** Why no new call is taken now, if none is. */
  readonly obstacle: () => string | undefined;
  /** Bounds the wait for the body. */
  readonly clock: Clock;
}

const MAX_BYTES = 16_384;
const DEADLINE_MS = 5_000;

/**
 * What is asked for.
 *
 * @internal
 */
export const placedCallRequest = z.strictObject({
  agent: z.string().default("default"),
  to: z.string(),
  from: z.string().regex(/^\+[1-9][0-9]{6,14}$/).optional(),
  variables: z.record(z.string().regex(/^[a-z]\w{0,39}$/i), z.string().max(200))
    .refine((variables) => Object.keys(variables).length <= 20).default({}),
}) satisfies z.ZodType<CallRequest>;

/** Answers 201 with the CallSid, or says why no call was placed. */
export async function answerPlaceCall(asked: Request, deps: PlaceCallDeps): Promise<Response> {
  const { outbound, obstacle, clock } = deps;
  if (!outbound) {
    return refuse(503, "outbound-off", "TWILIO_ACCOUNT_SID or its credentials are missing");
  }
  const body = await readBody(asked, { clock, maxBytes: MAX_BYTES, deadlineMs: DEADLINE_MS });
  if ("refused" in body) return refuse(413, "body-refused", `the body is ${body.refused}`);
  const parsed = placedCallRequest.safeParse(jsonOf(body.text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const field = issue?.code === "unrecognized_keys" ? issue.keys[0] : issue?.path.join(".");
    return refuse(400, "body-invalid", `"${field || "body"}" is invalid`);
  }
  const why = obstacle();
  if (why) return refuse(503, "busy", `the server is ${why}`);
  const placed = await outbound.place(parsed.data);
  if ("refusal" in placed) return errorResponse(placed.refusal);
  return Response.json(placed, { status: 201, headers: { "cache-control": "no-store" } });
}

function refuse(status: number, code: string, why: string): Response {
  return errorResponse({ status, code, message: `Cannot place call: ${why}` });
}
