/**
 * Who takes part in the contest about the end of a turn: ours, and detectors with a fixed hangover.
 *
 * @module
 */

// @ts-types="./fvad.d.ts"
import loadFvad, { type FvadModule } from "@echogarden/fvad-wasm";
import { levelDbfs } from "../../audio/level.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES, LINE_HZ } from "../../audio/rates.ts";
import { Hearing } from "../../lib/call/hearing.ts";
import {
  DEFAULT_BARGE_IN,
  DEFAULT_TURN_SETTINGS,
  type TurnSettings,
} from "../../lib/turns/turn_settings.ts";

/** A frame, and what is known of it. */
export interface TurnFrame {
  /** 160 samples at 8 kHz. */
  readonly line: Int16Array;
  readonly endMs: number;
  /** The network's. */
  readonly speechProbability: number;
  /** Whether it truly holds speech. */
  readonly isSpeech: boolean;
}

/** Hears one call, and tells when a turn begins and ends. */
export interface Contestant {
  hear(frame: TurnFrame): "start" | "end" | undefined;
}

/** The speech that is asked for before a turn begins. */
const ONSET_MS = 60;
/** The hangover that peers have. */
const HANGOVER_MS = 500;
const ENERGY_DBFS = -42;
/** The network's own advice: speech goes on at a little less than it began with. */
const NETWORK_ON = 0.5;
const NETWORK_OFF = 0.35;

/** Begins after so much speech, ends after so much without any. */
export class FixedHangover implements Contestant {
  readonly #isSpeech: (frame: TurnFrame, wasSpeech: boolean) => boolean;
  readonly #hangoverMs: number;
  #wasSpeech = false;
  #isOpen = false;
  #runMs = 0;

  /** Goes by a verdict on each frame, which may depend on the last one. */
  constructor(
    isSpeech: (frame: TurnFrame, wasSpeech: boolean) => boolean,
    hangoverMs = HANGOVER_MS,
  ) {
    this.#isSpeech = isSpeech;
    this.#hangoverMs = hangoverMs;
  }

  hear(frame: TurnFrame): "start" | "end" | undefined {
    this.#wasSpeech = this.#isSpeech(frame, this.#wasSpeech);
    // What would change the state must last.
    this.#runMs = this.#wasSpeech === this.#isOpen ? 0 : this.#runMs + FRAME_MS;
    if (this.#runMs < (this.#isOpen ? this.#hangoverMs : ONSET_MS)) return undefined;
    this.#runMs = 0;
    this.#isOpen = !this.#isOpen;
    return this.#isOpen ? "start" : "end";
  }
}

/** Louder than a fixed level. */
export function energy(): Contestant {
  return new FixedHangover(({ line }) => levelDbfs(line) > ENERGY_DBFS);
}

/** The true labels. */
export function truth(hangoverMs = HANGOVER_MS): Contestant {
  return new FixedHangover(({ isSpeech }) => isSpeech, hangoverMs);
}

/** The network with a fixed hangover. */
export function network(hangoverMs = HANGOVER_MS): Contestant {
  return new FixedHangover(
    ({ speechProbability }, wasSpeech) =>
      speechProbability >= (wasSpeech ? NETWORK_OFF : NETWORK_ON),
    hangoverMs,
  );
}

/** Ours, with the settings of an agent. */
export function offhook(settings: Partial<TurnSettings> = {}): Contestant {
  const hearing = new Hearing({ ...DEFAULT_TURN_SETTINGS, ...settings }, DEFAULT_BARGE_IN);
  return {
    hear(frame) {
      const { speech } = hearing.hear({ ...frame, played: undefined }, false);
      if (!speech) return undefined;
      return speech.type === "speech-started" ? "start" : "end";
    },
  };
}

/** WebRTC's detector; a module has room for all calls of a run. */
export class WebRtcVad {
  readonly #fvad: FvadModule;
  readonly #mode: number;

  private constructor(fvad: FvadModule, mode: number) {
    this.#fvad = fvad;
    this.#mode = mode;
  }

  /** Loads it; `mode` is from 0, which takes most for speech, to 3. */
  static async load(mode: number): Promise<WebRtcVad> {
    return new WebRtcVad(await loadFvad(), mode);
  }

  /** A contestant for one call. */
  contestant(): Contestant {
    const fvad = this.#fvad;
    const handle = fvad._fvad_new();
    fvad._fvad_set_sample_rate(handle, LINE_HZ);
    fvad._fvad_set_mode(handle, this.#mode);
    const place = fvad._malloc(LINE_FRAME_SAMPLES * Int16Array.BYTES_PER_ELEMENT);
    return new FixedHangover(({ line }) => {
      fvad.HEAP16.set(line, place / Int16Array.BYTES_PER_ELEMENT);
      return fvad._fvad_process(handle, place, LINE_FRAME_SAMPLES) === 1;
    });
  }
}
