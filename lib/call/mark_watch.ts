/**
 * The marks that have not come back, and what they say by not coming.
 *
 * The line sends the marks back among the caller's frames, each in its place. So the frames are the line's own clock, and
 * a mark that is a second of frames overdue was not reached, however slow the network is: the line has ceased to read.
 * Such a line is *deaf*. What it still holds will be out of date when it reads again; who sends to it has it dropped now
 * and then, and once more as soon as a mark comes back. A line that never sent a mark back says nothing.
 *
 * @module
 */

import { FRAME_MS } from "../../audio/rates.ts";

/** Marks that are waited for at most. */
const MOST_MARKS = 64;
/** Frames by which a mark is overdue on a line that does not read. */
const DEAF_AFTER_FRAMES = 50;
/** The same once that is known. */
const STILL_DEAF_AFTER_FRAMES = 20;
/** A line that is deaf for longer may be one that has ceased to send marks back. */
const MOST_DEAF_FRAMES = 500;

/** A mark that has not come back. Places count bytes since the call began. */
interface Mark {
  readonly place: number;
  /** How many frames will have come when it is reached. */
  readonly dueAtFrame: number;
}

/** A part of what was sent, in bytes since the call began. */
export interface Stretch {
  /** Place of its first byte. */
  readonly from: number;
  /** Place behind its last byte. */
  readonly to: number;
}

/** Waits for the marks of one line. */
export class MarkWatch {
  readonly #marks = new Map<string, Mark>();
  /** Frames that have come. */
  #frames = 0;
  /** How many frames after its time a mark comes back if nothing is wrong. */
  #usualDelay = Infinity;
  #reachedTo = 0;
  /** At which frame it was noticed that the line is deaf. */
  #deafAtFrame: number | undefined;
  /** Whether it reads again, and has not caught up. */
  #isBack = false;

  /** Whether every mark has come back. */
  get isConfirmed(): boolean {
    return this.#marks.size === 0;
  }

  /** The place of the mark that came back last. */
  get reachedTo(): number {
    return this.#reachedTo;
  }

  /** Whether the line has ceased to read. */
  get isDeaf(): boolean {
    return this.#deafAtFrame !== undefined;
  }

  /** Whether what the line holds is out of date, and is to be dropped. */
  get isStale(): boolean {
    const [oldest] = this.#marks.values();
    const overdue = this.#frames - this.#usualDelay - (oldest?.dueAtFrame ?? Infinity);
    return this.#isBack || overdue > (this.isDeaf ? STILL_DEAF_AFTER_FRAMES : DEAF_AFTER_FRAMES);
  }

  /** A frame came from the line. */
  frameCame(): void {
    this.#frames++;
  }

  /** A mark was sent, behind `leadMs` of audio that the line has not played. */
  sent(name: string, { place, leadMs }: { place: number; leadMs: number }): void {
    this.#marks.set(name, { place, dueAtFrame: this.#frames + leadMs / FRAME_MS });
    const [oldest] = this.#marks.keys();
    if (this.#marks.size > MOST_MARKS && oldest !== undefined) this.#marks.delete(oldest);
  }

  /**
   * A mark came back, and with it all before it.
   *
   * @returns Whether it says that audio was heard: unknown and cleared ones do not
   */
  reached(name: string): boolean {
    const mark = this.#marks.get(name);
    if (!mark) return false;
    for (const [earlier, { place }] of this.#marks) {
      if (place <= mark.place) this.#marks.delete(earlier);
    }
    // Where frames are held up and marks are not, one comes before its time.
    const delay = Math.max(0, this.#frames - mark.dueAtFrame);
    this.#usualDelay = Math.min(this.#usualDelay, delay);
    if (this.isDeaf) this.#isBack = true;
    else this.#reachedTo = mark.place;
    return true;
  }

  /** The line was told to drop what it holds: no mark of it counts. */
  cleared(): void {
    this.#marks.clear();
  }

  /**
   * What was out of date was dropped, and the line goes on from `place`.
   *
   * @returns What the caller has not heard, once the line reads again
   */
  caughtUp(place: number): Stretch | undefined {
    const missed = { from: this.#reachedTo, to: place };
    if (this.#isBack) {
      this.#isBack = false;
      this.#deafAtFrame = undefined;
      this.#reachedTo = place;
      return missed;
    }
    this.#deafAtFrame ??= this.#frames;
    if (this.#frames - this.#deafAtFrame > MOST_DEAF_FRAMES) {
      this.#deafAtFrame = undefined;
      this.#usualDelay = Infinity;
    }
    return undefined;
  }
}
