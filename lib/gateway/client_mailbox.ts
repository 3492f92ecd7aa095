/**
 * What a conversation tells its client, who may be away for a while.
 *
 * @module
 */

import type { ServerMessage } from "./server_messages.ts";

/** The client's end: one socket. */
export interface ClientLine {
  /** Sends a message, or drops it if the socket is closed. */
  send(message: ServerMessage): void;
  /** Begins to close the socket. */
  close(code: number): void;
}

/** Messages that are kept for a client who is away; the oldest make room. */
const MOST_KEPT = 100;

/** Passes messages on, and keeps them while there is nobody; audio is not kept, because its moment has passed. */
export class ClientMailbox {
  #line: ClientLine | undefined;
  #kept: ServerMessage[] = [];

  /** Whether anybody is there. */
  get isAttended(): boolean {
    return this.#line !== undefined;
  }

  /** A socket is there; an older one is given back, to be closed. */
  attach(line: ClientLine): ClientLine | undefined {
    const old = this.#line;
    this.#line = line;
    return old;
  }

  /** Gives a client who has come back what was kept. */
  deliver(): void {
    for (const message of this.#kept.splice(0)) this.#line?.send(message);
  }

  /** The socket is gone. @returns False if it was not the one that counts */
  detach(line: ClientLine): boolean {
    if (line !== this.#line) return false;
    this.#line = undefined;
    return true;
  }

  /** Tells the client. */
  send(message: ServerMessage): void {
    if (this.#line) return this.#line.send(message);
    if (message.type === "audio") return;
    const last = this.#kept.at(-1);
    if (message.type === "response" && last?.type === "response") {
      this.#kept[this.#kept.length - 1] = { ...last, text: last.text + message.text };
    } else this.#kept.push(message);
    if (this.#kept.length > MOST_KEPT) this.#kept.shift();
  }

  /** Closes the socket, if there is one. */
  close(code: number): void {
    this.#line?.close(code);
  }
}
