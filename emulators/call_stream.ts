/**
 * A `<Connect><Stream>` from its URL to its end: checks, socket, audio, warnings, callbacks.
 *
 * @module
 */

import type { CallAudio } from "./call_audio.ts";
import type { Parameters } from "./call_requests.ts";
import type { LineFaults } from "./line_faults.ts";
import { type LineStream, openStream } from "./line_stream.ts";
import type { StreamReport } from "./phone_report.ts";
import type { ServerMessage } from "./stream_rules.ts";
import { newSid } from "./twilio_names.ts";
import type { Account } from "./twilio_webhook.ts";
import type { HttpMethod, StreamRequest } from "./twiml_runner.ts";

/** The call that a stream belongs to. */
export interface StreamHost {
  /** Its account and the faults of its line. */
  readonly setup: Account & { readonly faults: LineFaults };
  /** Its name. */
  readonly callSid: string;
  /** Its caller's mouth and ear. */
  readonly audio: CallAudio;
  /** URL of the document. */
  readonly base: string | undefined;
  /** Aborted when the call ends the stream. */
  readonly signal: AbortSignal;
  /** Takes the report of a stream that is over. */
  ended(stream: StreamReport): void;
  /** Puts down a line of the debugger. */
  warn(code: number, text: string): void;
  /** Sends a callback. */
  tell(url: string, what: { parameters: Parameters; method: HttpMethod }): void;
}

/**
 * Runs a stream to its end.
 *
 * @returns Who closed it, or nothing if it could not be opened
 */
export async function runStream(
  request: StreamRequest,
  host: StreamHost,
): Promise<"line" | "server" | undefined> {
  const url = streamUrl(request.url, host);
  if (!url) return undefined;
  const warned = new Set<number>();
  const stream = await openStream({
    ...host.setup,
    url,
    callSid: host.callSid,
    parameters: request.parameters,
    onMessage: (message) => host.audio.receive(read(message, { warned, host })),
  });
  if ("text" in stream) {
    host.warn(stream.code, stream.text);
    tell("stream-error", { request, host, StreamSid: newSid("MZ"), StreamError: stream.text });
    return undefined;
  }
  return await follow(stream, { request, host, url });
}

async function follow(
  stream: LineStream,
  { request, host, url }: { request: StreamRequest; host: StreamHost; url: string },
): Promise<"line" | "server"> {
  const { streamSid, startedAtMs } = stream;
  host.audio.attach(stream);
  tell("stream-started", { request, host, StreamSid: streamSid });
  const stop = () => void stream.stop();
  host.signal.addEventListener("abort", stop, { once: true });
  if (host.signal.aborted) stop();
  const { closedBy, code, reason, problem } = await stream.closed;
  host.audio.detach();
  host.ended({
    ...{ streamSid, url, parameters: request.parameters, startedAtMs, closedBy },
    ...{ endedAtMs: host.setup.clock.nowMs(), closeCode: code, closeReason: reason },
  });
  if (problem) host.warn(problem.code, problem.text);
  tell("stream-stopped", { request, host, StreamSid: streamSid });
  return closedBy;
}

/** A URL of a document made absolute, exactly as written if it already is; undefined if it is none. */
export function absoluteUrl(url: string, base: string | undefined): string | undefined {
  if (URL.canParse(url)) return url;
  return URL.parse(url, base)?.href;
}

/** The stream's URL, if Twilio would open it. */
function streamUrl(written: string, { base, warn }: StreamHost): string | undefined {
  const url = absoluteUrl(written, base?.replace(/^http/, "ws"));
  if (!url) return void warn(11100, `"${written}" is no URL`);
  if (!/^wss?:/.test(url)) return void warn(31922, `"${written}" is no WebSocket URL`);
  if (url.includes("?")) return void warn(31920, `"${written}" has a query`);
  return url;
}

/** Warns of a refused message, once per stream and code. */
function read(
  message: ServerMessage | { type: "binary" },
  { warned, host }: { warned: Set<number>; host: StreamHost },
): ServerMessage {
  const isBinary = message.type === "binary";
  const known: ServerMessage = isBinary ? { type: "refused", reason: "it is binary" } : message;
  const code = isBinary ? 31950 : 31951;
  if (known.type === "refused" && !warned.has(code)) {
    warned.add(code);
    host.warn(code, `a message of the server was refused: ${known.reason}`);
  }
  return known;
}

function tell(
  event: "stream-started" | "stream-stopped" | "stream-error",
  { request, host, ...parameters }: {
    request: StreamRequest;
    host: StreamHost;
    StreamSid: string;
    StreamError?: string;
  },
): void {
  const url = request.statusCallback && absoluteUrl(request.statusCallback, host.base);
  if (!url) return;
  const { accountSid, clock } = host.setup;
  host.tell(url, {
    method: request.statusCallbackMethod,
    parameters: {
      AccountSid: accountSid,
      CallSid: host.callSid,
      StreamEvent: event,
      StreamName: request.name ?? parameters.StreamSid,
      Timestamp: new Date(clock.epochMs()).toISOString(),
      ...parameters,
    },
  });
}
