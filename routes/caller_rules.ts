/**
 * Whose calls are taken, and until what they cost.
 *
 * @module
 */

import { isWithheld } from "../lib/admission/slots.ts";
import type { AgentConfig } from "../lib/agents/agent_config.ts";
import type { CallFacts } from "../lib/call/leg.ts";
import type { CountBook } from "../lib/records/count_book.ts";
import type { SpendBook } from "../lib/records/spend_book.ts";

/** Why a call is not taken. */
export type CallerObstacle = "caller-not-allowed" | "caller-denied" | "caller-too-often" | "spent";

/** What is needed to judge a caller. */
export interface CallerRulesParts {
  /** How often they called. */
  readonly counts: CountBook;
  /** What was spent today. */
  readonly spending: SpendBook;
  /** US dollars that all calls may cost in a day; absent: no limit. */
  readonly maxDailyUsd: number | undefined;
}

const MINUTE_MS = 60_000;
/** Under this name all calls are counted. */
const ALL = "all";

/** Judges callers. */
export class CallerRules {
  readonly #parts: CallerRulesParts;

  /** Judges nobody yet. */
  constructor(parts: CallerRulesParts) {
    this.#parts = parts;
  }

  /** Why this call is not taken, if it is not. It counts as one of its caller's, once. */
  async obstacle(
    agent: AgentConfig,
    { callSid, from, direction }: CallFacts,
  ): Promise<CallerObstacle | undefined> {
    // Whom we call is not who calls.
    if (direction === "outbound") return await this.isSpent(agent) ? "spent" : undefined;
    const { allow, deny, rate } = agent.callers;
    if (deny.includes(from)) return "caller-denied";
    if (allow && !allow.includes(from)) return "caller-not-allowed";
    if (await this.isSpent(agent)) return "spent";
    // Those who withhold their number are many people.
    if (!rate || isWithheld(from)) return undefined;
    const full = await this.#parts.counts.take(callSid, [{
      key: ["rate", agent.name, from.slice(0, 40)],
      most: rate.calls,
      withinMs: rate.minutes * MINUTE_MS,
    }]);
    return full && "caller-too-often";
  }

  /** A call has cost so much more. */
  spent(agent: AgentConfig, usd: number): void {
    this.#parts.spending.add([ALL, `agent ${agent.name}`], usd);
  }

  /** Whether all that calls of this agent, or of no particular one, may cost today was spent. */
  async isSpent(agent?: AgentConfig): Promise<boolean> {
    const { spending, maxDailyUsd } = this.#parts;
    const limits = [
      [ALL, maxDailyUsd],
      [`agent ${agent?.name}`, agent?.limits.maxDailyUsd],
    ] as const;
    for (const [name, most] of limits) {
      if (most !== undefined && await spending.today(name) >= most) return true;
    }
    return false;
  }
}
