/**
 * Places calls, and knows what they are for until they are over. Who may be called, and how often, is decided here and not
 * by any model.
 *
 * @module
 */

import type { AgentConfig } from "../lib/agents/agent_config.ts";
import type { Clock } from "../lib/clock.ts";
import type { Ids } from "../lib/ids.ts";
import type { Log } from "../lib/log.ts";
import type { CountBook } from "../lib/records/count_book.ts";
import type { PatientStore } from "../lib/store/patient_store.ts";
import { type CallOrder, CallOrders } from "../lib/twilio/call_order.ts";
import { CallProgress, isFinal } from "../lib/twilio/call_status.ts";
import { refuseNumber } from "../lib/twilio/number_rules.ts";
import { type RestClient, TwilioRestError } from "../lib/twilio/rest_client.ts";
import type { ErrorAnswer } from "./answers.ts";
import type { CallerRules } from "./caller_rules.ts";
import { notePlaced } from "./unanswered_calls.ts";

/** What somebody asks for. */
export interface CallRequest {
  /** Which agent calls. */
  readonly agent: string;
  /** Who is called. */
  readonly to: string;
  /** The number that is shown; the agent's own if absent. */
  readonly from?: string | undefined;
  /** What the agent should know of the call. */
  readonly variables: Readonly<Record<string, string>>;
}

/** What a desk needs. */
export interface OutboundDeskParts {
  /** Places the calls. */
  readonly rest: RestClient;
  /** Finds an agent by its name. */
  readonly agents: { get(name: string): AgentConfig | undefined };
  /** The public origin, without a slash at its end. */
  readonly origin: string;
  /** Signs orders; the same on every instance. */
  readonly secret: string;
  /** Longest call. */
  readonly maxCallSeconds: number;
  /** How often agents have called, on all instances. */
  readonly counts: CountBook;
  /** Knows what was spent. */
  readonly callerRules: Pick<CallerRules, "isSpent">;
  /** Whose time counts. */
  readonly clock: Clock;
  /** Knows who placed which call, for every instance. */
  readonly store: Pick<PatientStore, "write">;
  /** Names the orders. */
  readonly ids: Ids;
  /** Where it is told of. */
  readonly log: Log;
}

/** What is known of one call. */
interface Placed {
  order: CallOrder | undefined;
  readonly progress: CallProgress;
  readonly machine: AbortController;
  readonly sinceMs: number;
}

const HOUR_MS = 3_600_000;
/** No call is longer than a day. */
const KNOWN_FOR_MS = 24 * HOUR_MS;
const MOST_KNOWN = 10_000;

/** Knows the calls that this instance placed or answered. */
export class OutboundDesk {
  readonly #parts: OutboundDeskParts;
  readonly #orders: CallOrders;
  readonly #placed = new Map<string, Placed>();

  /**
   * None is placed.
   *
   * @throws {RangeError} If the secret is empty
   */
  constructor(parts: OutboundDeskParts) {
    this.#parts = parts;
    this.#orders = new CallOrders(parts);
  }

  /**
   * Places a call, if it may be.
   *
   * @returns Its CallSid, or why not
   */
  async place(request: CallRequest): Promise<{ callSid: string } | { refusal: ErrorAnswer }> {
    const { agents, log, ids } = this.#parts;
    const agent = agents.get(request.agent);
    const id = ids.next();
    const refusal = await this.#refuse(request, { agent, id });
    const from = request.from ?? agent?.outbound?.from;
    if (refusal || !agent?.outbound || from === undefined) {
      log.warn("outbound-refused", { agent: request.agent, code: refusal?.code });
      return { refusal: refusal ?? FROM_MISSING };
    }
    const { to, variables } = request;
    const order: CallOrder = { id, agent: agent.name, to, variables };
    try {
      const callSid = await this.#create(order, { from, agent });
      this.#known(callSid).order ??= order;
      notePlaced(callSid, { ...this.#parts, agent: agent.name });
      log.info("outbound-placed", { callSid, agent: agent.name, pii: { to } });
      return { callSid };
    } catch (error) {
      if (!(error instanceof TwilioRestError)) throw error;
      log.warn("outbound-failed", { agent: agent.name, error });
      return { refusal: { status: 502, code: "twilio-refused", message: error.message } };
    }
  }

  /** The webhook of a call has come with an order; nothing if that is none of ours. */
  answered(callSid: string, signed: string): CallOrder | undefined {
    const order = this.#orders.read(signed);
    if (order) this.#known(callSid).order ??= order;
    return order;
  }

  /** What a call is for, as far as this instance knows. */
  orderOf(callSid: string): CallOrder | undefined {
    return this.#placed.get(callSid)?.order;
  }

  /** Aborted when a machine has answered the call. */
  machineAnswered(callSid: string): AbortSignal {
    return this.#known(callSid).machine.signal;
  }

  /** The network has found out who answered; only the first word counts, and only of a call that is not over. */
  detected(callSid: string, answeredBy: string): void {
    const placed = this.#placed.get(callSid);
    this.#parts.log.info("outbound-answered-by", { callSid, answeredBy, isKnown: !!placed });
    if (!placed || isFinal(placed.progress.status)) return;
    if (answeredBy.startsWith("machine") || answeredBy === "fax") placed.machine.abort();
  }

  /** A call has changed its status; what is late, doubled or goes back is nothing. */
  progressed(callSid: string, status: string): void {
    const placed = this.#placed.get(callSid);
    if (!placed?.progress.take(status)) return;
    this.#parts.log.info("outbound-progressed", { callSid, status });
  }

  async #refuse(
    { to, from }: CallRequest,
    { agent, id }: { agent: AgentConfig | undefined; id: string },
  ): Promise<ErrorAnswer | undefined> {
    if (!agent) return refused(404, "agent-unknown", "there is no agent of this name");
    const { name, outbound } = agent;
    if (!outbound) return refused(403, "outbound-off", 'the agent\'s file has no "outbound"');
    const why = refuseNumber(to, outbound.allow);
    if (why) return refused(403, "number-refused", `"to" is refused: ${why}`);
    if ((from ?? outbound.from) === undefined) return FROM_MISSING;
    if (await this.#parts.callerRules.isSpent(agent)) return SPENT;
    const limit = { key: ["placed", name], most: outbound.callsPerHour, withinMs: HOUR_MS };
    return await this.#parts.counts.take(id, [limit]) && TOO_MANY;
  }

  #create(
    order: CallOrder,
    { from, agent }: { from: string; agent: AgentConfig },
  ): Promise<string> {
    const { rest, origin, maxCallSeconds } = this.#parts;
    return rest.createCall({
      to: order.to,
      from,
      url: `${origin}/twilio/voice?order=${this.#orders.sign(order)}`,
      statusCallback: `${origin}/twilio/status`,
      machineCallback: `${origin}/twilio/amd`,
      ringSeconds: agent.outbound?.ringSeconds ?? 30,
      // Beyond the call's own end, which has a goodbye.
      limitSeconds: Math.min(maxCallSeconds, agent.limits.maxCallSeconds) + 60,
    });
  }

  #known(callSid: string): Placed {
    const nowMs = this.#parts.clock.nowMs();
    for (const [name, { sinceMs }] of this.#placed) {
      if (nowMs - sinceMs < KNOWN_FOR_MS && this.#placed.size < MOST_KNOWN) break;
      this.#placed.delete(name);
    }
    const placed = this.#placed.get(callSid) ?? {
      order: undefined,
      progress: new CallProgress(),
      machine: new AbortController(),
      sinceMs: nowMs,
    };
    this.#placed.set(callSid, placed);
    return placed;
  }
}

const FROM_MISSING = refused(400, "from-missing", '"from" is missing, and the agent has none');
const SPENT = refused(429, "spent", "what calls may cost in a day is spent");
const TOO_MANY = refused(
  429,
  "rate-limited",
  "the agent has placed all its calls of this hour",
);

function refused(status: number, code: string, why: string): ErrorAnswer {
  return { status, code, message: `Cannot place call: ${why}` };
}
