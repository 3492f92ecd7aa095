// @ts-check
/**
 * Changes the rate of samples as they come, by a windowed sinc.
 *
 * Between two whole rates there are few places at which a new sample can lie between old ones, and they come again and
 * again. So each place has its filter, worked out once, and a sample costs one product for each of its taps.
 *
 * @module
 */

/** Zero crossings of the sinc on either side. */
const WIDTH = 12;
/** Of half the lower rate; what lies above is taken out. */
const PASSED = 0.9;

/** A stream of samples at one rate, given at another. */
export class Resampler {
  /** Places between two samples; and how many of them the next sample lies on. */
  #places;
  #step;
  #cut;
  #reach;
  /** @type {(Float32Array | undefined)[]} */
  #filters = [];
  /** @type {Float32Array} */
  #kept;
  /** The last sample that is not behind the next one, counted from the first that is kept. */
  #at;
  #place = 0;

  /**
   * @param {number} fromHz Whole
   * @param {number} toHz Whole
   */
  constructor(fromHz, toHz) {
    const common = commonDivisor(fromHz, toHz);
    this.#places = toHz / common;
    this.#step = fromHz / common;
    this.#cut = PASSED * Math.min(1, toHz / fromHz);
    this.#reach = Math.ceil(WIDTH / this.#cut);
    this.#kept = new Float32Array(this.#reach);
    this.#at = this.#reach;
  }

  /**
   * @param {Float32Array} samples
   * @returns {Float32Array} What is ready
   */
  push(samples) {
    const all = new Float32Array(this.#kept.length + samples.length);
    all.set(this.#kept);
    all.set(samples, this.#kept.length);
    const ahead = (all.length - this.#reach - this.#at) * this.#places - this.#place;
    const ready = new Float32Array(Math.max(0, Math.ceil(ahead / this.#step)));
    for (let n = 0; n < ready.length; n++) {
      ready[n] = this.#next(all);
      this.#place += this.#step;
      this.#at += Math.floor(this.#place / this.#places);
      this.#place %= this.#places;
    }
    const done = Math.min(all.length, this.#at - this.#reach);
    this.#kept = all.slice(done);
    this.#at -= done;
    return ready;
  }

  /** @param {Float32Array} all */
  #next(all) {
    const filter = this.#filters[this.#place] ??= this.#filterOf(this.#place);
    const first = this.#at - this.#reach + 1;
    let sum = 0;
    for (let n = 0; n < filter.length; n++) sum += (filter[n] ?? 0) * (all[first + n] ?? 0);
    return sum;
  }

  /** @param {number} place */
  #filterOf(place) {
    return Float32Array.from({ length: 2 * this.#reach }, (_, n) => {
      const x = (place / this.#places + this.#reach - 1 - n) * this.#cut;
      const sinc = x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
      return sinc * Math.cos(Math.PI * x / (2 * WIDTH + 2)) ** 2 * this.#cut;
    });
  }
}

/**
 * @param {number} a
 * @param {number} b
 * @returns {number}
 */
function commonDivisor(a, b) {
  return b === 0 ? a : commonDivisor(b, a % b);
}
