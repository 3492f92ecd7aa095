/**
 * What the emulator remembers of a session, for tests to look at.
 *
 * @module
 */

import type { FunctionResponse } from "./gemini_messages.ts";
import type { Setup } from "./gemini_setup.ts";

/**
 * What was heard between `activityStart` and `activityEnd`, or, where those are not the client's, in a turn that was
 * detected; times are the clock's.
 */
export class HeardWindow {
  /** When `activityStart` came, or speech was believed in. */
  readonly startedAtMs: number;
  /** Absent while it is open, and if it was never closed. */
  endedAtMs: number | undefined;
  /** How much of it had come by when, message by message. */
  readonly arrivals: { readonly atMs: number; readonly samples: number }[] = [];
  #pcm = new Int16Array(16_000);
  #length = 0;

  /**
   * A window in which nothing was heard yet.
   *
   * @param startedAtMs When it began
   */
  constructor(startedAtMs: number) {
    this.startedAtMs = startedAtMs;
  }

  /** All of it so far, 16 kHz. */
  get pcm(): Int16Array {
    return this.#pcm.subarray(0, this.#length);
  }

  /** Hears more. */
  push(pcm: Int16Array, atMs: number): void {
    const length = this.#length + pcm.length;
    this.arrivals.push({ atMs, samples: length });
    if (length > this.#pcm.length) {
      const roomier = new Int16Array(2 * length);
      roomier.set(this.pcm);
      this.#pcm = roomier;
    }
    this.#pcm.set(pcm, this.#length);
    this.#length = length;
  }
}

/** One answer, as far as it went; times are the clock's. */
export interface SentAnswer {
  /** Turn of the conversation that it answers. */
  readonly turn: number;
  /** All that was to be said. */
  readonly text: string;
  /** All that was to be heard, 24 kHz. */
  readonly pcm: Int16Array;
  /** What was sent of the text. */
  textSent: string;
  /** What was sent of the audio. */
  samplesSent: number;
  /** When the first audio was sent. */
  firstSentAtMs: number | undefined;
  /** `complete` after `turnComplete`. */
  outcome: "under-way" | "complete" | "interrupted";
}

/** Something a client wrote; times are the clock's. */
export interface WrittenText {
  /** The message that it came in. */
  readonly by: "client-content" | "realtime-input";
  /** All parts of it. */
  readonly text: string;
  /** Whether it asked for an answer, or only added to what the model knows. */
  readonly asksForAnswer: boolean;
  /** When it came. */
  readonly atMs: number;
}

/** A picture that a client showed. */
export interface ShownPicture {
  /** What it says it is. */
  readonly mimeType: string;
  /** Its size. */
  readonly bytes: number;
  /** Whether it came in a window. */
  readonly isInWindow: boolean;
}

/** What happened on one connection. */
export interface SessionRecord {
  /** Which attempt to connect it was, from 0. */
  readonly connection: number;
  /** Path of the upgrade request. */
  readonly path: string;
  /** When it was upgraded. */
  readonly openedAtMs: number;
  /** When `setupComplete` went out. */
  readyAtMs: number | undefined;
  /** When the socket was closed on both sides. */
  closedAtMs: number | undefined;
  /** With names in camelCase. */
  setup: Setup | undefined;
  /** Handle that it resumed from. */
  resumedFrom: string | undefined;
  /** What was heard, first to last. */
  readonly windows: HeardWindow[];
  /** Audio that came outside of windows. */
  droppedAudioBytes: number;
  /** How often the client said that no audio comes for a while. */
  audioStreamEnds: number;
  /** What was written, first to last. */
  readonly texts: WrittenText[];
  /** What was shown, first to last. */
  readonly pictures: ShownPicture[];
  /** First to last, refused ones among them. */
  readonly toolResponses: FunctionResponse[];
  /** New instructions and tools; they have no effect. */
  readonly contextUpdates: Readonly<Record<string, unknown>>[];
  /** The answers, first to last. */
  readonly sent: SentAnswer[];
  /** Rules that the client broke, first to last. */
  readonly violations: string[];
  /** As the socket saw it: 1005 without a code, 1006 without a close frame. */
  closeCode: number | undefined;
}

/** A record of a connection on which nothing has happened yet. */
export function newSessionRecord(
  opened: Pick<SessionRecord, "connection" | "path" | "openedAtMs">,
): SessionRecord {
  return {
    ...opened,
    readyAtMs: undefined,
    closedAtMs: undefined,
    setup: undefined,
    resumedFrom: undefined,
    windows: [],
    droppedAudioBytes: 0,
    audioStreamEnds: 0,
    texts: [],
    pictures: [],
    toolResponses: [],
    contextUpdates: [],
    sent: [],
    violations: [],
    closeCode: undefined,
  };
}
