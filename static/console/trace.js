// @ts-check
/**
 * A moving picture of sound: the caller's level upwards, the agent's downwards, and how likely the caller speaks.
 *
 * @module
 */

/** @typedef {[number, number, number, number]} Column number, level of caller and agent in dBFS, probability in percent */

const COLUMNS = 100;
/** What is drawn as no height at all, and what as the whole. */
const QUIET_DBFS = -66;
const LOUD_DBFS = -6;

/** @param {number} dbfs */
function height(dbfs) {
  return Math.min(1, Math.max(0, (dbfs - QUIET_DBFS) / (LOUD_DBFS - QUIET_DBFS)));
}

/** Draws the last ten seconds. */
export class Trace {
  #canvas;
  /** @type {Column[]} */
  #columns = [];
  #isAsked = false;

  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.#canvas = canvas;
  }

  /** @param {Column[]} columns */
  push(columns) {
    this.#columns.push(...columns);
    this.#columns.splice(0, this.#columns.length - COLUMNS);
    if (this.#isAsked) return;
    this.#isAsked = true;
    requestAnimationFrame(() => this.#draw());
  }

  /** Up to when sound was told of, in milliseconds since the call was answered. */
  get endMs() {
    return ((this.#columns.at(-1)?.[0] ?? 0) + 1) * 100;
  }

  /** Nothing was heard yet. */
  clear() {
    this.#columns = [];
    this.#draw();
  }

  #draw() {
    this.#isAsked = false;
    const canvas = this.#canvas;
    const context = canvas.getContext("2d");
    if (!context) return;
    canvas.width = canvas.clientWidth * devicePixelRatio;
    canvas.height = canvas.clientHeight * devicePixelRatio;
    const { width, height: all } = canvas;
    const colours = getComputedStyle(canvas);
    const step = width / COLUMNS;
    const from = width - this.#columns.length * step;
    const middle = all / 2;
    context.fillStyle = colours.getPropertyValue("--caller");
    for (const [n, column] of this.#columns.entries()) {
      const tall = height(column[1]) * middle;
      context.fillRect(from + n * step, middle - tall, step * 0.75, tall);
    }
    context.fillStyle = colours.getPropertyValue("--agent");
    for (const [n, column] of this.#columns.entries()) {
      context.fillRect(from + n * step, middle, step * 0.75, height(column[2]) * middle);
    }
    context.strokeStyle = colours.getPropertyValue("--speech");
    context.lineWidth = 2 * devicePixelRatio;
    context.beginPath();
    for (const [n, column] of this.#columns.entries()) {
      const y = middle - (column[3] / 100) * (middle - 2 * devicePixelRatio);
      if (n === 0) context.moveTo(from, y);
      else context.lineTo(from + n * step, y);
    }
    context.stroke();
  }
}
