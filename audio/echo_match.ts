/**
 * Tells whether what comes from the caller is the agent's own voice coming back.
 *
 * An echo has the harmonics of what was played some time before, whatever a room or a phone has done to its colour. So
 * the harmonics of each frame are compared with those of the frames played up to half a second earlier; the delay at
 * which they agree again and again is that of the echo. Once it is known, so is how loud the echo is in each band, and
 * a caller who speaks into it stands out above.
 *
 * @module
 */

import { BANDS, FINE, type FrameShape } from "./frame_shape.ts";

/** Delays that are looked at: 0 to 500 ms in frames. */
const DELAYS = 26;
/** Played frames that are softer have no echo worth the name. */
const QUIETEST_PLAYED_DB = -55;
/** Frames of agreement that a short look takes in: about 80 ms. */
const SHORT = 0.22;
/** And a long one: about 1.3 s of sound. */
const LONG = 0.015;
/** Agreement of two unrelated voices is lower than this for almost all frames. */
const MATCH = 0.4;
/** A delay at which the long look agrees more than this is that of an echo; after few frames it must agree more. */
const KNOWN = 0.18;
const KNOWN_EARLY = 0.6;
const FEWEST_FRAMES = 8;
/** Play of this level is loud: its echo, if there is one, is heard. */
const LOUD_DB = -42;
/** Frames out of the last half second that must be loud for silence to mean that there is no echo. */
const MOSTLY_LOUD = 19;
/** Frames of such silence that prove it. */
const SILENT_FRAMES = 8;

/** What is known of the echo after a frame. */
export interface EchoView {
  /** How well the harmonics of the last frames agree with those played before, about 0 to 1. */
  likeness: number;
  /** How far the frame is louder than the echo can be, in dB; infinite while the echo is not known. */
  excessDb: number;
  /** Whether the call has shown if there is an echo; until then any sound may be one. */
  isCertain: boolean;
}

/** Follows the echo of one call. */
export class EchoMatch {
  /** After the frame that was pushed last. */
  readonly view: EchoView = {
    likeness: 0,
    excessDb: Infinity,
    isCertain: false,
  };
  readonly #fine = Array.from({ length: DELAYS }, () => new Float64Array(FINE));
  readonly #bandsDb = Array.from({ length: DELAYS }, () => new Float64Array(BANDS).fill(-80));
  readonly #levelDb = new Float64Array(DELAYS).fill(-80);
  readonly #short = new Float64Array(DELAYS);
  readonly #long = new Float64Array(DELAYS);
  readonly #gainDb = new Float64Array(BANDS).fill(-100);
  #newest = 0;
  #delay = 0;
  #bestDelay = 0;
  #learnt = 0;
  #compared = 0;
  #silent = 0;
  #agreement = 0;

  /** Compares the next frame from the caller with what was played; `isSounding`: it stands above the noise. */
  push(caller: FrameShape, played: FrameShape, isSounding: boolean): void {
    this.#newest = (this.#newest + 1) % DELAYS;
    this.#fine[this.#newest]?.set(played.fine);
    this.#bandsDb[this.#newest]?.set(played.bandsDb);
    this.#levelDb[this.#newest] = played.levelDb;
    this.#agreement = 0;
    if (isSounding) this.#compare(caller.fine);
    else this.#decay();
    let best = 0;
    for (let delay = 0; delay < DELAYS; delay++) {
      best = Math.max(best, this.#short[delay] as number);
    }
    // Any delay may agree by chance; the known one hardly.
    this.view.likeness = Math.max(best - 0.1, this.#isKnown ? this.#agreementAtDelay() : 0);
    this.view.isCertain = this.#isKnown || this.#silent >= SILENT_FRAMES;
    this.#reckonLevels(caller, isSounding);
  }

  get #isKnown(): boolean {
    if (this.#compared < FEWEST_FRAMES) return false;
    const needed = KNOWN + KNOWN_EARLY / Math.sqrt(this.#compared);
    return (this.#long[this.#delay] as number) > needed;
  }

  #agreementAtDelay(): number {
    let best = this.#agreement;
    for (let delay = this.#delay - 1; delay <= this.#delay + 1; delay++) {
      best = Math.max(best, this.#short[delay] ?? 0);
    }
    return best;
  }

  #decay(): void {
    let loud = 0;
    for (let delay = 0; delay < DELAYS; delay++) {
      this.#short[delay] = 0.8 * (this.#short[delay] as number);
      if ((this.#levelDb[delay] as number) > LOUD_DB) loud++;
    }
    if (loud >= MOSTLY_LOUD) this.#silent++;
  }

  #compare(fine: Float64Array): void {
    let strongest = 0;
    let playedFrames = 0;
    const rate = Math.max(LONG, 1 / (this.#compared + 1));
    for (let delay = 0; delay < DELAYS; delay++) {
      const slot = (this.#newest - delay + DELAYS) % DELAYS;
      let agreement = 0;
      const isPlayed = (this.#levelDb[slot] as number) > QUIETEST_PLAYED_DB;
      if (isPlayed) {
        const before = this.#fine[slot] as Float64Array;
        for (let i = 0; i < FINE; i++) agreement += (fine[i] as number) * (before[i] as number);
        playedFrames++;
      }
      const short = this.#short[delay] as number;
      this.#short[delay] = short + SHORT * (agreement - short);
      const long = this.#long[delay] as number;
      if (isPlayed) this.#long[delay] = long + rate * (agreement - long);
      if (Math.abs(delay - this.#delay) <= 1) {
        this.#agreement = Math.max(this.#agreement, agreement);
      }
      if ((this.#long[delay] as number) > strongest) {
        strongest = this.#long[delay] as number;
        this.#bestDelay = delay;
      }
    }
    this.#delay = this.#bestDelay;
    if (playedFrames > DELAYS / 2) this.#compared++;
  }

  /** Learns how loud the echo is while there is nothing else, and how far this frame is above it. */
  #reckonLevels(caller: FrameShape, isSounding: boolean): void {
    const isEcho = isSounding && this.#isKnown && this.view.likeness > MATCH;
    let echo = 1e-8;
    let heard = 1e-8;
    for (let band = 0; band < BANDS; band++) {
      let playedDb = -80;
      for (let step = -1; step <= 1; step++) {
        const slot = (this.#newest - this.#delay - step + 2 * DELAYS) % DELAYS;
        if (this.#delay + step >= 0) {
          playedDb = Math.max(playedDb, this.#bandsDb[slot]?.[band] ?? -80);
        }
      }
      const callerDb = caller.bandsDb[band] as number;
      const gainDb = this.#gainDb[band] as number;
      if (isEcho && playedDb > -60) {
        const nowDb = callerDb - playedDb;
        if (gainDb < -90) this.#gainDb[band] = nowDb;
        else this.#gainDb[band] = gainDb + (nowDb > gainDb ? 0.15 : 0.03) * (nowDb - gainDb);
      }
      echo += 10 ** ((playedDb + gainDb) / 10);
      heard += 10 ** (callerDb / 10);
    }
    if (isEcho) this.#learnt++;
    this.view.excessDb = this.#learnt < 10 || !this.#isKnown
      ? Infinity
      : 10 * Math.log10(heard / echo);
  }
}
