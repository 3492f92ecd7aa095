/**
 * One media stream as Twilio opens and feeds it: the WebSocket, its handshake and the messages towards the server.
 *
 * @module
 */

// @ts-types="@types/ws"
import { WebSocket } from "ws";
import type { Socket } from "node:net";
import type { Timer } from "../lib/clock.ts";
import type { LineFaults, LineMessage } from "./line_faults.ts";
import { readServerMessage, type ServerMessage } from "./stream_rules.ts";
import { newSid } from "./twilio_names.ts";
import { signTwilioRequest } from "./twilio_signature.ts";
import type { Account } from "./twilio_webhook.ts";

/** How long Twilio is taken to wait for the answer to its handshake; it does not say. */
const HANDSHAKE_MS = 5_000;
/** How long it waits for the server's side of the close. */
const CLOSE_MS = 2_000;
/** Media time of the first frame; seen on a live call. */
const FIRST_TIMESTAMP_MS = 73;

/** What a stream is opened with. */
export interface StreamSetup extends Account {
  /** Call that it belongs to. */
  readonly callSid: string;
  /** As in the TwiML, made absolute; this is what is signed. */
  readonly url: string;
  /** Sent in `start`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** What goes wrong on it. */
  readonly faults: LineFaults;
  /** Takes every message of the server, read or refused; binary ones are refused. */
  readonly onMessage: (message: ServerMessage | { type: "binary" }) => void;
}

/** How a stream ended. */
export interface StreamEnd {
  /** Who closed the socket. */
  readonly closedBy: "line" | "server";
  /** Its close code; 1006 if there was none. */
  readonly code: number;
  /** Its close reason. */
  readonly reason: string;
  /** What Twilio's debugger says of it. */
  readonly problem: StreamProblem | undefined;
}

/** An error 319xx. */
export interface StreamProblem {
  /** The number. */
  readonly code: number;
  /** What happened. */
  readonly text: string;
}

/**
 * Opens a stream and sends `connected` and `start`.
 *
 * @returns The stream, or why there is none
 */
export function openStream(setup: StreamSetup): Promise<LineStream | StreamProblem> {
  const { promise, resolve } = Promise.withResolvers<LineStream | StreamProblem>();
  const { clock, authToken, faults } = setup;
  const url = faults.signWithSlash ? `${setup.url}/` : setup.url;
  const ws = new WebSocket(setup.address(setup.url), {
    perMessageDeflate: false,
    headers: {
      "user-agent": "Twilio.TmeWs/1.0",
      "x-twilio-signature": signTwilioRequest(authToken, { url }),
    },
  });
  let problem: StreamProblem | undefined;
  let socket: Socket | undefined;
  const patience = clock.at(clock.nowMs() + HANDSHAKE_MS, () => {
    problem = { code: 31901, text: "the server did not answer the handshake" };
    ws.terminate();
  });
  const fail = (error: Error) => {
    patience.cancel();
    resolve(problem ?? handshakeProblem(error));
  };
  ws.once("error", fail);
  ws.once("upgrade", (response) => socket = response.socket);
  ws.once("open", () => {
    patience.cancel();
    ws.off("error", fail);
    resolve(new LineStream(ws, { ...setup, reset: () => socket?.resetAndDestroy() }));
  });
  return promise;
}

function handshakeProblem(error: Error): StreamProblem {
  return "code" in error && error.code === "ECONNREFUSED"
    ? { code: 31902, text: "the server refused the connection" }
    : { code: 31920, text: `the handshake failed: ${error.message}` };
}

/** An open stream. */
export class LineStream {
  /** Its name. */
  readonly streamSid: string = newSid("MZ");
  /** When it began. */
  readonly startedAtMs: number;
  /** Settles when the socket is closed and nothing of the stream is left. */
  readonly closed: Promise<StreamEnd>;
  readonly #ws: WebSocket;
  readonly #setup: StreamSetup;
  readonly #timers = new Set<Timer>();
  #sequenceNumber = 0;
  #chunk = 0;
  #started = false;
  #closedByLine = false;

  /**
   * Use {@linkcode openStream}.
   *
   * @param ws An open socket
   * @param setup `reset` cuts the connection without a word
   */
  constructor(ws: WebSocket, setup: StreamSetup & { reset: () => void }) {
    this.#ws = ws;
    this.#setup = setup;
    this.startedAtMs = setup.clock.nowMs();
    this.closed = this.#listen();
    this.#sendTampered({ event: "connected", protocol: "Call", version: "1.0.0" });
    this.#send("start", {
      start: {
        accountSid: setup.accountSid,
        streamSid: this.streamSid,
        callSid: setup.callSid,
        tracks: ["inbound"],
        mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
        customParameters: setup.parameters,
      },
    });
    const { resetAfterMs, stopReading } = setup.faults;
    if (resetAfterMs !== undefined) {
      this.#after(resetAfterMs, () => {
        this.#closedByLine = true;
        setup.reset();
      });
    }
    if (stopReading) {
      this.#after(stopReading.afterMs, () => ws.pause());
      this.#after(stopReading.afterMs + stopReading.forMs, () => ws.resume());
    }
  }

  /**
   * Sends 20 ms of the caller.
   *
   * @param mulaw 160 bytes
   * @param streamMs When they began, from the start of the stream
   */
  sendFrame(mulaw: Uint8Array, streamMs: number): void {
    this.#send("media", {
      media: {
        track: "inbound",
        chunk: String(++this.#chunk),
        timestamp: String(FIRST_TIMESTAMP_MS + Math.round(streamMs)),
        payload: mulaw.toBase64(),
      },
    });
  }

  /** Sends a key that the caller pressed. */
  sendDigit(digit: string): void {
    this.#send("dtmf", { dtmf: { track: "inbound_track", digit } });
  }

  /** Echoes a mark. */
  echoMark(name: string): void {
    const { marks } = this.#setup.faults;
    if (marks === "never") return;
    if (marks) this.#after(marks.lateMs, () => this.#send("mark", { mark: { name } }));
    else this.#send("mark", { mark: { name } });
  }

  /** Ends the stream as Twilio does when the call is over or goes on elsewhere. */
  async stop(): Promise<void> {
    if (this.#ws.readyState === WebSocket.CLOSED) return;
    const { accountSid, callSid } = this.#setup;
    this.#send("stop", { stop: { accountSid, callSid } });
    this.#closedByLine = true;
    this.#ws.resume();
    this.#ws.close(1000);
    this.#after(CLOSE_MS, () => this.#ws.terminate());
    await this.closed;
  }

  async #listen(): Promise<StreamEnd> {
    const ws = this.#ws;
    const { promise, resolve } = Promise.withResolvers<StreamEnd>();
    let framing: StreamProblem | undefined;
    ws.on("error", (error) => framing = { code: 31924, text: error.message });
    ws.on("message", (data, isBinary) => {
      if (isBinary) return this.#setup.onMessage({ type: "binary" });
      const streamSid = this.#started ? this.streamSid : undefined;
      this.#setup.onMessage(readServerMessage(String(data), streamSid));
    });
    ws.once("close", (code, bytes) => {
      const closedBy = this.#closedByLine ? "line" : "server";
      const reason = String(bytes);
      const problem = framing ?? (closedBy === "server" ? closeProblem(code) : undefined);
      resolve({ closedBy, code, reason, problem });
    });
    const end = await promise;
    for (const timer of this.#timers) timer.cancel();
    return end;
  }

  #after(ms: number, act: () => void): void {
    const { clock } = this.#setup;
    const timer = clock.at(clock.nowMs() + ms, () => {
      this.#timers.delete(timer);
      act();
    });
    this.#timers.add(timer);
  }

  #send(event: string, body: Readonly<Record<string, unknown>>): void {
    const sequenceNumber = String(++this.#sequenceNumber);
    this.#sendTampered({ event, sequenceNumber, streamSid: this.streamSid, ...body });
  }

  #sendTampered(message: Readonly<Record<string, unknown>>): void {
    const { tamper } = this.#setup.faults;
    for (const sent of tamper ? tamper(message) : [message]) this.#write(sent);
  }

  #write(message: LineMessage): void {
    if (this.#ws.readyState !== WebSocket.OPEN) return;
    if (typeof message !== "string" && message.event === "start") this.#started = true;
    this.#ws.send(typeof message === "string" ? message : JSON.stringify(message));
  }
}

function closeProblem(code: number): StreamProblem | undefined {
  if (code === 1000 || code === 1005) return undefined;
  return code === 1006
    ? { code: 31903, text: "the connection broke" }
    : { code: 31921, text: `the server closed the stream with ${code}` };
}
