/**
 * What clients are told: JSON in text frames.
 *
 * @module
 */

import { pcmToBytes } from "../../audio/pcm.ts";
import { MODEL_OUTPUT_HZ } from "../../audio/rates.ts";
import type { ModelErrorKind } from "../call/model.ts";
import type { ClientMessageFault, Modality } from "./client_messages.ts";

/** Version of the protocol; another one may change what is here, the same one only adds to it. */
export const PROTOCOL_VERSION = 1;

/** What is wrong; programs compare these. */
export type ClientErrorCode =
  | ClientMessageFault
  | `model-${Exclude<ModelErrorKind, "model-not-found">}`
  | "model-not-found"
  | "no-api-key"
  | "binary-frame"
  | "model-not-allowed"
  | "voice-unknown"
  | "agent-unknown"
  | "resume-unknown"
  | "too-many-clients"
  | "rate-limited"
  | "input-overflow"
  | "idle"
  | "time-limit"
  | "internal";

/** How things stand, or what has just happened. */
export type SystemState =
  | "client-connected"
  | "model-connecting"
  | "model-connected"
  | "configured"
  | "flowing"
  | "resumed"
  | "model-reconnecting"
  | "model-reconnected"
  | "speech-started"
  | "speech-ended"
  | "heard"
  | "interrupted"
  | "turn-complete"
  | "closing";

/** What holds for a conversation. */
export interface Applied {
  /** Name of the agent whose instructions count. */
  readonly agent: string;
  /** Model id. */
  readonly model: string;
  /** Voice. */
  readonly voice: string;
  /** What the client gets of answers. */
  readonly modalities: readonly Modality[];
  /** What the model itself makes: today's models make one, and text comes of its transcription. */
  readonly modelModality: "AUDIO";
}

/** One message to a client. */
export type ServerMessage =
  | { readonly type: "response"; readonly text: string }
  | {
    readonly type: "audio";
    readonly data: string;
    readonly format: "pcm16";
    readonly sampleRate: 24000;
  }
  | {
    readonly type: "system";
    readonly state: SystemState;
    readonly message: string;
    readonly protocolVersion?: number;
    readonly resumeToken?: string;
    readonly resumeSeconds?: number;
    readonly applied?: Applied;
    readonly text?: string;
  }
  | {
    readonly type: "error";
    readonly code: ClientErrorCode;
    readonly message: string;
    readonly field?: string;
  }
  | { readonly type: "config_success"; readonly message: string };

/** Audio of an answer, 24 kHz. */
export function audioMessage(pcm: Int16Array): ServerMessage {
  const bytes = pcmToBytes(pcm);
  const data = new Uint8Array(bytes).toBase64();
  return { type: "audio", data, format: "pcm16", sampleRate: MODEL_OUTPUT_HZ };
}
