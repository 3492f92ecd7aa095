/**
 * What an emulated caller does, step after step, and the player that turns it into 20 ms of voice at a time.
 *
 * The caller listens with the player's ear: it is told after every frame whether the agent could be heard. Silence is
 * said wherever a step says nothing. When the steps run out, the caller hangs up.
 *
 * @module
 */

import { convertRate, fileToPcm } from "../audio/file_to_pcm.ts";
import { levelDbfs } from "../audio/level.ts";
import { decodeMulaw, encodeMulaw, MULAW_SILENCE } from "../audio/mulaw.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES, LINE_HZ } from "../audio/rates.ts";

/** One step of a caller; made by the functions below, or written out. */
export type CallerStep =
  /** Speaks mu-law audio to its end. */
  | { type: "say"; mulaw: Uint8Array; text: string }
  /** Stays silent. */
  | { type: "wait"; ms: number }
  /** Stays silent until the agent has not been heard for so long. */
  | { type: "wait-for-silence"; ms: number; timeoutMs: number }
  /** Stays silent until the agent was heard and then not heard for so long. */
  | { type: "listen"; silenceMs: number; timeoutMs: number }
  /** Stays silent until so much of the agent was heard. */
  | { type: "break-in"; afterMs: number; timeoutMs: number }
  /** Presses keys, 200 ms each. */
  | { type: "press"; digits: string }
  /** The line carries nothing for so long; media time goes on. */
  | { type: "pause-frames"; ms: number }
  /** From here the line keeps frames back and sends all at once when so much time is over. Takes no time itself. */
  | { type: "burst"; ms: number }
  /** Hangs up. */
  | { type: "hang-up" }
  /** Stays silent until the other side ends the call. */
  | { type: "until-ended" };

/** A caller's steps, first to last. */
export type CallerScript = readonly CallerStep[];

/** How long a caller waits for an agent before it gives up and hangs up. */
const PATIENCE_MS = 30_000;
const KEY_MS = 200;
/** A frame louder than this is heard. */
const AUDIBLE_DBFS = -50;

/**
 * Speaks.
 *
 * @param speech Samples (mono), or the bytes of a WAV file
 * @param options `text` is what is said, for the report; `hz` the rate of samples, 8,000 unless given
 */
export function say(
  speech: Int16Array | Uint8Array,
  { text = "", hz = LINE_HZ }: { text?: string; hz?: number } = {},
): CallerStep {
  const pcm = speech instanceof Int16Array ? speech : fileToPcm(speech, LINE_HZ);
  return { type: "say", text, mulaw: mulawOf(pcm, speech instanceof Int16Array ? hz : LINE_HZ) };
}

/** Stays silent. */
export function wait(ms: number): CallerStep {
  return { type: "wait", ms };
}

/** Waits until the agent has been silent for `ms`, whether or not it spoke before. */
export function waitForSilence(ms: number, { timeoutMs = PATIENCE_MS } = {}): CallerStep {
  return { type: "wait-for-silence", ms, timeoutMs };
}

/** Waits until the agent has spoken, since the caller last did, and has then been silent for `silenceMs`. */
export function listenUntilAgentDone(
  { silenceMs = 1000, timeoutMs = PATIENCE_MS } = {},
): CallerStep {
  return { type: "listen", silenceMs, timeoutMs };
}

/** Waits until the agent has been heard for `afterMs` altogether; what comes next falls into its speech. */
export function breakIn(afterMs: number, { timeoutMs = PATIENCE_MS } = {}): CallerStep {
  return { type: "break-in", afterMs, timeoutMs };
}

/**
 * Presses keys, one after another.
 *
 * @throws {RangeError} If there is no such key
 */
export function press(digits: string): CallerStep {
  if (!/^[0-9*#A-D]+$/.test(digits)) throw new RangeError(`Cannot press "${digits}": no such key`);
  return { type: "press", digits };
}

/** The line carries no frames for so long. */
export function pauseFrames(ms: number): CallerStep {
  return { type: "pause-frames", ms };
}

/** What is said in the next `ms` arrives at once at their end: 500 ms are 25 frames. */
export function burst(ms = 500): CallerStep {
  return { type: "burst", ms };
}

/** Hangs up. */
export function hangUp(): CallerStep {
  return { type: "hang-up" };
}

/** Waits until the other side ends the call. */
export function untilEnded(): CallerStep {
  return { type: "until-ended" };
}

/** Samples of any rate as what the line carries. */
export function mulawOf(pcm: Int16Array, hz: number): Uint8Array {
  const samples = hz === LINE_HZ ? pcm : convertRate(pcm, { fromHz: hz, toHz: LINE_HZ });
  const mulaw = new Uint8Array(samples.length);
  encodeMulaw(samples, mulaw);
  return mulaw;
}

/** Whether a person would hear this frame. */
export function isAudible(mulaw: Uint8Array): boolean {
  const pcm = new Int16Array(mulaw.length);
  decodeMulaw(mulaw, pcm);
  return levelDbfs(pcm) > AUDIBLE_DBFS;
}

/** What the caller does beside sounding. */
export type CallerAct =
  /** Begins to speak; the last audible frame ends `speechMs` later. */
  | { type: "speaks"; text: string; speechMs: number }
  | { type: "presses"; digit: string }
  | { type: "bursts"; ms: number }
  /** Waited in vain; hangs up next. */
  | { type: "gives-up"; why: string }
  | { type: "hangs-up" };

/** 20 ms of a caller. */
export interface CallerMove {
  /** 160 bytes. */
  readonly mulaw: Uint8Array;
  /** Whether the line loses them. */
  readonly withheld: boolean;
  /** What is done as they begin. */
  readonly acts: readonly CallerAct[];
}

type Frame = Omit<CallerMove, "acts">;

const SILENCE = new Uint8Array(LINE_FRAME_SAMPLES).fill(MULAW_SILENCE);

/** Plays a script, 20 ms at a time. */
export class ScriptPlayer {
  readonly #frames: Iterator<Frame, never>;
  #acts: CallerAct[] = [];
  /** Frames of the agent that were heard and that no step has waited for yet. */
  #heardFrames = 0;
  /** Frames since the agent was last heard; before the first frame there was none. */
  #quietFrames = -1;

  /**
   * Begins with the first step.
   *
   * @param script What to play
   */
  constructor(script: CallerScript) {
    this.#frames = this.#play(script);
  }

  /**
   * The next 20 ms.
   *
   * @param agentHeard Whether the agent was audible in the 20 ms before
   */
  next(agentHeard: boolean): CallerMove {
    if (agentHeard) this.#heardFrames++;
    this.#quietFrames = agentHeard ? 0 : this.#quietFrames + 1;
    const { value } = this.#frames.next();
    const acts = this.#acts;
    this.#acts = [];
    return { ...value, acts };
  }

  *#play(script: CallerScript): Generator<Frame, never> {
    for (const step of script) {
      yield* this.#perform(step);
      if (this.#acts.some((act) => act.type === "gives-up")) break;
    }
    this.#acts.push({ type: "hangs-up" });
    while (true) yield { mulaw: SILENCE, withheld: false };
  }

  *#perform(step: CallerStep): Generator<Frame, void> {
    switch (step.type) {
      case "say":
        return yield* this.#speak(step);
      case "wait":
        return yield* silence(step.ms);
      case "wait-for-silence":
        return yield* this.#waitUntil(() => this.#quietFrames >= framesOf(step.ms), step);
      case "listen": {
        const quiet = framesOf(step.silenceMs);
        return yield* this.#listenUntil(
          () => this.#heardFrames > 0 && this.#quietFrames >= quiet,
          step,
        );
      }
      case "break-in":
        return yield* this.#listenUntil(() => this.#heardFrames >= framesOf(step.afterMs), step);
      case "press":
        for (const digit of step.digits) {
          this.#acts.push({ type: "presses", digit });
          yield* silence(KEY_MS);
        }
        return;
      case "pause-frames":
        return yield* silence(step.ms, { withheld: true });
      case "burst":
        this.#acts.push({ type: "bursts", ms: step.ms });
        return;
      case "hang-up":
        this.#acts.push({ type: "hangs-up" });
        return yield* silence(Infinity);
      case "until-ended":
        return yield* silence(Infinity);
      default:
        return step satisfies never;
    }
  }

  *#speak({ mulaw, text }: { mulaw: Uint8Array; text: string }) {
    const frames = cut(mulaw);
    const lastAudible = frames.findLastIndex(isAudible);
    this.#acts.push({ type: "speaks", text, speechMs: (lastAudible + 1) * FRAME_MS });
    for (const frame of frames) yield { mulaw: frame, withheld: false };
    this.#heardFrames = 0;
  }

  *#listenUntil(done: () => boolean, step: { type: string; timeoutMs: number }) {
    yield* this.#waitUntil(done, step);
    this.#heardFrames = 0;
  }

  *#waitUntil(done: () => boolean, { type, timeoutMs }: { type: string; timeoutMs: number }) {
    for (let frames = framesOf(timeoutMs); !done(); frames--) {
      if (frames <= 0) {
        this.#acts.push({ type: "gives-up", why: `"${type}" waited ${timeoutMs} ms in vain` });
        return;
      }
      yield { mulaw: SILENCE, withheld: false };
    }
  }
}

function* silence(ms: number, { withheld = false } = {}) {
  for (let frames = framesOf(ms); frames > 0; frames--) yield { mulaw: SILENCE, withheld };
}

function framesOf(ms: number): number {
  return Math.ceil(ms / FRAME_MS);
}

/** Whole frames; the last one is filled up with silence. */
function cut(mulaw: Uint8Array): Uint8Array[] {
  return Array.from({ length: Math.ceil(mulaw.length / LINE_FRAME_SAMPLES) }, (_, n) => {
    const frame = SILENCE.slice();
    frame.set(mulaw.subarray(n * LINE_FRAME_SAMPLES, (n + 1) * LINE_FRAME_SAMPLES));
    return frame;
  });
}
