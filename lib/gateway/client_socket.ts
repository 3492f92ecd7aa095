/**
 * One socket of a client: what comes in is bounded, read and given to a conversation; what goes out is bounded too.
 *
 * A client says first what it wants, or anything else: then the defaults hold. One that says nothing gets them too.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { Choice } from "./client_choice.ts";
import type { ClientDesk } from "./client_desk.ts";
import { CANNOT_SERVE, POLICY_VIOLATION } from "./client_ending.ts";
import type { ClientLine } from "./client_mailbox.ts";
import {
  type ClientConfig,
  type ClientMessage,
  ClientMessageError,
  parseClientMessage,
} from "./client_messages.ts";
import type { ClientSession } from "./client_session.ts";
import { ClientTimers } from "./client_timers.ts";
import { MessageAllowance } from "./message_allowance.ts";
import { type ClientErrorCode, PROTOCOL_VERSION, type ServerMessage } from "./server_messages.ts";

/** How long the first message is waited for. */
const FIRST_MESSAGE_MS = 500;
/** Half a minute of an answer in base64 that does not leave: nobody reads. */
const MOST_UNSENT_BYTES = 1_024 * 1_024;

/** Close codes of a client that does not want to come back: one that it named, and none. */
const GOODBYES: readonly number[] = [1000, 1005];

/** The part of a server's socket that a client needs. */
export interface GatewaySocket {
  /** Queues a text frame. */
  send(text: string): void;
  /** Begins to close; once is enough, more does no harm. */
  close(code?: number): void;
  /** Bytes that are queued and not sent. */
  readonly bufferedAmount: number;
}

/** What a socket needs. */
export interface ClientSocketParts {
  /** Where conversations are begun and found. */
  readonly desk: ClientDesk;
  /** Who is at the other end. */
  readonly address: string;
  /** Whose time counts. */
  readonly clock: Clock;
  /** Where it is told of. */
  readonly log: Log;
}

/** One socket of a client, open. */
export class ClientSocket implements ClientLine {
  readonly #socket: GatewaySocket;
  readonly #parts: ClientSocketParts;
  readonly #allowance = new MessageAllowance();
  readonly #timers: ClientTimers;
  readonly #leave: () => void;
  #session: ClientSession | undefined;
  #isOver = false;
  /** Its conversation does not wait for it. */
  #isUnwanted = false;

  /** Greets the client. */
  constructor(socket: GatewaySocket, parts: ClientSocketParts) {
    const { desk, address, clock } = parts;
    this.#socket = socket;
    this.#parts = parts;
    this.#timers = new ClientTimers(clock);
    this.#leave = desk.entered(address);
    this.send({
      type: "system",
      state: "client-connected",
      message: "Connected to Offhook",
      protocolVersion: PROTOCOL_VERSION,
    });
    if (desk.hasModelKey) {
      this.#timers.set("first-message", FIRST_MESSAGE_MS, () => this.#begin());
    } else {
      this.#fail("no-api-key", "No API key configured: set GEMINI_API_KEY on the server");
    }
  }

  /** A frame has come. */
  message(data: string | Uint8Array): void {
    if (this.#isOver) return;
    const verdict = this.#allowance.judge(data.length, this.#parts.clock.nowMs());
    if (verdict !== "take") return this.#refuse(verdict);
    if (typeof data !== "string") {
      return this.#error("binary-frame", "Cannot take message: expected JSON in a text frame");
    }
    const message = this.#read(data);
    if (message?.type === "config") return this.#configure(message.config);
    if (message) (this.#session ?? this.#begin())?.take(message);
  }

  /** The socket is closed. */
  closed(code: number): void {
    this.#finish();
    this.#leave();
    this.#session?.detach(this, this.#isUnwanted || GOODBYES.includes(code));
  }

  /** Sends a message; a client that does not read is left. */
  send(message: ServerMessage): void {
    if (this.#isOver) return;
    this.#socket.send(JSON.stringify(message));
    if (this.#socket.bufferedAmount <= MOST_UNSENT_BYTES) return;
    this.#parts.log.warn("client-reads-too-slowly");
    this.close(POLICY_VIOLATION);
  }

  /** Begins to close the socket; nothing more is sent or taken. */
  close(code: number): void {
    this.#finish();
    this.#socket.close(code);
  }

  #read(frame: string): ClientMessage | undefined {
    try {
      return parseClientMessage(frame);
    } catch (error) {
      if (!(error instanceof ClientMessageError)) throw error;
      this.#error(error.code, error.message, error.field);
      return undefined;
    }
  }

  #configure(config: ClientConfig): void {
    const { desk } = this.#parts;
    if (config.resumeToken !== undefined) return this.#resume(config.resumeToken);
    const choice = desk.choose(config);
    if ("refused" in choice) return this.#error(choice.refused, choice.message, choice.field);
    if (this.#session) this.#session.configure(choice);
    else this.#beginWith(choice, true);
  }

  /** Goes on with a conversation; what else the config says counts for nothing, as it is under way. */
  #resume(token: string): void {
    const session = this.#parts.desk.sessionOf(token);
    if (!session) {
      const field = "data.resume_token";
      const why = "the conversation is over, or its token was used";
      return this.#error("resume-unknown", `Cannot go on: ${why}; a new one begins`, field);
    }
    if (session === this.#session) return;
    this.#session?.close("client-closed");
    this.#settle(session);
    session.attach(this);
  }

  /** Begins by the defaults. */
  #begin(): ClientSession | undefined {
    const choice = this.#parts.desk.choose();
    if (!("refused" in choice)) return this.#beginWith(choice, false);
    this.#fail(choice.refused, choice.message);
    return undefined;
  }

  #beginWith(choice: Choice, wasAsked: boolean): ClientSession | undefined {
    const { desk } = this.#parts;
    if (!desk.isFull) return this.#settle(desk.begin(choice, { wasAsked, line: this }));
    this.#fail("too-many-clients", "Cannot begin: as many clients as may be are here");
    return undefined;
  }

  #settle(session: ClientSession): ClientSession {
    if (!this.#session) this.#parts.desk.settled();
    this.#timers.cancelAll();
    this.#session = session;
    return session;
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timers.cancelAll();
    if (!this.#session) this.#parts.desk.settled();
  }

  #refuse(verdict: "refuse-and-tell" | "refuse" | "close"): void {
    if (verdict === "refuse") return;
    const more = verdict === "close" ? "" : "; slow down";
    this.#error("rate-limited", `Cannot take message: too many, or too large ones, come${more}`);
    if (verdict !== "close") return;
    this.#isUnwanted = true;
    this.close(POLICY_VIOLATION);
  }

  #fail(code: ClientErrorCode, message: string): void {
    this.#error(code, message);
    this.close(CANNOT_SERVE);
  }

  #error(code: ClientErrorCode, message: string, field?: string): void {
    this.send({ type: "error", code, message, ...(field === undefined ? {} : { field }) });
  }
}
