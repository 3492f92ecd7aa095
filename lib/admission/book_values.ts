/**
 * Reads what stands in the books. What another version of this program wrote and this one does not know counts as not
 * there.
 *
 * @module
 */

import { z } from "zod";
import type { CallEntry } from "./call_entry.ts";
import type { SlotUse } from "./slots.ts";

const callEntry = z.object({
  phase: z.enum(["admitted", "running", "lost", "over"]),
  term: z.number(),
  caller: z.string(),
  document: z.string().optional(),
  untilMs: z.number().optional(),
  slot: z.number().optional(),
  ending: z.enum([
    "caller-hung-up",
    "line-lost",
    "line-dead",
    "agent-hung-up",
    "console-hung-up",
    "transferred",
    "time-limit-reached",
    "model-failed",
    "server-stopped",
    "handed-over",
    "call-failed",
  ]).optional(),
  cameBackAtMs: z.array(z.number()),
}) satisfies z.ZodType<CallEntry>;

const slotUse = z.object({
  callSid: z.string(),
  caller: z.string(),
  instance: z.string(),
  untilMs: z.number().optional(),
}) satisfies z.ZodType<SlotUse>;

const lease = z.object({ untilMs: z.number() });

/** Where a call stands. */
export function readCallEntry(value: unknown): CallEntry | undefined {
  return callEntry.safeParse(value).data;
}

/** Who has a place. */
export function readSlotUse(value: unknown): SlotUse | undefined {
  return slotUse.safeParse(value).data;
}

/** Until when an instance is known to live. */
export function readLease(value: unknown): number | undefined {
  return lease.safeParse(value).data?.untilMs;
}
