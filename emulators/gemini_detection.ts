/**
 * How Gemini Live finds the caller's turns where the client leaves it to the service: by the level of what arrives, and by
 * how much of it arrives. It has no clock: where audio stops coming, a turn goes on.
 *
 * @module
 */

import { offsetFreeLevelDbfs } from "../audio/level.ts";
import { MODEL_INPUT_HZ } from "../audio/rates.ts";
import type { Clock } from "../lib/clock.ts";
import { HeardWindow, type SessionRecord } from "./gemini_records.ts";
import type { Setup } from "./gemini_setup.ts";

const BLOCK_MS = 10;
const BLOCK = MODEL_INPUT_HZ * BLOCK_MS / 1000;

/** From this level on a block is speech that begins, by how readily that is believed. */
const START_DBFS = { HIGH: -44, unsaid: -40, LOW: -36 } as const;
/** Below this level a block is a pause, by how readily that is believed. */
const END_DBFS = { HIGH: -46, unsaid: -50, LOW: -54 } as const;
/** Google does not publish what it takes where nothing is said. */
const USUAL_PREFIX_MS = 20;
const USUAL_SILENCE_MS = 500;

/** The numbers of a setup. */
export type DetectionNumbers = NonNullable<
  NonNullable<Setup["realtimeInputConfig"]>["automaticActivityDetection"]
>;

/** Something that was found; `atMs` is how much audio had come. */
export type Detected =
  /** The caller speaks. */
  | { readonly type: "began"; readonly atMs: number }
  /** The caller has finished; `pcm` is all that was said, with the pause that ended it. */
  | { readonly type: "ended"; readonly atMs: number; readonly pcm: Int16Array };

/** Finds speech by level; the same samples in any chunks give the same. */
export class ActivityDetector {
  readonly #startDbfs: number;
  readonly #endDbfs: number;
  readonly #prefixMs: number;
  readonly #silenceMs: number;
  readonly #block = new Int16Array(BLOCK);
  #filled = 0;
  #heardMs = 0;
  #isSpeech = false;
  #loudMs = 0;
  #quietMs = 0;
  /** Blocks that may turn out to be the beginning; then those of the turn. */
  #kept: Int16Array[] = [];

  /** Goes by the numbers of a setup. */
  constructor(numbers: DetectionNumbers) {
    this.#startDbfs = START_DBFS[levelOf(numbers.startOfSpeechSensitivity)];
    this.#endDbfs = END_DBFS[levelOf(numbers.endOfSpeechSensitivity)];
    this.#prefixMs = numbers.prefixPaddingMs ?? USUAL_PREFIX_MS;
    this.#silenceMs = numbers.silenceDurationMs ?? USUAL_SILENCE_MS;
  }

  /** Hears more. */
  hear(pcm16k: Int16Array): Detected[] {
    const found: Detected[] = [];
    for (const sample of pcm16k) {
      this.#block[this.#filled++] = sample;
      if (this.#filled < BLOCK) continue;
      this.#filled = 0;
      found.push(...this.#hearBlock(this.#block.slice()));
    }
    return found;
  }

  /** No more comes for a while: whoever speaks has finished. */
  end(): Detected[] {
    return this.#isSpeech ? [this.#finish()] : [];
  }

  #hearBlock(block: Int16Array): Detected[] {
    this.#heardMs += BLOCK_MS;
    const dbfs = offsetFreeLevelDbfs(block);
    if (this.#isSpeech) {
      this.#kept.push(block);
      this.#quietMs = dbfs < this.#endDbfs ? this.#quietMs + BLOCK_MS : 0;
      return this.#quietMs > 0 && this.#quietMs >= this.#silenceMs ? [this.#finish()] : [];
    }
    if (dbfs < this.#startDbfs) {
      this.#loudMs = 0;
      this.#kept = [];
      return [];
    }
    this.#loudMs += BLOCK_MS;
    this.#kept.push(block);
    if (this.#loudMs < this.#prefixMs) return [];
    this.#isSpeech = true;
    return [{ type: "began", atMs: this.#heardMs }];
  }

  #finish(): Detected {
    const pcm = new Int16Array(this.#kept.length * BLOCK);
    for (const [n, block] of this.#kept.entries()) pcm.set(block, n * BLOCK);
    this.#kept = [];
    this.#isSpeech = false;
    this.#loudMs = this.#quietMs = 0;
    return { type: "ended", atMs: this.#heardMs, pcm };
  }
}

/** The detected turns of one session, written down as windows are. */
export class DetectedTurns {
  readonly #clock: Clock;
  readonly #record: SessionRecord;
  readonly #detector: ActivityDetector;
  #open: HeardWindow | undefined;

  /** Goes by the setup in `record`. */
  constructor({ clock, record }: { clock: Clock; record: SessionRecord }) {
    this.#clock = clock;
    this.#record = record;
    const { automaticActivityDetection = {} } = record.setup?.realtimeInputConfig ?? {};
    this.#detector = new ActivityDetector(automaticActivityDetection);
  }

  /** Whether a setup leaves it to the service to find the turns, as one that says nothing does. */
  static wantedBy(setup: Setup | undefined): boolean {
    return setup?.realtimeInputConfig?.automaticActivityDetection?.disabled !== true;
  }

  /** Caller audio. */
  hear(pcm: Int16Array): Detected[] {
    this.#record.droppedAudioBytes += pcm.byteLength;
    return this.#note(this.#detector.hear(pcm));
  }

  /** `audioStreamEnd`. */
  end(): Detected[] {
    return this.#note(this.#detector.end());
  }

  #note(found: Detected[]): Detected[] {
    for (const detected of found) {
      if (detected.type === "began") {
        this.#open = new HeardWindow(this.#clock.nowMs());
        this.#record.windows.push(this.#open);
      } else {
        this.#open?.push(detected.pcm, this.#clock.nowMs());
        if (this.#open) this.#open.endedAtMs = this.#clock.nowMs();
        this.#record.droppedAudioBytes -= detected.pcm.byteLength;
      }
    }
    return found;
  }
}

function levelOf(sensitivity: string | undefined): keyof typeof START_DBFS {
  if (sensitivity?.endsWith("HIGH")) return "HIGH";
  return sensitivity?.endsWith("LOW") ? "LOW" : "unsaid";
}
