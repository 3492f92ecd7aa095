/**
 * What the line plays while a frame comes from the caller.
 *
 * @module
 */

import { LINE_FRAME_SAMPLES } from "../../audio/rates.ts";
import type { AudioTape } from "./audio_tape.ts";
import { BYTES_PER_MS, type LinePosition } from "./line_position.ts";

/** How far what is given as sounding may be from what sounds. */
const FAR_OFF_MS = 60;

/**
 * Follows what sounds, frame by frame. It gives one piece behind the other, however unevenly frames arrive, and sets
 * itself right only when it is far off: an echo is known by its delay, and a delay that jumps is no echo.
 */
export class Sounding {
  /** Where the piece that was given last ends; absent while the line is silent. */
  #to: number | undefined;

  /** The next 20 ms; absent: silence. */
  next(tape: AudioTape, line: LinePosition, nowMs: number): Uint8Array | undefined {
    const heardTo = line.heardTo(nowMs);
    if (line.leadMs(nowMs) === 0 || heardTo < LINE_FRAME_SAMPLES) {
      this.#to = undefined;
      return undefined;
    }
    const next = (this.#to ?? -Infinity) + LINE_FRAME_SAMPLES;
    const isFarOff = Math.abs(next - heardTo) > FAR_OFF_MS * BYTES_PER_MS;
    const to = isFarOff ? heardTo : Math.min(next, line.sentTo);
    this.#to = to;
    return tape.read(to - LINE_FRAME_SAMPLES, to);
  }
}
