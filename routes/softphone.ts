/**
 * The telephone in the page: a call whose network is a browser. It speaks the messages of a media stream, so that what
 * serves a telephone's stream serves it unchanged; a ticket stands in the place of the signed webhook.
 *
 * @module
 */

import { z } from "zod";
import type { CallRegistry } from "../lib/admission/call_registry.ts";
import type { AgentConfig } from "../lib/agents/agent_config.ts";
import type { CallFacts } from "../lib/call/leg.ts";
import type { CallEnding, CallOutcome } from "../lib/call/outcome.ts";
import type { Ids } from "../lib/ids.ts";
import { StreamTokens } from "../lib/twilio/stream_token.ts";
import { type ErrorAnswer, errorResponse } from "./answers.ts";
import { verifyJson } from "./guards/console_guard.ts";
import { readBody } from "./guards/request_body.ts";
import type { SocketHandlers } from "./listeners/listener.ts";
import { type AnsweredCall, handleMediaStream, type MediaStreamDeps } from "./media_stream.ts";

/** What the softphone needs. */
export interface SoftphoneDeps extends Omit<MediaStreamDeps, "tokens" | "accountSid"> {
  /** Finds an agent by its name. */
  readonly agents: { get(name: string): AgentConfig | undefined };
  /** Which calls there are. */
  readonly calls: CallRegistry;
  /** Why no new call is taken now, if none is. */
  readonly obstacle: () => "draining" | "overloaded" | undefined;
  /** Whether it is known that an agent's model cannot be had at the moment. */
  readonly isModelDown: (agent: AgentConfig) => boolean;
  /** Begins to prepare for a call that was let in; does not throw. */
  readonly prepare: (facts: CallFacts) => void;
  /** Names the calls. */
  readonly ids: Ids;
}

/** What a browser is told about its call. */
export interface SoftphoneTicket {
  /** Name of the call. */
  readonly callSid: string;
  /** What stands for the account in its messages. */
  readonly accountSid: string;
  /** Opens the stream once, and soon. */
  readonly token: string;
  /** Where the stream is. */
  readonly path: string;
}

/** Where a softphone opens its stream. */
export const SOFTPHONE_MEDIA_PATH = "/api/softphone/media";

/** Who calls, and whose account it is: no number and no account of the network is called so. */
const SOFTPHONE = "softphone";
const MAX_BYTES = 1_024;
const DEADLINE_MS = 5_000;
/** A browser that has lost its socket does not come back by itself. */
const COULD_COME_BACK: ReadonlySet<CallEnding> = new Set<CallEnding>(["line-lost", "handed-over"]);

const order = z.object({ agent: z.string() });

const AGENT_UNKNOWN: ErrorAnswer = {
  status: 404,
  code: "agent-unknown",
  message: "Cannot place call: there is no agent of this name",
};
const MODEL_DOWN: ErrorAnswer = {
  status: 503,
  code: "model-down",
  message: "Cannot place call: the agent's model cannot be had at the moment",
};

/** Lets browsers call. */
export class Softphone {
  readonly #deps: SoftphoneDeps;
  readonly #tokens: StreamTokens;

  /** Has no calls yet. */
  constructor(deps: SoftphoneDeps) {
    const { calls, clock, ids } = deps;
    this.#deps = deps;
    // A secret of its own: a ticket opens no stream of the network's, and a token of the network's none of these.
    this.#tokens = new StreamTokens({
      secret: ids.next(),
      clock,
      ids,
      lifetimeMs: calls.admissionMs,
    });
  }

  /** `POST /api/softphone/calls`: lets a call in. The body names the `agent`. */
  async place(request: Request): Promise<Response> {
    const refusal = verifyJson(request);
    if (refusal) return refusal;
    const agent = this.#deps.agents.get(await this.#agentNameOf(request) ?? "");
    if (!agent) return errorResponse(AGENT_UNKNOWN);
    if (this.#deps.isModelDown(agent)) return errorResponse(MODEL_DOWN);
    const { calls, ids, obstacle, prepare, log } = this.#deps;
    const facts: CallFacts = {
      callSid: `CA${ids.next()}`,
      from: SOFTPHONE,
      to: agent.name,
      direction: "inbound",
      agent: agent.name,
    };
    const { callSid } = facts;
    const isOpen = obstacle() === undefined;
    const admission = await calls.admit({ callSid, caller: SOFTPHONE, isOpen, document: () => "" });
    if (admission.type !== "admitted") return noRoom();
    log.info("softphone-admitted", { callSid, agent: agent.name });
    prepare(facts);
    const token = this.#tokens.issue(facts, { term: 1, accountSid: SOFTPHONE });
    const ticket: SoftphoneTicket = {
      callSid,
      accountSid: SOFTPHONE,
      token,
      path: SOFTPHONE_MEDIA_PATH,
    };
    return Response.json(ticket, { status: 201, headers: { "cache-control": "no-store" } });
  }

  /** `GET /api/softphone/media`: the handlers of one socket, which has to bring a ticket. */
  stream(): SocketHandlers {
    return handleMediaStream({
      ...this.#deps,
      tokens: this.#tokens,
      accountSid: SOFTPHONE,
      serveCall: (call) => this.#serve(call),
    });
  }

  async #serve(call: AnsweredCall): Promise<CallOutcome> {
    const outcome = await this.#deps.serveCall(call);
    return COULD_COME_BACK.has(outcome.ending) ? { ending: "caller-hung-up" } : outcome;
  }

  async #agentNameOf(request: Request): Promise<string | undefined> {
    const { clock } = this.#deps;
    const body = await readBody(request, { clock, maxBytes: MAX_BYTES, deadlineMs: DEADLINE_MS });
    try {
      return order.safeParse(JSON.parse("text" in body ? body.text : "")).data?.agent;
    } catch {
      // No JSON names no agent.
      return undefined;
    }
  }
}

function noRoom(): Response {
  return errorResponse({
    status: 503,
    code: "no-room",
    message: "Cannot place call: there is no room for it at the moment",
  });
}
