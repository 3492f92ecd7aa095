/**
 * What a sound has shown of itself since it began: how long it lasts, how much of it is voice, and how much it moves.
 *
 * @module
 */

/** One 20-ms frame as the judge hears it. */
export interface BargeInFrame {
  /** Media time at which the frame ends. */
  readonly endMs: number;
  /** The network's probability of speech, 0 to 1, as of this frame. */
  readonly speechProbability: number;
  /** Level in the telephone band. */
  readonly levelDb: number;
  /** Level in each band, lowest first. */
  readonly bandsDb: ArrayLike<number>;
  /** How periodic it is, 0 to 1. */
  readonly voicing: number;
  /** How well it agrees with what was played, about 0 to 1. */
  readonly echoLikeness: number;
  /** How far it is above the echo that is to be expected; infinite if none is known. */
  readonly echoExcessDb: number;
  /** Whether it is known if there is an echo. */
  readonly isEchoCertain: boolean;
}

/** What a sound has shown so far; numbers from which {@linkcode wordLikeness} is reckoned. */
export interface Evidence {
  /** Since the first sound. */
  readonly ageMs: number;
  /** Frames with sound. */
  readonly soundMs: number;
  /** Frames with a pitch. */
  readonly voicedMs: number;
  /** Since the last frame with sound. */
  readonly silentMs: number;
  /** Frames that the network takes for speech. */
  readonly speechMs: number;
  /** Highest probability. */
  readonly topProbability: number;
  /** Sum of the changes of spectral shape, in dB. */
  readonly path: number;
  /** Largest change of shape over 40 ms, in dB. */
  readonly jump: number;
  /** How far the shapes lie apart: deviation from their mean, in dB. */
  readonly spread: number;
  /** Highest share of the top bands against the low ones, in dB. */
  readonly friction: number;
  /** Mean share of the middle bands against the lowest, in dB. */
  readonly brightness: number;
}

const FRAME_MS = 20;
/** Parts of a sound's spectrum that are this far below its peak do not count. */
const DEPTH_DB = 30;
/** A frame is voiced from this periodicity on. */
const VOICED = 0.6;
/** From this probability on the network takes a frame for speech. */
const SPEECH = 0.5;

/** Collects evidence about one sound. */
export class EvidenceCollector {
  #onsetMs = 0;
  #ageMs = 0;
  #frames = 0;
  #soundMs = 0;
  #voicedMs = 0;
  #silentMs = 0;
  #speechMs = 0;
  #topProbability = 0;
  #path = 0;
  #jump = 0;
  #friction = -40;
  #brightness = 0;
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;
  readonly #shapes: Float64Array[];

  /** Collects for frames that have that many bands. */
  constructor(bands: number) {
    this.#sums = new Float64Array(bands);
    this.#squares = new Float64Array(bands);
    this.#shapes = [0, 1, 2].map(() => new Float64Array(bands));
  }

  /** Begins anew with a sound that began at `onsetMs`. */
  begin(onsetMs: number): void {
    this.#onsetMs = onsetMs;
    this.#ageMs = 0;
    this.#frames = 0;
    this.#soundMs = 0;
    this.#voicedMs = 0;
    this.#silentMs = 0;
    this.#speechMs = 0;
    this.#topProbability = 0;
    this.#path = 0;
    this.#jump = 0;
    this.#friction = -40;
    this.#brightness = 0;
    this.#sums.fill(0);
    this.#squares.fill(0);
  }

  /** Adds the next frame; `isSound`: it is the caller's, and stands above the noise, which is `floorDb` in each band. */
  add(frame: BargeInFrame, isSound: boolean, floorDb: ArrayLike<number>): void {
    this.#ageMs = frame.endMs - this.#onsetMs;
    if (frame.speechProbability >= SPEECH) this.#speechMs += FRAME_MS;
    this.#topProbability = Math.max(this.#topProbability, frame.speechProbability);
    if (!isSound) {
      this.#silentMs += FRAME_MS;
      return;
    }
    this.#silentMs = 0;
    this.#soundMs += FRAME_MS;
    if (frame.voicing >= VOICED) this.#voicedMs += FRAME_MS;
    this.#addShape(frame.bandsDb, floorDb);
  }

  #addShape(bandsDb: ArrayLike<number>, floorDb: ArrayLike<number>): void {
    const bands = bandsDb.length;
    const shape = this.#shapes[this.#frames % 3] as Float64Array;
    let peak = -100;
    for (let b = 0; b < bands; b++) peak = Math.max(peak, bandsDb[b] as number);
    let mean = 0;
    for (let b = 0; b < bands; b++) {
      const lowest = Math.max(peak - DEPTH_DB, (floorDb[b] as number) + 4);
      shape[b] = Math.max(bandsDb[b] as number, lowest);
      mean += (shape[b] as number) / bands;
    }
    for (let b = 0; b < bands; b++) {
      const value = (shape[b] as number) - mean;
      shape[b] = value;
      this.#sums[b] = (this.#sums[b] as number) + value;
      this.#squares[b] = (this.#squares[b] as number) + value * value;
    }
    const low = ((shape[0] as number) + (shape[1] as number) + (shape[2] as number)) / 3;
    const middle = ((shape[3] as number) + (shape[4] as number) + (shape[5] as number)) / 3;
    const high = ((shape[7] as number) + (shape[8] as number) + (shape[9] as number)) / 3;
    this.#friction = Math.max(this.#friction, high - low);
    this.#brightness += (middle - low - this.#brightness) / (this.#frames + 1);
    if (this.#frames >= 2) {
      const change = distance(shape, this.#shapes[(this.#frames + 1) % 3] as Float64Array);
      this.#path += change / 2;
      this.#jump = Math.max(this.#jump, change);
    }
    this.#frames++;
  }

  /** All that was shown so far. */
  get evidence(): Evidence {
    const bands = this.#sums.length;
    let spread = 0;
    if (this.#frames > 0) {
      for (let b = 0; b < bands; b++) {
        const mean = (this.#sums[b] as number) / this.#frames;
        spread += Math.sqrt(Math.max(0, (this.#squares[b] as number) / this.#frames - mean * mean));
      }
    }
    return {
      ageMs: this.#ageMs,
      soundMs: this.#soundMs,
      voicedMs: this.#voicedMs,
      silentMs: this.#silentMs,
      speechMs: this.#speechMs,
      topProbability: this.#topProbability,
      path: this.#path,
      jump: this.#jump,
      spread: spread / bands,
      friction: this.#friction,
      brightness: this.#brightness,
    };
  }
}

/** Mean difference of two shapes. */
function distance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Math.abs((a[i] as number) - (b[i] as number));
  return sum / a.length;
}
