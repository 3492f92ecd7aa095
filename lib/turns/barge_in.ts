/**
 * Whether a sound that the caller makes while the agent speaks is meant to take the floor.
 *
 * The judge decides in two steps. As soon as a sound may be speech it orders a *hold*: the agent falls silent, so that
 * a caller who wants the floor is not talked over, and so that the agent's own echo ends. Then it listens on and, within
 * 600 ms of the sound's onset, either lets the caller *interrupt* or has the answer *resume*.
 *
 * What tells a word from a hum is not its length, which is the same, nor its level, but that the mouth moves: from
 * consonant to vowel the spectrum changes its shape, in "mm-hmm" it stays. So the judge measures how far the shapes of
 * the sound lie apart, and how bright it is. Much of that takes the floor at once, some of it when the sound is over,
 * and a voice that lasts longer than a back-channel takes it whatever its shape. Coughs and clicks have neither a steady
 * pitch nor the network's approval. What agrees with the audio that was played shortly before is echo and counts for
 * nothing; in the first second of an answer, when nobody knows yet if there is echo, more is asked of every sound.
 *
 * Media time comes in with the frames; nothing here waits or measures.
 *
 * @module
 */

import { type BargeInFrame, type Evidence, EvidenceCollector } from "./barge_in_evidence.ts";
import { type BargeInTuning, DEFAULT_BARGE_IN_TUNING } from "./barge_in_settings.ts";
import type { BargeInSettings } from "./turn_settings.ts";

/** What the call must do about a sound; `onsetMs` is where it began. */
export type BargeInOrder =
  /** Fall silent, keep the rest of the answer, and remember the place. */
  | { type: "hold"; onsetMs: number }
  /** The caller has the floor; the answer is gone. */
  | { type: "interrupt"; onsetMs: number }
  /** Go on with the answer; a voice that said too little to stop it may still be told to the model afterwards. */
  | { type: "resume"; onsetMs: number; heard: HeardSound };

/** What a sound was taken for that did not stop the answer. */
export type HeardSound = "echo" | "noise" | "voice";

/** How much a sound is like a word, in dB: how far its shapes lie apart, and how bright it is. */
export function wordLikeness({ spread, brightness }: Evidence): number {
  return spread + BRIGHTNESS_WEIGHT * brightness;
}

const BRIGHTNESS_WEIGHT = 0.06;
const FRAME_MS = 20;
/** How far back the onset of a sound may lie when it is noticed. */
const LOOK_BACK = 16;
/** Gap within a sound. */
const GAP_FRAMES = 3;
/** Noise is taken to grow by no more than this per frame: 3 dB/s. */
const FLOOR_RISE_DB = 0.06;
/** And to fall by no more than this. */
const FLOOR_FALL_DB = 3;
/** Frames of echo in a sound that make all of it echo. */
const ECHO_FRAMES = 4;

/** A frame that is kept to look back on. */
interface Kept {
  frame: BargeInFrame;
  bandsDb: Float64Array;
  isSound: boolean;
}

/** Judges the sounds of one call. */
export class BargeInJudge {
  readonly #settings: BargeInSettings;
  readonly #tuning: BargeInTuning;
  readonly #collector: EvidenceCollector;
  readonly #floorDb: Float64Array;
  #levelFloorDb = -60;
  #kept: Kept[] = [];
  #phase: "watching" | "holding" | "yielded" = "watching";
  #onsetMs = 0;
  #speechRunMs = 0;
  #echoRun = 0;
  #lastSoundMs = -Infinity;

  /** A judge for one call whose frames have that many bands. */
  constructor(bands: number, settings: BargeInSettings, tuning = DEFAULT_BARGE_IN_TUNING) {
    this.#settings = settings;
    this.#tuning = tuning;
    this.#collector = new EvidenceCollector(bands);
    this.#floorDb = new Float64Array(bands).fill(-60);
  }

  /** What the present sound, or the last, has shown. */
  get evidence(): Evidence {
    return this.#collector.evidence;
  }

  /** Level of the noise on the line, as far as it is known. */
  get noiseDb(): number {
    return this.#levelFloorDb;
  }

  /** The agent has begun a new answer: whoever had the floor has it no more. */
  answerBegan(): void {
    if (this.#phase === "yielded") this.#phase = "watching";
  }

  /** Hears the next frame; `isAgentsTurn`: an answer plays, or is held. */
  hear(frame: BargeInFrame, isAgentsTurn: boolean): BargeInOrder | undefined {
    this.#trackNoise(frame);
    const isEcho = this.#isEcho(frame);
    const isSound = !isEcho &&
      frame.levelDb > this.#quietestSoundDb();
    this.#keep(frame, isSound);
    this.#echoRun = isEcho ? this.#echoRun + 1 : 0;
    const isSpeech = isSound && frame.speechProbability >= this.#tuning.holdProbability;
    this.#speechRunMs = isSpeech ? this.#speechRunMs + FRAME_MS : 0;
    if (this.#settings.mode === "never" || !isAgentsTurn) {
      if (!isAgentsTurn && this.#phase === "holding") this.#phase = "watching";
      return undefined;
    }
    switch (this.#phase) {
      case "watching":
        return this.#watch(frame);
      case "holding":
        this.#collector.add(frame, isSound, this.#floorDb);
        return this.#decide(frame);
      case "yielded":
        return undefined;
      default:
        return this.#phase satisfies never;
    }
  }

  #trackNoise({ levelDb, bandsDb }: BargeInFrame): void {
    this.#levelFloorDb = nextFloor(this.#levelFloorDb, levelDb);
    for (let b = 0; b < this.#floorDb.length; b++) {
      this.#floorDb[b] = nextFloor(this.#floorDb[b] as number, bandsDb[b] as number);
    }
  }

  #quietestSoundDb(): number {
    const { soundAboveFloorDb, quietestDb } = this.#tuning;
    return Math.max(this.#levelFloorDb + soundAboveFloorDb, quietestDb);
  }

  #isEcho({ echoLikeness, echoExcessDb, isEchoCertain }: BargeInFrame): boolean {
    const tuning = this.#tuning;
    if (echoExcessDb < tuning.echoMarginDb) return true;
    if (!isEchoCertain) return echoLikeness >= tuning.waryLikeness;
    if (echoLikeness < tuning.echoLikeness) return false;
    return echoExcessDb === Infinity || echoExcessDb < tuning.echoExcessDb;
  }

  #keep(frame: BargeInFrame, isSound: boolean): void {
    const spare = this.#kept.length >= LOOK_BACK ? this.#kept.shift() : undefined;
    const bandsDb = spare?.bandsDb ?? new Float64Array(this.#floorDb.length);
    for (let b = 0; b < bandsDb.length; b++) bandsDb[b] = frame.bandsDb[b] as number;
    this.#kept.push({ frame: { ...frame, bandsDb }, bandsDb, isSound });
  }

  #watch(frame: BargeInFrame): BargeInOrder | undefined {
    const { minSpeechMs } = this.#settings;
    const neededMs = frame.isEchoCertain
      ? minSpeechMs
      : Math.max(minSpeechMs, this.#tuning.waryMinSpeechMs);
    if (this.#speechRunMs < neededMs) return undefined;
    const first = this.#onsetIndex();
    this.#onsetMs = (this.#kept[first]?.frame.endMs ?? frame.endMs) - FRAME_MS;
    if (this.#settings.mode === "immediate") {
      this.#phase = "yielded";
      return { type: "interrupt", onsetMs: this.#onsetMs };
    }
    if (this.#onsetMs - this.#lastSoundMs > this.#tuning.memoryMs) {
      this.#collector.begin(this.#onsetMs);
    }
    for (const kept of this.#kept.slice(first)) {
      this.#collector.add(kept.frame, kept.isSound, this.#floorDb);
    }
    this.#phase = "holding";
    return { type: "hold", onsetMs: this.#onsetMs };
  }

  /** Where the present sound began, looking back over short gaps. */
  #onsetIndex(): number {
    let first = this.#kept.length - 1;
    for (let i = first, gap = 0; i >= 0 && gap <= GAP_FRAMES; i--) {
      const kept = this.#kept[i] as Kept;
      if (kept.frame.endMs <= this.#lastSoundMs) break;
      gap = kept.isSound ? 0 : gap + 1;
      if (kept.isSound) first = i;
    }
    return first;
  }

  #decide(frame: BargeInFrame): BargeInOrder | undefined {
    const {
      earliestMs,
      decideMs,
      endSilenceMs,
      surely,
      probably,
      hardly,
      leastVoiceMs,
      leastVoicedPart,
      waryEarliestMs,
    } = this.#tuning;
    if (this.#echoRun >= ECHO_FRAMES) return this.#letGo(frame, "echo");
    const evidence = this.#collector.evidence;
    const ageMs = frame.endMs - this.#onsetMs;
    const likeness = wordLikeness(evidence);
    const hasVoice = evidence.voicedMs >= leastVoiceMs && evidence.speechMs >= leastVoiceMs &&
      evidence.voicedMs >= leastVoicedPart * evidence.soundMs;
    const neededMs = frame.isEchoCertain ? earliestMs : waryEarliestMs;
    if (hasVoice && evidence.soundMs >= neededMs) {
      const isLong = evidence.voicedMs > this.#settings.backchannelMaxMs;
      if (isLong || likeness >= surely) return this.#yield();
    }
    const isOver = evidence.silentMs >= endSilenceMs;
    const heard = hasVoice ? "voice" : "noise";
    if (isOver && (likeness < hardly || !hasVoice)) return this.#letGo(frame, heard);
    const isWord = hasVoice && likeness >= probably &&
      (frame.isEchoCertain || evidence.soundMs >= waryEarliestMs);
    if (isOver && isWord) return this.#yield();
    if (ageMs < decideMs - FRAME_MS) return undefined;
    return isWord ? this.#yield() : this.#letGo(frame, heard);
  }

  #yield(): BargeInOrder {
    this.#phase = "yielded";
    return { type: "interrupt", onsetMs: this.#onsetMs };
  }

  #letGo(frame: BargeInFrame, heard: HeardSound): BargeInOrder {
    this.#phase = "watching";
    this.#speechRunMs = 0;
    this.#lastSoundMs = heard === "echo" ? -Infinity : frame.endMs;
    return { type: "resume", onsetMs: this.#onsetMs, heard };
  }
}

function nextFloor(floorDb: number, levelDb: number): number {
  return Math.min(floorDb + FLOOR_RISE_DB, Math.max(levelDb, floorDb - FLOOR_FALL_DB));
}
