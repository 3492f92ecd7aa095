/**
 * Carries out the faults of a script on one connection.
 *
 * @module
 */

import type { Clock, Timer } from "../lib/clock.ts";
import type { GeminiWire } from "./gemini_wire.ts";
import type { Fault, Strike } from "./model_script.ts";

/** The faults of one type. */
export type FaultOf<T extends Fault["type"]> = Extract<Fault, { type: T }>;

/** What goes wrong on one connection. */
export class FaultPlan {
  readonly #faults: readonly Fault[];
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();

  /**
   * A plan for one connection.
   *
   * @param faults Those of the whole script
   * @param options Which connection this is, from 0; whose time to wait by
   */
  constructor(faults: readonly Fault[], options: { connection: number; clock: Clock }) {
    this.#clock = options.clock;
    this.#faults = faults.filter(({ connection }) =>
      connection === undefined || connection === options.connection
    );
  }

  /** The first fault of a type, where one is planned; of one turn, where a turn is named. */
  find<T extends Fault["type"]>(type: T, turn?: number): FaultOf<T> | undefined {
    return this.#faults.find((fault): fault is FaultOf<T> =>
      fault.type === type &&
      (turn === undefined || "turn" in fault.when && fault.when.turn === turn)
    );
  }

  /** A moment has come: strikes what is planned for it, at once or after a while. */
  reached(wire: GeminiWire, at: Strike["when"]["at"], turn?: number): void {
    for (const fault of this.#faults) {
      if (!isStrike(fault) || fault.when.at !== at) continue;
      if ("turn" in fault.when && fault.when.turn !== turn) continue;
      if (fault.when.afterMs === undefined) this.#strike(wire, fault);
      else this.#after(fault.when.afterMs, () => this.#strike(wire, fault));
    }
  }

  /** The connection is over; nothing strikes any more. */
  cancel(): void {
    for (const timer of this.#timers) timer.cancel();
  }

  #strike(wire: GeminiWire, strike: Strike): void {
    switch (strike.type) {
      case "close":
        return wire.close(strike.code, strike.reason);
      case "reset":
        return wire.reset();
      case "mute":
        return wire.mute();
      case "stop-reading":
        return wire.stopReading();
      case "ignore-close":
        return wire.ignoreClose();
      case "late-pongs":
        return wire.delayPongs(strike.ms);
      case "late-close":
        return wire.delayClose(strike.ms, strike.frames ?? []);
      case "send":
        return void wire.sendRaw(strike.frame);
      case "go-away":
        wire.send({ goAway: { timeLeft: `${strike.timeLeftMs / 1000}s` } });
        return this.#after(
          strike.timeLeftMs,
          () => wire.close(1011, "Deadline expired before operation could complete."),
        );
      default:
        return strike satisfies never;
    }
  }

  #after(ms: number, act: () => void): void {
    const timer = this.#clock.at(this.#clock.nowMs() + ms, () => {
      this.#timers.delete(timer);
      act();
    });
    this.#timers.add(timer);
  }
}

function isStrike(fault: Fault): fault is Extract<Fault, Strike> {
  switch (fault.type) {
    case "never-upgrade":
    case "refuse-upgrade":
    case "delay-setup":
    case "lose-start":
    case "distort":
      return false;
    default:
      return true;
  }
}
