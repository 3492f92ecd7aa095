/**
 * A service that does whatever it likes, a line, and a caller, around the machine of speech that is owed.
 *
 * @module
 */

import {
  NOTHING_OWED,
  type OwedFact,
  type OwedOrder,
  type OwedState,
} from "../../lib/turns/owed_facts.ts";
import { DEFAULT_OWED_SETTINGS, type Repair } from "../../lib/turns/owed_settings.ts";
import { nextOwedMs, stepOwed } from "../../lib/turns/owed_speech.ts";

const CHUNK_MS = 40;
/** What the service needs to say that an answer was broken off. */
const REACTION_MS = 60;

/** How one question to the service is answered. */
export interface Whim {
  /** `stall`: ceases after some audio; `cut`: its turn ends there; `break`: it is interrupted there. */
  readonly what:
    | "audible"
    | "near-silent"
    | "text"
    | "empty"
    | "rejected"
    | "absent"
    | "stall"
    | "cut"
    | "break";
  readonly thinkMs: number;
  readonly chunks: number;
  /** Between two pieces of audio. */
  readonly gapMs: number;
}

/** What a service is like, and what happens from outside. */
export interface Whims {
  /** One for each time it is asked; then the last for ever. */
  readonly answers: readonly Whim[];
  /** What an answer under way suffers when something else is asked. */
  readonly asked: "interrupts" | "queues";
  readonly hasSecondModel: boolean;
  readonly happenings: readonly { readonly atMs: number; readonly what: "speak" | "lose" }[];
}

/** What came of it. */
export interface WorldReport {
  /** Longest silence while speech was owed, with neither a tone nor a repair. */
  longestSilenceMs: number;
  /** Repairs, a list for each time that none was behind us. */
  readonly repairs: Repair[][];
  /** How many answers to each question were heard from beginning to end. */
  readonly wholeAnswers: Map<number, number>;
  isGivenUp: boolean;
  endedAtMs: number;
}

interface Attempt {
  readonly question: number;
  readonly whim: Whim;
  played: number;
  isOver: boolean;
  wasCleared: boolean;
}

/** Lets it all happen, for `forMs`. */
export function runWorld(whims: Whims, forMs: number): WorldReport {
  return new World(whims).run(forMs);
}

class World {
  readonly #whims: Whims;
  readonly #settings;
  readonly #report: WorldReport = {
    longestSilenceMs: 0,
    repairs: [[]],
    wholeAnswers: new Map(),
    isGivenUp: false,
    endedAtMs: 0,
  };
  #agenda: { atMs: number; act: () => void }[] = [];
  #state: OwedState = NOTHING_OWED;
  #nowMs = 0;
  #question = 0;
  #attempts: Attempt[] = [];
  #heldBack: Attempt[] = [];
  #lineEndMs = 0;
  #isBridging = false;
  /** When the caller last heard something, a tone too, or something was tried. */
  #cheeredAtMs = 0;

  constructor(whims: Whims) {
    this.#whims = whims;
    this.#settings = { ...DEFAULT_OWED_SETTINGS, hasSecondModel: whims.hasSecondModel };
  }

  run(forMs: number): WorldReport {
    this.#ask();
    this.#take({ type: "model-reached", nowMs: 0, isAnew: false });
    for (const { atMs, what } of this.#whims.happenings) {
      this.#at(atMs, () => what === "speak" ? this.#speak() : this.#lose(400));
    }
    while (this.#nowMs < forMs && !this.#report.isGivenUp) this.#next(forMs);
    this.#report.endedAtMs = this.#nowMs;
    return this.#report;
  }

  #next(forMs: number): void {
    this.#agenda.sort((a, b) => a.atMs - b.atMs);
    const atMs = this.#agenda[0]?.atMs ?? forMs;
    const dueMs = nextOwedMs(this.#state, this.#settings) ?? Infinity;
    if (dueMs <= atMs && dueMs < forMs) {
      this.#pass(Math.max(dueMs, this.#nowMs));
      return this.#take({ type: "time-passed", nowMs: this.#nowMs });
    }
    this.#pass(Math.min(atMs, forMs));
    this.#agenda.shift()?.act();
  }

  /** Time passes, and the caller hears something or does not. */
  #pass(toMs: number): void {
    if (!this.#state.owed || this.#isBridging) this.#cheeredAtMs = toMs;
    const silentFromMs = Math.max(this.#cheeredAtMs, Math.min(this.#lineEndMs, toMs));
    const silenceMs = toMs - silentFromMs;
    this.#report.longestSilenceMs = Math.max(this.#report.longestSilenceMs, silenceMs);
    this.#nowMs = toMs;
  }

  #at(atMs: number, act: () => void): void {
    this.#agenda.push({ atMs, act });
  }

  /** The caller says something, and then waits for an answer. */
  #speak(): void {
    this.#clear();
    for (const attempt of this.#attempts) attempt.isOver = true;
    this.#take({ type: "caller-took-floor", nowMs: this.#nowMs });
    this.#at(this.#nowMs + 600, () => this.#ask());
  }

  #ask(): void {
    this.#question++;
    const nowMs = this.#nowMs;
    this.#take({ type: "asked", nowMs, isTool: false, silentFromMs: this.#lineEndMs });
    this.#serve();
  }

  #lose(forMs: number): void {
    for (const attempt of this.#attempts) attempt.isOver = true;
    this.#take({ type: "model-gone", nowMs: this.#nowMs });
    this.#at(
      this.#nowMs + forMs,
      () => {
        // What has no answer is asked anew by the connection itself.
        if (this.#state.owed?.isRestLost === false) this.#serve();
        this.#take({ type: "model-reached", nowMs: this.#nowMs, isAnew: true });
      },
    );
  }

  /** The service gets a question. */
  #serve(): void {
    if (!this.#state.isReachable && this.#question > 1) return;
    const underWay = this.#attempts.filter(({ isOver }) => !isOver);
    const { answers, asked } = this.#whims;
    const whim = answers[Math.min(this.#attempts.length, answers.length - 1)];
    if (!whim) return;
    const attempt: Attempt = {
      question: this.#question,
      whim,
      played: 0,
      isOver: false,
      wasCleared: false,
    };
    this.#attempts.push(attempt);
    let fromMs = this.#nowMs + whim.thinkMs;
    if (asked === "interrupts" && underWay.length > 0) {
      this.#at(this.#nowMs + REACTION_MS, () => {
        const wereOver = underWay.every(({ isOver }) => isOver);
        for (const other of underWay) other.isOver = true;
        if (!wereOver) this.#interrupt();
      });
      fromMs = Math.max(fromMs, this.#nowMs + REACTION_MS + 1);
    } else if (underWay.length > 0) {
      const longest = underWay.map(({ whim }) => whim.thinkMs + whim.chunks * whim.gapMs);
      fromMs += Math.max(...longest);
    }
    this.#deliver(attempt, fromMs);
  }

  #deliver(attempt: Attempt, fromMs: number): void {
    const { what, chunks, gapMs } = attempt.whim;
    const at = (atMs: number, act: () => void) =>
      this.#at(atMs, () => attempt.isOver ? undefined : act());
    const fact = (type: "text-arrived" | "generation-completed") => () =>
      this.#take({ type, nowMs: this.#nowMs });
    const end = (isRejected = false) => () => {
      attempt.isOver = true;
      this.#take({ type: "turn-completed", nowMs: this.#nowMs, isRejected });
    };
    if (what === "absent") return at(fromMs, () => attempt.isOver = true);
    if (what === "empty" || what === "rejected") return at(fromMs, end(what === "rejected"));
    if (what === "text") at(fromMs, fact("text-arrived"));
    else for (let n = 0; n < chunks; n++) at(fromMs + n * gapMs, () => this.#sound(attempt));
    const overMs = fromMs + chunks * gapMs;
    if (what === "cut") return at(overMs, end());
    if (what === "break") return at(overMs, () => (attempt.isOver = true) && this.#interrupt());
    if (what === "stall") return at(overMs, () => attempt.isOver = true);
    at(overMs, fact("generation-completed"));
    at(overMs, () => this.#count(attempt));
    at(overMs + 1, end());
  }

  #interrupt(): void {
    const nowMs = this.#nowMs;
    this.#take({ type: "interrupted", nowMs, wasCut: this.#lineEndMs > nowMs + 400 });
    this.#take({ type: "turn-completed", nowMs, isRejected: false });
  }

  /** An answer that came whole was heard whole, unless a part of it was dropped. */
  #count({ played, wasCleared, question, whim }: Attempt): void {
    if (played < whim.chunks || wasCleared || whim.what !== "audible") return;
    const { wholeAnswers } = this.#report;
    wholeAnswers.set(question, (wholeAnswers.get(question) ?? 0) + 1);
  }

  #sound(attempt: Attempt): void {
    const isAudible = attempt.whim.what !== "near-silent";
    this.#take({ type: "audio-arrived", nowMs: this.#nowMs, isAudible }, attempt);
  }

  #play(attempt: Attempt | undefined): void {
    this.#isBridging = false;
    if (!attempt || attempt.whim.what === "near-silent") return;
    attempt.played++;
    this.#lineEndMs = Math.max(this.#lineEndMs, this.#nowMs) + CHUNK_MS;
    this.#cheeredAtMs = this.#nowMs;
  }

  #clear(): void {
    this.#isBridging = false;
    if (this.#lineEndMs <= this.#nowMs) return;
    this.#lineEndMs = this.#nowMs;
    for (const attempt of this.#attempts) attempt.wasCleared = true;
  }

  #take(fact: OwedFact, attempt?: Attempt): void {
    const [state, orders] = stepOwed(this.#state, fact, this.#settings);
    if (state.rung === 0 && this.#state.rung > 0) this.#report.repairs.push([]);
    this.#state = state;
    for (const order of orders) this.#carryOut(order, attempt);
    const { owed } = this.#state;
    if (owed && owed.silentFromMs === undefined) {
      const atMs = Math.max(this.#lineEndMs, this.#nowMs);
      this.#take({ type: "line-runs-dry", nowMs: this.#nowMs, atMs });
    }
  }

  #carryOut(order: OwedOrder, attempt: Attempt | undefined): void {
    switch (order.type) {
      case "play-audio":
        return this.#play(attempt);
      case "hold-back-audio":
        return void (attempt && this.#heldBack.push(attempt));
      case "play-held-back":
        for (const held of this.#heldBack.splice(0)) this.#play(held);
        return;
      case "drop-held-back":
        this.#heldBack = [];
        return;
      case "clear-playout":
        return this.#clear();
      case "start-bridge":
        this.#isBridging = true;
        return;
      case "go-on":
        return this.#serve();
      case "repair":
        return this.#repair(order.repair);
      default:
        return;
    }
  }

  #repair(repair: Repair): void {
    this.#cheeredAtMs = this.#nowMs;
    this.#report.repairs.at(-1)?.push(repair);
    if (repair === "give-up") this.#report.isGivenUp = true;
    else if (repair === "rotate" || repair === "second-model") this.#lose(300);
    else this.#serve();
  }
}
