/**
 * What the tools may do to the call, carried out.
 *
 * @module
 */

import { dtmf } from "../../audio/dtmf.ts";
import { LINE_HZ, MODEL_OUTPUT_HZ } from "../../audio/rates.ts";
import type { CallerMessage } from "../records/call_record.ts";
import type { CallControl } from "../tools/call_control.ts";
import { ToolError } from "../tools/tool.ts";
import type { Conversation } from "./conversation.ts";
import type { Departure } from "./departure.ts";

/** What lies outside of the call. */
export interface CallReach {
  /** Sends a text message; throws a `ToolError` if that is not allowed or not possible. */
  sendMessage(to: string, text: string): Promise<void>;
  /** Keeps a fact for the caller's next call; the same. */
  remember(fact: string): Promise<void>;
}

/** What actions need. */
export interface CallActionsParts {
  /** The two parties. */
  readonly conversation: Conversation;
  /** Waits until the last words were heard. */
  readonly departure: Departure;
  /** What lies outside. */
  readonly reach: CallReach;
}

/** A call that leaves more is no call. */
const MOST_MESSAGES = 3;

/** The call in the hands of its tools. */
export class CallActions implements CallControl {
  /** What callers want to be passed on. */
  readonly messages: CallerMessage[] = [];
  readonly #parts: CallActionsParts;

  /** Nothing was done yet. */
  constructor(parts: CallActionsParts) {
    this.#parts = parts;
  }

  hangUp(): void {
    this.#parts.departure.begin({ ending: "agent-hung-up" });
  }

  transfer(name: string): void {
    this.#parts.departure.begin({ ending: "transferred", destination: name });
  }

  sendDigits(keys: string): void {
    this.#parts.conversation.playSound(raised(dtmf(keys)));
  }

  takeMessage(message: CallerMessage): void {
    if (this.messages.length >= MOST_MESSAGES) throw new ToolError("No more messages can be taken");
    this.messages.push(message);
  }

  sendMessage(to: string, text: string): Promise<void> {
    return this.#parts.reach.sendMessage(to, text);
  }

  remember(fact: string): Promise<void> {
    return this.#parts.reach.remember(fact);
  }
}

/** The way down takes the model's rate. Straight lines between samples take 1 dB from the highest tone of a key. */
function raised(pcm8k: Int16Array): Int16Array {
  const factor = MODEL_OUTPUT_HZ / LINE_HZ;
  return Int16Array.from({ length: pcm8k.length * factor }, (_, i) => {
    const at = Math.floor(i / factor);
    const here = pcm8k[at] ?? 0;
    const next = pcm8k[at + 1] ?? 0;
    return here + (next - here) * (i % factor) / factor;
  });
}
