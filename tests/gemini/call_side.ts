/**
 * What stands on the call's side of a connection in these tests.
 *
 * @module
 */

import type { AgentConfig } from "../../lib/agents/agent_config.ts";
import { systemClock } from "../../lib/clock.ts";
import { connectLive, type LiveOptions } from "../../lib/gemini/live_connection.ts";
import type { ConnectionEvent } from "../../lib/gemini/live_events.ts";
import { liveSetup } from "../../lib/gemini/live_setup.ts";
import { createLog } from "../../lib/log.ts";
import { DEFAULT_BARGE_IN, DEFAULT_TURN_SETTINGS } from "../../lib/turns/turn_settings.ts";
import { PLAIN_ABILITIES } from "../support/plain_abilities.ts";

/** Looks like a key of the Gemini API. */
export const KEY = "AIzaSyD-planted-secret_0123456789abcdef";

/** A plain agent. */
export const AGENT: AgentConfig = {
  bargeIn: DEFAULT_BARGE_IN,
  deadAir: null,
  digits: { policy: "interrupt", endKey: "#", timeoutMs: 2_500, mostDigits: 32 },
  cutNote: "",
  name: "default",
  instructions: "Answer the phone.",
  greeting: "Say hello.",
  ...PLAIN_ABILITIES,
  keepGreeting: false,
  voice: "Kore",
  language: "de-DE",
  generation: {},
  turns: DEFAULT_TURN_SETTINGS,
  limits: { maxCallSeconds: 600 },
};

/** What a plain agent's connection says first. */
export const SETUP = liveSetup(AGENT, {
  instructions: "Answer the phone.",
  model: "gemini-3.8-live",
});

/** Keeps the facts of a connection and the lines of its log. */
export class CallSide {
  /** Facts so far. */
  readonly events: ConnectionEvent[] = [];
  /** Lines so far. */
  readonly lines: string[] = [];
  /** Takes one fact. */
  readonly post = (event: ConnectionEvent): void => {
    this.events.push(event);
    this.#waiting?.();
  };
  /** Gives up. */
  readonly abort = new AbortController();
  readonly #options: LiveOptions;
  #waiting: (() => void) | undefined;

  constructor(baseUrl: string, options: Partial<LiveOptions> = {}) {
    const clock = options.clock ?? systemClock;
    const log = createLog({ level: "debug", clock, write: (line) => this.lines.push(line) });
    this.#options = { apiKey: KEY, baseUrl, setup: SETUP, clock, log, ...options };
  }

  /** Connects, with {@linkcode post} or another handler. */
  connect(post = this.post): ReturnType<typeof connectLive> {
    return connectLive(this.#options, post, this.abort.signal);
  }

  /** Resolves once this many facts have come. */
  async came(count: number): Promise<ConnectionEvent[]> {
    await this.#until(() => this.events.length >= count);
    return this.events;
  }

  /** Resolves once the model's turn was completed for this reason. */
  async turnCompleted(reason: string): Promise<void> {
    await this.#until(() =>
      this.events.some((event) => event.type === "model-turn-completed" && event.reason === reason)
    );
  }

  async #until(done: () => boolean): Promise<void> {
    while (!done()) await new Promise<void>((resolve) => this.#waiting = resolve);
  }
}

/** Sets variables of the process for as long as the scope lasts. */
export function environment(variables: Record<string, string>): Disposable {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  return {
    [Symbol.dispose]() {
      for (const [name, value] of before) {
        if (value === undefined) Deno.env.delete(name);
        else Deno.env.set(name, value);
      }
    },
  };
}
