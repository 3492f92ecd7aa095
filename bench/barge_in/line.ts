/**
 * The telephone line of a scene, frame by frame: it plays the agent's speech, stops and goes on when told, and carries
 * the caller's side together with the echo of what was really played. So a hold silences the echo too, as it would.
 *
 * @module
 */

import { decodeMulaw, encodeMulaw, MULAW_SILENCE } from "../../audio/mulaw.ts";
import { saturate } from "../../audio/pcm.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES as FRAME } from "../../audio/rates.ts";
import { samplesIn } from "./signal.ts";
import { echoGain, type Scene } from "./scenes.ts";

/** One 20-ms frame as the product would see it. */
export interface LineFrame {
  readonly endMs: number;
  /** What came from the caller. */
  readonly caller: Uint8Array;
  /** What the line played meanwhile. */
  readonly played: Uint8Array;
}

/** The line of one scene. */
export class SceneLine {
  /** Whether the agent's speech is played. */
  isPlaying = true;
  /** Place in the agent's speech, in samples. */
  playhead = 0;
  readonly #scene: Scene;
  readonly #played: Float32Array;
  readonly #gain: number;
  #frame = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#played = new Float32Array(scene.near.length);
    const agent = new Int16Array(scene.agent.length);
    decodeMulaw(scene.agent, agent);
    this.#gain = scene.echo ? echoGain(scene.echo, Float32Array.from(agent)) : 0;
  }

  /** The next frame; absent when the scene is over. */
  next(): LineFrame | undefined {
    const from = this.#frame * FRAME;
    const { near, agent } = this.#scene;
    if (from + FRAME > near.length) return undefined;
    const played = new Uint8Array(FRAME).fill(MULAW_SILENCE);
    if (this.isPlaying) {
      played.set(agent.subarray(this.playhead, this.playhead + FRAME));
      this.playhead += FRAME;
    }
    const pcm = new Int16Array(FRAME);
    decodeMulaw(played, pcm);
    this.#played.set(pcm, from);
    for (let i = 0; i < FRAME; i++) pcm[i] = saturate((near[from + i] ?? 0) + this.#echo(from + i));
    const caller = new Uint8Array(FRAME);
    encodeMulaw(pcm, caller);
    this.#frame++;
    return { endMs: this.#frame * FRAME_MS, caller, played };
  }

  #echo(at: number): number {
    const { echo } = this.#scene;
    if (!echo) return 0;
    const first = at - samplesIn(echo.delayMs);
    let sum = 0;
    for (let tap = 0; tap < echo.taps.length; tap++) {
      sum += (echo.taps[tap] ?? 0) * (this.#played[first - tap] ?? 0);
    }
    return this.#gain * sum;
  }
}
