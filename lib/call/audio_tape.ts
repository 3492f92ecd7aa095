/**
 * Audio that is written at one end, read anywhere, and forgotten from the other end.
 *
 * @module
 */

/** Bytes by their place since the tape began. */
export class AudioTape {
  #memory = new Uint8Array(16_384);
  /** Place of the first byte in memory. */
  #base = 0;
  /** Place of the first byte that is not forgotten. */
  #start = 0;
  #end = 0;

  /** The place behind the last byte. */
  get end(): number {
    return this.#end;
  }

  /** Writes bytes behind all others. */
  write(bytes: Uint8Array): void {
    const needed = this.#end - this.#base + bytes.length;
    if (needed > this.#memory.length) {
      const roomier = new Uint8Array(2 * needed);
      roomier.set(this.#memory.subarray(0, this.#end - this.#base));
      this.#memory = roomier;
    }
    this.#memory.set(bytes, this.#end - this.#base);
    this.#end += bytes.length;
  }

  /**
   * Reads bytes; the copy is the reader's.
   *
   * @throws {RangeError} If the place was forgotten or not yet written
   */
  read(from: number, to: number): Uint8Array {
    if (from < this.#start || to > this.#end) {
      throw new RangeError(
        `Cannot read ${from} to ${to}: the tape holds ${this.#start} to ${this.#end}`,
      );
    }
    return this.#memory.slice(from - this.#base, to - this.#base);
  }

  /** Forgets what lies before a place. */
  forget(before: number): void {
    this.#start = Math.max(this.#start, Math.min(before, this.#end));
    const dropped = this.#start - this.#base;
    // Moving the rest costs time: it is done when half of the memory is waste.
    if (dropped < this.#memory.length / 2) return;
    this.#memory.copyWithin(0, dropped, this.#end - this.#base);
    this.#base = this.#start;
  }
}
