/**
 * Running calls: to follow, to help the agent of, and to end.
 *
 * @module
 */

import { z } from "zod";
import type { LiveCalls } from "../lib/call/live_calls.ts";
import { SightReader } from "../lib/call/sight_reader.ts";
import type { Clock } from "../lib/clock.ts";
import type { Log } from "../lib/log.ts";
import type { CallStore } from "../lib/records/call_store.ts";
import { errorResponse } from "./answers.ts";
import { eventMessage, type EventSource, eventStream } from "./event_stream.ts";
import { verifyJson } from "./guards/console_guard.ts";
import { readJson } from "./guards/request_body.ts";

/** What it takes to show running calls. */
export interface LiveApiDeps {
  /** The calls that run here. */
  readonly live: LiveCalls;
  /** What is kept of calls. */
  readonly records: CallStore;
  /** Paces what is told. */
  readonly clock: Clock;
  /** Says who was hung up on. */
  readonly log: Log;
}

/** How often a call is told of. */
const CALL_EVERY_MS = 200;
/** How often the list of calls is, unless so many read it that calls would feel it. */
const LIST_EVERY_MS = 1_000;
/** How much of the time each of them may have. */
const LIST_PER_READER_MS = 2;

/** The list of running calls, made once for all who read it. */
export class LiveList {
  readonly #deps: Pick<LiveApiDeps, "live" | "clock">;
  readonly #readers = new Set<EventSource>();
  #text = "";
  #message = eventMessage("");
  #madeAtMs = -Infinity;

  /** Lists the calls of a server. */
  constructor(deps: Pick<LiveApiDeps, "live" | "clock">) {
    this.#deps = deps;
  }

  /** `GET /api/calls/live/events`: the list, whenever it has changed. */
  follow(): Response {
    let told: Uint8Array | undefined;
    const source: EventSource = {
      next: () => {
        this.#readers.add(source);
        const message = this.#now();
        return message === told ? undefined : told = message;
      },
      isOver: false,
      close: () => void this.#readers.delete(source),
    };
    return eventStream(source, {
      clock: this.#deps.clock,
      everyMs: () => Math.max(LIST_EVERY_MS, this.#readers.size * LIST_PER_READER_MS),
    });
  }

  #now(): Uint8Array {
    const { live, clock } = this.#deps;
    if (clock.nowMs() - this.#madeAtMs >= LIST_EVERY_MS / 2) {
      this.#madeAtMs = clock.nowMs();
      const text = JSON.stringify(live.list());
      if (text !== this.#text) this.#message = eventMessage(text);
      this.#text = text;
    }
    return this.#message;
  }
}

/** `GET /api/calls/:id/events`: one running call, from all that was said to its end. */
export async function followCall(callSid: string, deps: LiveApiDeps): Promise<Response> {
  const sight = deps.live.get(callSid);
  if (!sight) return await notRunning(callSid, deps);
  const reader = new SightReader(sight);
  const source: EventSource = {
    next: () => {
      const news = reader.next();
      return news && eventMessage(JSON.stringify(news));
    },
    get isOver() {
      return reader.isOver;
    },
    close: () => reader.close(),
  };
  return eventStream(source, { clock: deps.clock, everyMs: () => CALL_EVERY_MS });
}

/** `POST /api/calls/:id/hangup`: has a running call end. */
export async function hangUpCall(
  callSid: string,
  { request, ...deps }: LiveApiDeps & { request: Request },
): Promise<Response> {
  const refusal = verifyJson(request);
  if (refusal) return refusal;
  if (!deps.live.get(callSid)?.hangUp()) return await notRunning(callSid, deps);
  deps.log.info("call-hung-up-by-console", { callSid });
  return Response.json({ callSid }, { status: 202 });
}

/** Longest line for the agent, in characters. */
const LONGEST_WHISPER = 500;
const MAX_BYTES = 8_192;

/**
 * What the agent is told.
 *
 * @internal
 */
export const whisperRequest = z.strictObject({
  text: z.string().trim().min(1).max(LONGEST_WHISPER),
});

/** `POST /api/calls/:id/whisper`: tells the agent of a running call something that the caller does not hear. */
export async function whisperToCall(
  callSid: string,
  { request, ...deps }: LiveApiDeps & { request: Request },
): Promise<Response> {
  const refusal = verifyJson(request);
  if (refusal) return refusal;
  const { clock, live, log } = deps;
  const { data } = whisperRequest.safeParse(
    await readJson(request, { clock, maxBytes: MAX_BYTES }),
  );
  if (!data) {
    return errorResponse({
      status: 400,
      code: "body-invalid",
      message: `Cannot whisper: "text" is not a text of 1 to ${LONGEST_WHISPER} characters`,
    });
  }
  if (!live.get(callSid)?.whisper(data.text)) return await notRunning(callSid, deps);
  log.info("call-whispered-to", { callSid, pii: { text: data.text } });
  return Response.json({ callSid }, { status: 202 });
}

async function notRunning(callSid: string, { records }: LiveApiDeps): Promise<Response> {
  const record = await records.get(callSid);
  if (!record) {
    return errorResponse({
      status: 404,
      code: "call-unknown",
      message: "Cannot find call: no call of this name is kept",
    });
  }
  return errorResponse({
    status: 409,
    code: record.ending === undefined ? "call-elsewhere" : "call-over",
    message: record.ending === undefined
      ? "Cannot follow call: it runs on another instance"
      : "Cannot follow call: it is over",
  });
}
