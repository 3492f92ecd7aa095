/**
 * What Twilio's webhooks say, as far as it is used here. A form is read only after its signature was verified over all
 * of it.
 *
 * @module
 */

import { z } from "zod";
import type { SignedForm } from "./guards/twilio_signature.ts";

/** A verified form has the wrong shape. */
export class WebhookFormError extends Error {
  /** Tells it from other errors in a log. */
  override name = "WebhookFormError";
}

/** A call came in, or one that we placed was answered; or the stream of one has ended. */
export interface VoiceForm {
  /** Name of the call. */
  readonly CallSid: string;
  /** Account that the call belongs to. */
  readonly AccountSid: string;
  /** Who calls: E.164, or any other text, or nothing. */
  readonly From: string;
  /** Who is called. */
  readonly To: string;
  /** `inbound`, or one of the outbound kinds. */
  readonly Direction: string;
}

/** A call has changed its status. */
export interface CallStatusForm {
  /** Name of the call. */
  readonly CallSid: string;
  /** What it is now. */
  readonly CallStatus: string;
  /** Who calls. */
  readonly From: string;
  /** Who is called. */
  readonly To: string;
  /** `inbound`, or one of the outbound kinds. */
  readonly Direction: string;
}

/** The network has found out who answered. */
export interface MachineDetectionForm {
  /** Name of the call. */
  readonly CallSid: string;
  /** `human`, `fax`, `unknown`, or one of the machines. */
  readonly AnsweredBy: string;
}

/** Somebody was rung, and that is over. */
export interface DialForm {
  /** Name of the caller's call. */
  readonly CallSid: string;
  /** What came of it. */
  readonly DialCallStatus: string;
}

const callSid = z.string().regex(/^CA[0-9a-f]{32}$/i);

/**
 * A call, and its parties.
 *
 * @internal
 */
export const voiceForm = z.object({
  CallSid: callSid,
  AccountSid: z.string(),
  From: z.string().default(""),
  To: z.string().default(""),
  Direction: z.string().default("inbound"),
}) satisfies z.ZodType<VoiceForm>;

/**
 * A call, and what it is now.
 *
 * @internal
 */
export const callStatusForm = z.object({
  CallSid: callSid,
  CallStatus: z.string(),
  From: z.string().default(""),
  To: z.string().default(""),
  Direction: z.string().default("inbound"),
}) satisfies z.ZodType<CallStatusForm>;

const machineDetectionForm = z.object({
  CallSid: callSid,
  AnsweredBy: z.string(),
}) satisfies z.ZodType<MachineDetectionForm>;

/**
 * Reads the form of `POST /twilio/amd`.
 *
 * @throws {WebhookFormError} If a field has the wrong shape
 */
export function readMachineDetectionForm(form: SignedForm): MachineDetectionForm {
  return read(machineDetectionForm, form);
}

/**
 * Reads the form of `POST /twilio/voice`, and of `POST /twilio/stream-ended`, which says as much.
 *
 * @throws {WebhookFormError} If a field has the wrong shape
 */
export function readVoiceForm(form: SignedForm): VoiceForm {
  return read(voiceForm, form);
}

/**
 * Reads the form of `POST /twilio/transfer-ended`.
 *
 * @throws {WebhookFormError} If a field has the wrong shape
 */
export function readDialForm(form: SignedForm): DialForm {
  return read(dialForm, form);
}

/**
 * Reads the form of `POST /twilio/status`.
 *
 * @throws {WebhookFormError} If a field has the wrong shape
 */
export function readCallStatusForm(form: SignedForm): CallStatusForm {
  return read(callStatusForm, form);
}

/**
 * A call, and what came of a dial.
 *
 * @internal
 */
export const dialForm = z.object({
  CallSid: callSid,
  DialCallStatus: z.string(),
}) satisfies z.ZodType<DialForm>;

function read<T>(schema: z.ZodType<T>, form: SignedForm): T {
  const result = schema.safeParse(Object.fromEntries(form));
  if (result.success) return result.data;
  const field = result.error.issues[0]?.path.join(".");
  throw new WebhookFormError(`Cannot read webhook: "${field}" is invalid`, { cause: result.error });
}
