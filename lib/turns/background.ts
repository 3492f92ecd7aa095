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
    this.lowest = Math.min(...this.#values);
  }
}
