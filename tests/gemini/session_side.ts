/**
 * What stands on the call's side of a conversation in these tests, and the emulated service on the other.
 *
 * @module
 */

import { type GeminiLiveEmulator, startGeminiLive } from "../../emulators/gemini_live.ts";
import type { Fault, ModelScript } from "../../emulators/model_script.ts";
import type { Model, ModelEvent } from "../../lib/call/model.ts";
import type { Clock } from "../../lib/clock.ts";
import { ModelCircuit } from "../../lib/gemini/circuit.ts";
import { openLive } from "../../lib/gemini/live_session.ts";
import { liveSetup } from "../../lib/gemini/live_setup.ts";
import { randomIds } from "../../lib/ids.ts";
import { createLog } from "../../lib/log.ts";
import { scaledClock } from "../support/scaled_clock.ts";
import { AGENT, KEY } from "./call_side.ts";

const MODEL = "gemini-3.8-live";
/** What the model was told of an earlier conversation. */
export const RECAP = "You: Hello. Caller: A table for two.";

/** A fact with the time at which it came. */
export type TimedEvent = ModelEvent & { readonly atMs: number };

/** What may differ. */
export interface SideOptions {
  readonly faults?: readonly Fault[];
  readonly answers?: ModelScript["answers"];
  readonly delivery?: ModelScript["delivery"];
  readonly badKey?: string;
  readonly handle?: string;
}

/** A conversation with an emulated service. */
export class SessionSide implements AsyncDisposable {
  readonly clock: Clock;
  readonly service: GeminiLiveEmulator;
  readonly model: Model;
  readonly events: TimedEvent[] = [];
  readonly circuit: ModelCircuit;
  /** Log lines so far. */
  readonly lines: string[] = [];
  readonly #openedAtMs: number;
  readonly #waiting = new Set<() => void>();

  private constructor(service: GeminiLiveEmulator, clock: Clock, options: SideOptions) {
    this.clock = clock;
    this.service = service;
    this.circuit = new ModelCircuit(clock);
    this.#openedAtMs = clock.nowMs();
    this.model = openLive({
      apiKey: KEY,
      baseUrl: service.url,
      model: MODEL,
      setup: (begin) => liveSetup(AGENT, { ...begin, instructions: "Be brief.", model: MODEL }),
      activityGapMs: 100,
      circuit: this.circuit,
      ids: randomIds,
      clock,
      log: createLog({ level: "info", clock, write: (line) => this.lines.push(line) }),
    })((event) => {
      this.events.push({ ...event, atMs: clock.nowMs() });
      for (const wake of this.#waiting) wake();
    }, { handle: options.handle, recap: () => RECAP });
  }

  /** Opens a conversation; time runs `pace` times as fast as the host's. */
  static async open(options: SideOptions = {}, pace = 4): Promise<SessionSide> {
    const clock = scaledClock(pace);
    const service = await startGeminiLive({
      clock,
      script: {
        answers: options.answers ?? (({ index }) => ({ text: ` answer ${index}`, pcm: tone(600) })),
        hear: () => "Hm.",
        ...(options.faults ? { faults: options.faults } : {}),
        ...(options.delivery ? { delivery: options.delivery } : {}),
      },
      ...(options.badKey === undefined ? {} : { badKey: options.badKey }),
    });
    return new SessionSide(service, clock, options);
  }

  /** The n-th fact of a type, from 0, as soon as it has come. */
  async came<T extends ModelEvent["type"]>(
    type: T,
    n = 0,
  ): Promise<Extract<TimedEvent, { type: T }>> {
    for (;;) {
      const event = this.events.filter((one): one is Extract<TimedEvent, { type: T }> =>
        one.type === type
      )[n];
      if (event) return event;
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  /** The conversation stands so, for the n-th time. */
  async stood(state: string, n = 0): Promise<TimedEvent> {
    for (let at = 0, seen = 0;; at++) {
      const event = await this.came("model-state-changed", at);
      if (event.state === state && seen++ === n) return event;
    }
  }

  /** The caller speaks: these frames, and 20 ms of time for each. */
  async speak(from: number, to: number): Promise<void> {
    for (let n = from; n < to; n++) {
      this.model.sendAudio(coded(n));
      await this.passes(20);
    }
  }

  /** Lets time pass. */
  async passes(ms: number): Promise<void> {
    await new Promise<void>((resolve) => this.clock.at(this.clock.nowMs() + ms, resolve));
  }

  /** What the service did not like on any connection. */
  get violations(): string[] {
    return this.service.sessions.flatMap(({ violations }) => violations);
  }

  /** Times of the attempts to connect. */
  get attemptsAtMs(): number[] {
    const again = this.events.filter((event) =>
      event.type === "model-state-changed" && event.state === "connecting"
    );
    return [this.#openedAtMs, ...again.map(({ atMs }) => atMs)];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.model.close();
    await this.service.close();
  }
}

/** A frame that can be told from all others. */
export function coded(n: number): Int16Array {
  return new Int16Array(320).fill(n + 1);
}

/** The numbers of the frames in what was heard; a frame that is not whole is -1. */
export function framesIn(pcm: Int16Array): number[] {
  return Array.from({ length: pcm.length / 320 }, (_, n) => {
    const frame = pcm.subarray(n * 320, (n + 1) * 320);
    return frame.every((sample) => sample === frame[0]) ? (frame[0] ?? 0) - 1 : -1;
  });
}

/** Numbers from 0. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

/** Samples at 24 kHz. */
export function tone(ms: number): Int16Array {
  return Int16Array.from({ length: ms * 24 }, (_, n) => 8_000 * Math.sin(n / 9));
}
