/**
 * `GET /twilio/media`: Twilio opens the audio of a call.
 *
 * @module
 */

import type { CallRegistry } from "../lib/admission/call_registry.ts";
import type { CallFacts, Leg } from "../lib/call/leg.ts";
import type { CallOutcome } from "../lib/call/outcome.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import { type Admit, MediaStream } from "../lib/twilio/media_leg.ts";
import type { StreamTokens } from "../lib/twilio/stream_token.ts";
import type { ServerSocket, SocketHandlers } from "./listeners/listener.ts";

/** A call whose stream was let in. */
export interface AnsweredCall {
  /** The caller's side, open and verified. */
  readonly leg: Leg;
  /** What is known of the call. */
  readonly facts: CallFacts;
  /** Name of the stream. */
  readonly streamSid: string;
  /** Which admission of the call this is: more than 1 if it has come back. */
  readonly term: number;
}

/** Talks to a caller until the call is over, and says how it ended. */
export type ServeCall = (call: AnsweredCall) => Promise<CallOutcome>;

/** What it takes to serve a stream. */
export interface MediaStreamDeps {
  /** Takes back the token of the webhook's answer. */
  readonly tokens: StreamTokens;
  /** Which calls there are. */
  readonly calls: CallRegistry;
  /** The only account that is served, where it is set. */
  readonly accountSid: string | undefined;
  /** Gets every call that was let in, and no other. */
  readonly serveCall: ServeCall;
  /** Watches over the line. */
  readonly clock: Clock;
  /** Says who was refused and what failed. */
  readonly log: Log;
}

const CLOSED_NORMALLY = 1000;
const CLOSED_WITHOUT_A_WORD = 1006;

/**
 * The handlers of one socket whose handshake was verified. Two things more are asked of it: its token is good for its
 * call, and its call has no stream yet. When one of them throws, the TwiML after the stream has a word for the caller.
 */
export function handleMediaStream(deps: MediaStreamDeps): SocketHandlers {
  let stream: MediaStream | undefined;
  return {
    opened: (socket) => void (stream = open(socket, deps)),
    message: (data) => stream?.message(data),
    closed: (code) => stream?.closed(code),
  };
}

function open(socket: ServerSocket, deps: MediaStreamDeps): MediaStream {
  const { clock, log, accountSid } = deps;
  let term = 0;
  const admit: Admit = async (start) => {
    const admission = await admitted(start, { ...deps, stream });
    term = admission?.term ?? 0;
    return admission?.facts;
  };
  const stream = new MediaStream(socket, { clock, log, accountSid, admit });
  stream.opened.then((opened) => opened && serve({ ...opened, term }, deps));
  return stream;
}

/** Who may be served; never rejects. */
async function admitted(
  { callSid, accountSid, token = "" }: Parameters<Admit>[0],
  { tokens, calls, log, stream }: MediaStreamDeps & { stream: MediaStream },
): Promise<{ facts: CallFacts; term: number } | undefined> {
  const redeemed = tokens.redeem(token, { callSid, accountSid });
  if ("refused" in redeemed) {
    log.warn("stream-not-admitted", { callSid, reason: `token-${redeemed.refused}` });
    return undefined;
  }
  const { facts, term } = redeemed;
  const end = (how: "hung-up" | "lost") =>
    stream.closed(how === "lost" ? CLOSED_WITHOUT_A_WORD : CLOSED_NORMALLY);
  try {
    const isIn = await calls.start(callSid, { term, caller: facts.from, end });
    if (!isIn) log.warn("stream-not-admitted", { callSid, reason: "call-not-awaited" });
    if (!isIn || !stream.isOver) return isIn ? redeemed : undefined;
    await calls.end(callSid, { ending: "line-lost" });
  } catch (error) {
    log.error("stream-not-admitted", { callSid, reason: "fault", error });
  }
  return undefined;
}

/** From `start` to the outcome. Never rejects, so nobody has to wait for it: the registry knows what runs. */
async function serve(call: AnsweredCall, deps: MediaStreamDeps): Promise<void> {
  const { callSid } = call.facts;
  const outcome = await outcomeOf(call, deps);
  try {
    // The books first: Twilio asks how to go on as soon as the stream is closed.
    await deps.calls.end(callSid, outcome);
  } catch (error) {
    deps.log.error("call-not-booked", { callSid, error });
  }
  call.leg.close();
}

async function outcomeOf(call: AnsweredCall, deps: MediaStreamDeps): Promise<CallOutcome> {
  try {
    return await deps.serveCall(call);
  } catch (error) {
    deps.log.error("call-not-served", { callSid: call.facts.callSid, error });
    return { ending: "call-failed", detail: String(error) };
  }
}
