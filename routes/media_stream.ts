/**
 * `GET /twilio/media`: Twilio opens the audio of a call.
 *
 * @module
 */

import type { CallRegistry } from "../lib/call/call_registry.ts";
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
  const admit: Admit = (start) => admitted(start, { ...deps, stream });
  const stream = new MediaStream(socket, { clock, log, accountSid, admit });
  serve(stream, deps);
  return stream;
}

function admitted(
  { callSid, accountSid, token = "" }: Parameters<Admit>[0],
  { tokens, calls, log, stream }: MediaStreamDeps & { stream: MediaStream },
): CallFacts | undefined {
  const redeemed = tokens.redeem(token, { callSid, accountSid });
  if ("refused" in redeemed) {
    log.warn("stream-not-admitted", { callSid, reason: `token-${redeemed.refused}` });
    return undefined;
  }
  if (!calls.start(callSid, () => stream.closed(CLOSED_NORMALLY))) {
    log.warn("stream-not-admitted", { callSid, reason: `call-${calls.standing(callSid).phase}` });
    return undefined;
  }
  return redeemed.facts;
}

/** From `start` to the outcome. Never rejects, so nobody has to wait for it: the registry knows what runs. */
async function serve(stream: MediaStream, deps: MediaStreamDeps): Promise<void> {
  const opened = await stream.opened;
  if (!opened) return;
  const outcome = await outcomeOf(opened, deps);
  // The books first: Twilio asks how to go on as soon as the stream is closed.
  deps.calls.end(opened.facts.callSid, outcome);
  opened.leg.close();
}

async function outcomeOf(call: AnsweredCall, deps: MediaStreamDeps): Promise<CallOutcome> {
  try {
    return await deps.serveCall(call);
  } catch (error) {
    deps.log.error("call-not-served", { callSid: call.facts.callSid, error });
    return { ending: "call-failed", detail: String(error) };
  }
}
