/**
 * The network's scores for the frames of a line, kept from run to run: a score depends on the frames before it alone.
 *
 * @module
 */

import { decodeMulaw } from "../../audio/mulaw.ts";
import { LINE_FRAME_SAMPLES } from "../../audio/rates.ts";
import { Upsampler2x } from "../../audio/resample.ts";
import type { Vad } from "../../audio/vad.ts";
import { SileroNetwork } from "../../lib/hearing/silero_vad.ts";

/** Known scores, by a hash of all frames up to and with the scored one. */
export class ScoreCache {
  readonly #scores = new Map<string, number>();
  readonly #path: string | undefined;
  readonly #network = SileroNetwork.load();
  #isChanged = false;

  /** Begins with those that are kept at `path`; without one nothing is kept. */
  constructor(path?: string) {
    this.#path = path;
    if (path === undefined) return;
    try {
      for (const line of Deno.readTextFileSync(path).split("\n")) {
        const [key, score] = line.split(" ");
        if (key && score) this.#scores.set(key, Number(score));
      }
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** Scores for one call. */
  line(): ScoredLine {
    return new ScoredLine(this.#scores, async () => {
      this.#isChanged = true;
      return (await this.#network).detector();
    });
  }

  /** Writes what has become known. */
  save(): void {
    if (!this.#isChanged || this.#path === undefined) return;
    const lines = [...this.#scores].map(([key, score]) => `${key} ${score.toFixed(4)}`);
    Deno.writeTextFileSync(this.#path, lines.join("\n"));
  }
}

/** One call whose frames are scored, by the network only where no run before has done it. */
export class ScoredLine {
  readonly #known: Map<string, number>;
  readonly #makeDetector: () => Promise<Vad>;
  readonly #frames: Uint8Array[] = [];
  readonly #upsampler = new Upsampler2x();
  #detector: Vad | undefined;
  #heard = 0;
  #low = 2_166_136_261;
  #high = 40_503;

  constructor(known: Map<string, number>, makeDetector: () => Promise<Vad>) {
    this.#known = known;
    this.#makeDetector = makeDetector;
  }

  /** Probability of speech as of the end of this frame. */
  async score(mulaw: Uint8Array): Promise<number> {
    this.#frames.push(mulaw);
    for (const byte of mulaw) {
      this.#low = Math.imul(this.#low ^ byte, 16_777_619);
      this.#high = Math.imul(this.#high + byte + 1, 0x6d2b79f5) ^ (this.#high >>> 13);
    }
    const key = `${(this.#low >>> 0).toString(36)}.${(this.#high >>> 0).toString(36)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    this.#detector ??= await this.#makeDetector();
    let score = 0;
    const pcm = new Int16Array(LINE_FRAME_SAMPLES);
    while (this.#heard < this.#frames.length) {
      decodeMulaw(this.#frames[this.#heard++] as Uint8Array, pcm);
      score = await this.#detector.score(this.#upsampler.push(pcm).slice());
    }
    this.#known.set(key, score);
    return score;
  }
}
