/**
 * A leg that is recorded: what the caller says on the left as it came, the agent on the right as the line played it.
 *
 * The recording begins with the answer, so a place in it is a time in the call. The caller's frames lie by media time,
 * from where the first ones came. What is played lies by the clock, one piece behind the other, and what was cleared
 * before it sounded is not there. The two times are laid upon one another by the frame that was least late.
 *
 * @module
 */

import { FRAME_MS, LINE_HZ } from "../../audio/rates.ts";
import { TwoTracks } from "../../audio/two_tracks.ts";
import type { Clock } from "../clock.ts";
import type { Leg, LegEvent } from "./leg.ts";

/** Samples in a millisecond. */
const SAMPLES_PER_MS = LINE_HZ / 1_000;
/** Frames that waited for the call come at once; so long it takes until it is known which of the first was least late. */
const FIRST_MS = 100;
/** Where frames have stopped, what was played so long ago is done with. */
const SETTLED_MS = 2_000;

/** How a leg is recorded. */
export interface RecordingOptions {
  /** Whose time counts. */
  readonly clock: Clock;
  /** How long the call has lasted: 0, unless it has come back. */
  readonly callMs: number;
  /** Bytes of a piece, two for each sample. */
  readonly pieceBytes: number;
  /** Takes the pieces, by their number in the call, first to last; does not throw. */
  readonly keep: (index: number, piece: Uint8Array) => void;
}

/** The same leg, recorded until it ends. */
export function recordedLeg(leg: Leg, options: RecordingOptions): Leg {
  const recorder = new Recorder(options);
  return {
    get faults() {
      return leg.faults;
    },
    listen: (post) =>
      leg.listen((event) => {
        recorder.took(event);
        post(event);
      }),
    play: (mulaw) => {
      recorder.played(mulaw);
      leg.play(mulaw);
    },
    mark: (name) => leg.mark(name),
    clear: () => {
      recorder.cleared();
      leg.clear();
    },
    close: () => {
      recorder.close();
      leg.close();
    },
  };
}

type FrameReceived = Extract<LegEvent, { type: "frame-received" }>;

class Recorder {
  readonly #options: RecordingOptions;
  readonly #tracks: TwoTracks;
  /** Monotonic time of the answer. */
  readonly #answeredAtMs: number;
  /** Frames whose place is not known yet. */
  readonly #first: FrameReceived[] = [];
  #firstAtMs = 0;
  /** Time in the call at which media time is 0, as the least late frame has it. */
  #startMs = Infinity;
  /** Its place, as the first frames had it. */
  #leadSamples: number | undefined;
  #streamMs = 0;
  /** Place behind what the line will have played, and when it will have, by the clock. */
  #playedTo = 0;
  #playedToMs = 0;
  #isClosed = false;

  constructor(options: RecordingOptions) {
    const { clock, callMs, pieceBytes } = options;
    this.#options = options;
    this.#answeredAtMs = clock.nowMs() - callMs;
    this.#tracks = new TwoTracks(pieceBytes / 2, callMs * SAMPLES_PER_MS);
  }

  took(event: LegEvent): void {
    if (event.type === "leg-ended") return this.close();
    if (event.type !== "frame-received" || this.#isClosed) return;
    const callMs = this.#callMs;
    this.#startMs = Math.min(this.#startMs, callMs - event.streamMs - FRAME_MS);
    if (this.#leadSamples === undefined) {
      if (this.#first.length === 0) this.#firstAtMs = callMs;
      this.#first.push(event);
      if (callMs - this.#firstAtMs >= FIRST_MS) this.#place();
    } else this.#write(event);
    this.#keepSettled();
  }

  played(mulaw: Uint8Array): void {
    if (this.#isClosed) return;
    const callMs = this.#callMs;
    // What follows before the line has run dry follows without a gap.
    if (callMs >= this.#playedToMs) {
      this.#playedTo = Math.max(this.#playedTo, this.#now);
      this.#playedToMs = callMs;
    }
    this.#tracks.write("right", mulaw, this.#playedTo);
    this.#playedTo += mulaw.length;
    this.#playedToMs += mulaw.length / SAMPLES_PER_MS;
    this.#keepSettled();
  }

  cleared(): void {
    if (this.#isClosed) return;
    this.#playedTo -= this.#unplayed;
    this.#playedToMs = Math.min(this.#playedToMs, this.#callMs);
    this.#tracks.cut("right", this.#playedTo);
  }

  /** What would still have sounded was not heard. */
  close(): void {
    if (this.#isClosed) return;
    this.#place();
    this.cleared();
    this.#isClosed = true;
    this.#keep(() => this.#tracks.takeAll());
  }

  get #callMs(): number {
    return this.#options.clock.nowMs() - this.#answeredAtMs;
  }

  /** Place of this moment: later than the clock has it by what the first frames were late. */
  get #now(): number {
    const start = this.#startMs * SAMPLES_PER_MS;
    const late = this.#leadSamples === undefined ? 0 : this.#leadSamples - start;
    return Math.max(0, Math.round(this.#callMs * SAMPLES_PER_MS + late));
  }

  /** Samples that the line has not played yet, by the clock. */
  get #unplayed(): number {
    return Math.max(0, Math.round((this.#playedToMs - this.#callMs) * SAMPLES_PER_MS));
  }

  /** The first frames get their place, and all others by them. */
  #place(): void {
    if (this.#leadSamples !== undefined || this.#first.length === 0) return;
    this.#leadSamples = Math.round(this.#startMs * SAMPLES_PER_MS);
    for (const event of this.#first.splice(0)) this.#write(event);
  }

  #write({ streamMs, mulaw }: FrameReceived): void {
    this.#streamMs = streamMs;
    this.#tracks.write("left", mulaw, (this.#leadSamples ?? 0) + streamMs * SAMPLES_PER_MS);
  }

  #keepSettled(): void {
    const settled = this.#now - SETTLED_MS * SAMPLES_PER_MS;
    const received = (this.#leadSamples ?? 0) + this.#streamMs * SAMPLES_PER_MS;
    const before = Math.max(received, settled);
    const unplayed = this.#unplayed;
    // What sounds may still be cut, or gone on with.
    const heard = unplayed > 0 ? this.#playedTo - unplayed : before;
    this.#keep(() => this.#tracks.take(Math.min(before, heard)));
  }

  #keep(take: () => readonly Uint8Array[]): void {
    const first = this.#tracks.nextPiece;
    for (const [n, piece] of take().entries()) this.#options.keep(first + n, piece);
  }
}
