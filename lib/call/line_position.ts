/**
 * Where the line is in what was sent to it.
 *
 * The position is reckoned from the clock alone: what was sent plays in real time, one piece behind the other. A clear
 * travels as long as the audio before it did, so the way to the line cancels out. Marks do not set the position right:
 * an echo that is late may mean a slow line or a slow way back, and nobody can tell which. What an echo does say is that
 * its place was reached, and that is how the end of an answer is known for sure.
 *
 * Places count bytes of mu-law since the call began: 8 are a millisecond. Marks carry the number of the clear before
 * them, so that those which come back because they were cleared are told from those that were heard.
 *
 * @module
 */

import { LINE_HZ } from "../../audio/rates.ts";

/** Bytes of mu-law that are a millisecond. */
export const BYTES_PER_MS: number = LINE_HZ / 1_000;
/** Marks that are waited for at most. */
const MOST_MARKS = 64;

/** Where the line is in what was sent to it. */
export class LinePosition {
  #sentTo = 0;
  #emptyAtMs = -Infinity;
  /** Places of the marks that have not come back. */
  readonly #marks = new Map<string, number>();
  #clears = 0;
  #nextMark = 0;

  /** The place up to which the line has been sent audio. */
  get sentTo(): number {
    return this.#sentTo;
  }

  /** When the line will have played everything. */
  get emptyAtMs(): number {
    return this.#emptyAtMs;
  }

  /** Whether every mark that was set has come back. */
  get isConfirmed(): boolean {
    return this.#marks.size === 0;
  }

  /** Notes that bytes went out; a line that had run dry begins to play now. */
  send(bytes: number, nowMs: number): void {
    this.#sentTo += bytes;
    this.#emptyAtMs = Math.max(this.#emptyAtMs, nowMs) + bytes / BYTES_PER_MS;
  }

  /** How long the line still plays. */
  leadMs(nowMs: number): number {
    return Math.max(0, this.#emptyAtMs - nowMs);
  }

  /** The place up to which the caller has heard. */
  heardTo(nowMs: number): number {
    return Math.max(0, this.#sentTo - Math.round(this.leadMs(nowMs) * BYTES_PER_MS));
  }

  /** Sets a mark at the end of what was sent, and gives its name. */
  mark(): string {
    const name = `${this.#clears}.${this.#nextMark++}`;
    this.#marks.set(name, this.#sentTo);
    const [oldest] = this.#marks.keys();
    if (this.#marks.size > MOST_MARKS && oldest !== undefined) this.#marks.delete(oldest);
    return name;
  }

  /**
   * A mark came back, and with it all before it.
   *
   * @returns Whether it says that audio was heard: unknown and cleared ones do not
   */
  reached(name: string): boolean {
    const place = this.#marks.get(name);
    if (place === undefined) return false;
    for (const [earlier, at] of this.#marks) if (at <= place) this.#marks.delete(earlier);
    return true;
  }

  /** The line was told to drop what it has not played; it goes on from `place`. */
  clear(place: number): void {
    this.#sentTo = place;
    this.#emptyAtMs = -Infinity;
    this.#marks.clear();
    this.#clears++;
  }
}
