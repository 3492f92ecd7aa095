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
import { MarkWatch, type Stretch } from "./mark_watch.ts";

/** Bytes of mu-law that are a millisecond. */
export const BYTES_PER_MS: number = LINE_HZ / 1_000;

/** Where the line is in what was sent to it. */
export class LinePosition {
  #sentTo = 0;
  #emptyAtMs = -Infinity;
  /** The marks that have not come back. */
  readonly marks: MarkWatch = new MarkWatch();
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
  mark(nowMs: number): string {
    const name = `${this.#clears}.${this.#nextMark++}`;
    this.marks.sent(name, { place: this.#sentTo, leadMs: this.leadMs(nowMs) });
    return name;
  }

  /** The line was told to drop what it has not played; it goes on from `place`. */
  clear(place: number): void {
    this.#sentTo = place;
    this.#emptyAtMs = -Infinity;
    this.marks.cleared();
    this.#clears++;
  }

  /**
   * The line was told to drop what is out of date; it goes on from what it would play now.
   *
   * @returns What the caller has not heard, once the line reads again
   */
  catchUp(nowMs: number): Stretch | undefined {
    const place = this.heardTo(nowMs);
    this.clear(place);
    return this.marks.caughtUp(place);
  }
}
