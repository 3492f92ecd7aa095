/**
 * The record of a call's audio: what was said and heard, 20 ms by 20 ms, and what came from the server.
 *
 * @module
 */

import { FRAME_MS, LINE_FRAME_SAMPLES } from "../audio/rates.ts";
import { isAudible } from "./caller_script.ts";
import type { ServerMessage } from "./stream_rules.ts";

/** A message from the server, as it came. */
export interface ReceivedMessage {
  /** What it is; `refused` if Twilio would drop it. */
  readonly event: "media" | "mark" | "clear" | "refused";
  /** When it came. */
  readonly atMs: number;
  /** Bytes of audio; 0 for what is not media. */
  readonly bytes: number;
  /** Audio waiting after it was taken: by how much the server is ahead. */
  readonly waitingMs: number;
  /** The name of a mark, or why a message was refused. */
  readonly note: string;
}

/** A mark of the server. */
export interface MarkReport {
  /** The server's name for it. */
  readonly name: string;
  /** When it came. */
  readonly queuedAtMs: number;
  /** Undefined if it was still pending when the stream ended. */
  readonly reachedAtMs: number | undefined;
  /** Whether a `clear` reached it instead of the caller's ear. */
  readonly cleared: boolean;
}

/** Something that the caller said, and how long the answer took. */
export interface Utterance {
  /** What was said. */
  readonly text: string;
  /** Beginning of the first frame. */
  readonly startedAtMs: number;
  /** End of the last audible frame. */
  readonly endedAtMs: number;
  /** First media from the server after it, before the next utterance. */
  readonly firstMediaAtMs: number | undefined;
  /** When the first audible frame after it began, before the next utterance. */
  readonly firstHeardAtMs: number | undefined;
  /** From the end of speech to the first sound of the agent. */
  readonly latencyMs: number | undefined;
}

/** The audio of a call. `said` and `heard` begin with the first stream and lie on one time axis, 8 bytes per ms. */
export interface AudioReport {
  /** When the first byte of `said` and `heard` sounded; undefined if there was no stream. */
  readonly audioStartedAtMs: number | undefined;
  /** What the caller said, mu-law; silence where frames were withheld. */
  readonly said: Uint8Array;
  /** What the caller heard of the stream, mu-law. */
  readonly heard: Uint8Array;
  /** Everything that came from the server, first to last. */
  readonly messages: readonly ReceivedMessage[];
  /** All marks, first to last. */
  readonly marks: readonly MarkReport[];
  /** All clears, and how much audio each dropped. */
  readonly clears: readonly { readonly atMs: number; readonly droppedBytes: number }[];
  /** Gaps of less than 500 ms in what the server sent, with no `clear` before: it did not keep up. */
  readonly underruns: readonly { readonly atMs: number; readonly lastedMs: number }[];
  /** When the first audio came. */
  readonly firstMediaAtMs: number | undefined;
  /** What the caller said, first to last. */
  readonly utterances: readonly Utterance[];
  /** How late each frame left, of which the machine is the cause. */
  readonly frameLatenessMs: readonly number[];
  /** Why the caller gave up, if it did. */
  readonly gaveUp: string | undefined;
}

/** 20 ms on the line. */
export interface LineFrame {
  /** When it began. */
  readonly atMs: number;
  /** 160 bytes of the caller. */
  readonly said: Uint8Array;
  /** 160 bytes that the caller heard. */
  readonly heard: Uint8Array;
  /** Bytes of `heard`, from the first, that came from the server. */
  readonly audioBytes: number;
}

/** Something that the caller says. */
export type Speech = Pick<Utterance, "text" | "startedAtMs" | "endedAtMs">;

type MutableMark = { -readonly [K in keyof MarkReport]: MarkReport[K] };

/** A longer gap is a pause between two answers. */
const LONGEST_UNDERRUN_MS = 500;
const BYTES_PER_MS = LINE_FRAME_SAMPLES / FRAME_MS;

/** Takes down the audio of one call. */
export class AudioRecord {
  readonly #frames: LineFrame[] = [];
  readonly #messages: ReceivedMessage[] = [];
  readonly #marks: MutableMark[] = [];
  readonly #clears: { atMs: number; droppedBytes: number }[] = [];
  readonly #underruns: { atMs: number; lastedMs: number }[] = [];
  readonly #speeches: Speech[] = [];
  readonly #latenessMs: number[] = [];
  /** Marks from here on are pending. */
  #pendingMark = 0;
  /** Where the server's audio ran out; undefined before it began and after a clear. */
  #ranOutAtMs: number | undefined;
  #gaveUp: string | undefined;

  /** Puts down 20 ms that are over; they follow one another without a gap. */
  frame(frame: LineFrame): void {
    this.#frames.push(frame);
    if (frame.audioBytes === 0) return;
    const lastedMs = frame.atMs - (this.#ranOutAtMs ?? frame.atMs);
    if (lastedMs > 0 && lastedMs < LONGEST_UNDERRUN_MS) {
      this.#underruns.push({ atMs: frame.atMs - lastedMs, lastedMs });
    }
    this.#ranOutAtMs = frame.atMs + frame.audioBytes / BYTES_PER_MS;
  }

  /** A message came, and the playout buffer has taken it. */
  message(
    message: ServerMessage,
    { atMs, waitingBytes }: { atMs: number; waitingBytes: number },
  ): void {
    const note = message.type === "mark"
      ? message.name
      : message.type === "refused"
      ? message.reason
      : "";
    const bytes = message.type === "media" ? message.mulaw.length : 0;
    const waitingMs = waitingBytes / BYTES_PER_MS;
    this.#messages.push({ event: message.type, atMs, bytes, waitingMs, note });
    if (message.type !== "mark") return;
    this.#marks.push({ name: note, queuedAtMs: atMs, reachedAtMs: undefined, cleared: false });
  }

  /** The oldest pending marks are reached, so many of them. */
  marksReached(count: number, { atMs, cleared }: { atMs: number; cleared: boolean }): void {
    for (const mark of this.#marks.slice(this.#pendingMark, this.#pendingMark + count)) {
      mark.reachedAtMs = atMs;
      mark.cleared = cleared;
    }
    this.#pendingMark += count;
  }

  /** The server emptied the buffer. */
  cleared(atMs: number, droppedBytes: number): void {
    this.#clears.push({ atMs, droppedBytes });
    this.#ranOutAtMs = undefined;
  }

  /** The stream is over; what was pending will never be reached. */
  streamEnded(): void {
    this.#pendingMark = this.#marks.length;
    this.#ranOutAtMs = undefined;
  }

  /** The caller begins to speak. */
  speech(speech: Speech): void {
    this.#speeches.push(speech);
  }

  /** A frame left so late. */
  lateness(ms: number): void {
    this.#latenessMs.push(ms);
  }

  /** The caller waited in vain. */
  gaveUp(why: string): void {
    this.#gaveUp = why;
  }

  /** Everything, as of now. */
  report(): AudioReport {
    const audible = this.#frames.filter((frame) => isAudible(frame.heard)).map(({ atMs }) => atMs);
    const media = this.#messages.filter(({ event }) => event === "media").map(({ atMs }) => atMs);
    return {
      audioStartedAtMs: this.#frames[0]?.atMs,
      said: join(this.#frames.map((frame) => frame.said)),
      heard: join(this.#frames.map((frame) => frame.heard)),
      messages: this.#messages,
      marks: this.#marks,
      clears: this.#clears,
      underruns: this.#underruns,
      firstMediaAtMs: media[0],
      utterances: this.#speeches.map((speech, n) => {
        const untilMs = this.#speeches[n + 1]?.startedAtMs ?? Infinity;
        const first = (times: number[]) =>
          times.find((atMs) => atMs >= speech.endedAtMs && atMs < untilMs);
        const firstHeardAtMs = first(audible);
        const latencyMs = firstHeardAtMs === undefined
          ? undefined
          : firstHeardAtMs - speech.endedAtMs;
        return { ...speech, firstMediaAtMs: first(media), firstHeardAtMs, latencyMs };
      }),
      frameLatenessMs: this.#latenessMs,
      gaveUp: this.#gaveUp,
    };
  }
}

function join(frames: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(frames.length * LINE_FRAME_SAMPLES);
  frames.forEach((frame, n) => bytes.set(frame, n * LINE_FRAME_SAMPLES));
  return bytes;
}
