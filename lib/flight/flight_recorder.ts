/**
 * Writes down a call while it goes on: all that comes in, all that goes out, and when.
 *
 * @module
 */

import type { AgentConfig } from "../agents/agent_config.ts";
import { type CallParts, runCall } from "../call/call.ts";
import type { CallOutcome } from "../call/outcome.ts";
import { FLIGHT_FORMAT, type FlightHead, type FlightLine, FlightText } from "./flight_lines.ts";
import { type Seam, seamParts } from "./seam.ts";

/** Where the lines of one flight go. Neither throws nor takes any time. */
export interface FlightTape {
  /** Takes a line, without its end. */
  write(line: string): void;
  /** No more come. */
  close(): void;
}

/** How a call is recorded. */
export interface RecordOptions {
  /** Where to. */
  readonly tape: FlightTape;
  /** Words that must not be written. */
  readonly secrets?: readonly string[];
}

/**
 * Runs a call to its end and records it. What goes wrong with that does not reach the call: its flight ends, with a note.
 *
 * @returns How the call ended
 */
export async function recordCall(parts: CallParts, options: RecordOptions): Promise<CallOutcome> {
  const recorder = new FlightRecorder(parts, options);
  try {
    const outcome = await runCall(seamParts(parts, recorder));
    recorder.ended("ended", outcome);
    return outcome;
  } catch (error) {
    recorder.ended("failed", error);
    throw error;
  } finally {
    options.tape.close();
  }
}

class FlightRecorder implements Seam {
  nowMs: number;
  readonly #clock: CallParts["clock"];
  readonly #tape: FlightTape;
  readonly #text: FlightText;
  /** What is counted outside, and what of it was written. */
  readonly #counts = new Map<string, { counts: ReadonlyMap<string, number>; written: string }>();
  /** Whether the call works out nothing now. */
  #isWaiting = false;
  #isOver = false;

  constructor(parts: CallParts, { tape, secrets }: RecordOptions) {
    this.#clock = parts.clock;
    this.nowMs = parts.clock.nowMs();
    this.#tape = tape;
    this.#text = new FlightText(secrets);
    this.#line(headOf(parts, this.nowMs));
  }

  tell<Result>(out: string, given: readonly unknown[], act: () => Result): Result {
    this.#write({ out, with: given });
    return this.#watch(act);
  }

  ask<Answer>(out: string, given: readonly unknown[], act: () => Answer): Answer {
    this.#write({ out, with: given });
    const answer = this.#watch(act);
    this.#write({ in: "answer", with: [answer] });
    return answer;
  }

  way<Given extends readonly unknown[], Result>(
    name: string,
    take: (...given: Given) => Result,
  ): (...given: Given) => Result {
    return (...given) => {
      this.#came(name, given);
      try {
        return take(...given);
      } catch (error) {
        this.#write({ out: "throws", with: [error] });
        throw error;
      }
    };
  }

  counts(name: string, counts: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
    this.#counts.set(name, { counts, written: "[]" });
    return counts;
  }

  waits(): undefined {
    this.#isWaiting = true;
  }

  took(type: string): void {
    this.#came("took", [type]);
    this.#isWaiting = false;
  }

  async pause(out: string, act: () => Promise<void>): Promise<void> {
    this.#write({ out, with: [] });
    this.#isWaiting = true;
    try {
      await act();
      this.#goOn();
    } catch (error) {
      this.#goOn();
      this.#write({ in: "threw", with: [error] });
      throw error;
    }
  }

  ended(how: "ended" | "failed", what: unknown): void {
    this.#write({ out: how, with: [what] });
    this.#isOver = true;
  }

  #goOn(): void {
    this.#came("go-on", []);
    this.#isWaiting = false;
  }

  #came(name: string, given: readonly unknown[]): void {
    if (this.#isWaiting) this.nowMs = this.#clock.nowMs();
    this.#write({ in: name, ...(this.#isWaiting ? { nowMs: this.nowMs } : {}), with: given });
  }

  /** What was thrown at the call is thrown at it again. */
  #watch<Result>(act: () => Result): Result {
    try {
      return act();
    } catch (error) {
      this.#write({ in: "threw", with: [error] });
      throw error;
    }
  }

  #write(line: FlightLine): void {
    for (const [name, known] of this.#counts) {
      const counted = [...known.counts];
      const text = counted.length === 0 ? "[]" : JSON.stringify(counted);
      if (text === known.written) continue;
      known.written = text;
      this.#line({ in: `counts ${name}`, with: counted });
    }
    this.#line(line);
  }

  #line(line: FlightHead | FlightLine): void {
    if (this.#isOver) return;
    try {
      this.#tape.write(this.#text.line(line));
    } catch (error) {
      this.#isOver = true;
      this.#tape.write(this.#text.line({ note: `a line could not be written: ${error}` }));
    }
  }
}

function headOf(parts: CallParts, nowMs: number): FlightHead {
  const { facts, agent, maxCallSeconds, prices, greeting, outbound, continuity } = parts;
  return {
    flight: FLIGHT_FORMAT,
    nowMs,
    facts,
    agent: withoutOthersBusiness(agent),
    maxCallSeconds,
    prices,
    has: {
      secondModel: parts.openSecondModel !== undefined,
      begun: parts.hasBegun === true,
      toolKit: parts.toolKit !== undefined,
      spent: parts.spent !== undefined,
    },
    greeting: greeting && { kept: greeting.kept },
    outbound: outbound && { voicemail: outbound.voicemail },
    term: continuity.term,
    resumed: continuity.resumed,
  };
}

/** What the call does not look at may hold keys of services and what is known of people. */
function withoutOthersBusiness(agent: AgentConfig): AgentConfig {
  return {
    ...agent,
    instructions: "",
    variables: {},
    tools: [],
    destinations: {},
    smsRecipients: {},
    callers: { deny: [] },
  };
}
