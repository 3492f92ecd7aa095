/**
 * What a line sounds like while nobody speaks on it, and how much that sounds like speech.
 *
 * Speech has gaps. Within a few seconds there is a tenth of a second in which only the background is left, so the lowest
 * level of the last seconds is the background's, and the lowest probability is what the detector makes of the
 * background alone: next to nothing for a fan or a street, a lot for a room full of people.
 *
 * @module
 */

/** Stretch over which a level or a probability is averaged before the lowest is sought. */
const BLOCK_FRAMES = 5;
/** How far back the quietest block is sought: 4 s. A floor that rises is believed after this time. */
const LEVEL_BLOCKS = 40;
/** How far back the least speech-like block is sought: 12 s, longer than most people talk without any pause. */
const PROBABILITY_BLOCKS = 120;
/** The floor before anything was heard; a call that begins in a loud place is taken at its word after 4 s. */
const FIRST_FLOOR_DBFS = -60;
/** The quietest block of steady noise lies about this much below the mean. */
const LOWEST_BELOW_MEAN_DB = 1.5;
/** A background of this probability is speech through and through. */
const ALL_SPEECH_PROBABILITY = 0.2;

/** Follows the background of one call. */
export class Background {
  readonly #levels = new Lowest(LEVEL_BLOCKS, FIRST_FLOOR_DBFS);
  readonly #probabilities = new Lowest(PROBABILITY_BLOCKS, 0);
  #power = 0;
  #probability = 0;
  #frames = 0;

  /** Hears a frame of that mean power (full scale is 1) and that probability of speech. */
  hear(power: number, speechProbability: number): void {
    this.#power += power / BLOCK_FRAMES;
    this.#probability += speechProbability / BLOCK_FRAMES;
    if (++this.#frames < BLOCK_FRAMES) return;
    this.#levels.push(10 * Math.log10(this.#power));
    this.#probabilities.push(this.#probability);
    this.#power = this.#probability = this.#frames = 0;
  }

  /** Mean level of the background. */
  get floorDbfs(): number {
    return this.#levels.lowest + LOWEST_BELOW_MEAN_DB;
  }

  /** How much the background sounds like speech: 0 not at all, 1 like a crowd. */
  get speechLikeness(): number {
    return Math.min(1, this.#probabilities.lowest / ALL_SPEECH_PROBABILITY);
  }
}

/** Less than this above its background is chance: the level of a band wavers from frame to frame. */
const CHANCE_DB = 2;
/** The most that a band can add to the excess, so that one whistle does not count for all. */
const MOST_DB = 20;
/** What is usual rises and falls by this per frame: four frames in five without speech lie below. */
const USUAL_RISE_DB = 0.08;
const USUAL_FALL_DB = 0.02;
/** How much of the usual excess is taken off: not all, or music and typing hide the ends of words. */
const USUAL_SHARE = 0.8;

/**
 * Follows the background of one call in each band. Noise seldom fills them all, and the end of a word is heard in the others.
 * A background that wavers, such as music, stands above its own lowest level; how far it does while nobody speaks is usual.
 */
export class BandBackground {
  readonly #floors: Lowest[];
  readonly #power: Float64Array;
  #frames = 0;
  #usualDb = 0;
  /** Mean power of the last frame in all bands; full scale is 1. */
  power = 0;
  /** How far each band of the last frame stands above the mean of its background, in dB. */
  readonly aboveFloorsDb: Float64Array;
  /** How far the last frame stands above the usual background, in dB, as a mean over the bands; below 0 it does not. */
  excessDb = 0;

  /** For frames that have that many bands. */
  constructor(bands: number) {
    this.#floors = Array.from({ length: bands }, () => new Lowest(LEVEL_BLOCKS, FIRST_FLOOR_DBFS));
    this.#power = new Float64Array(bands);
    this.aboveFloorsDb = new Float64Array(bands);
  }

  /** Hears the levels of a frame; `isUtterance`: somebody is speaking, or has just spoken. */
  hear(bandsDb: ArrayLike<number>, isUtterance: boolean): void {
    const aboveDb = this.#aboveFloors(bandsDb);
    if (!isUtterance) {
      const stepDb = aboveDb > this.#usualDb ? USUAL_RISE_DB : -USUAL_FALL_DB;
      this.#usualDb = Math.max(0, this.#usualDb + stepDb);
    }
    this.excessDb = aboveDb - USUAL_SHARE * this.#usualDb;
  }

  #aboveFloors(bandsDb: ArrayLike<number>): number {
    const isBlock = ++this.#frames === BLOCK_FRAMES;
    if (isBlock) this.#frames = 0;
    let sum = 0;
    this.power = 0;
    for (let b = 0; b < this.#power.length; b++) {
      const levelDb = bandsDb[b] as number;
      const floor = this.#floors[b] as Lowest;
      const power = 10 ** (levelDb / 10);
      this.power += power;
      this.#power[b] = (this.#power[b] as number) + power / BLOCK_FRAMES;
      if (isBlock) {
        floor.push(10 * Math.log10(this.#power[b] as number));
        this.#power[b] = 0;
      }
      const aboveDb = levelDb - floor.lowest - LOWEST_BELOW_MEAN_DB;
      this.aboveFloorsDb[b] = aboveDb;
      sum += Math.min(MOST_DB, Math.max(0, aboveDb - CHANCE_DB));
    }
    return sum / this.#power.length;
  }
}

/** The lowest of the last so many values. */
class Lowest {
  readonly #values: Float64Array;
  #next = 0;
  /** The lowest; sought anew only when a value comes. */
  lowest: number;

  constructor(size: number, first: number) {
    this.#values = new Float64Array(size).fill(first);
    this.lowest = first;
  }

  push(value: number): void {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.#values.length;
    let lowest = Infinity;
    for (const value of this.#values) lowest = Math.min(lowest, value);
    this.lowest = lowest;
  }
}
