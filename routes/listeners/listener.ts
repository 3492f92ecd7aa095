/**
 * Where requests and sockets come from. Routes know no more of the runtime than this; behind it stand `node:http` with
 * `ws` where we host ourselves, and `Deno.serve` on Deno Deploy.
 *
 * @module
 */

import type { Clock } from "../../lib/clock.ts";
import type { Log } from "../../lib/log.ts";

/** The largest message that a socket takes; a larger one closes it with 1009. */
export const MAX_MESSAGE_BYTES = 65_536;

/** The same for a socket whose route asks for it: pictures are larger than sound. */
export const MAX_LARGE_MESSAGE_BYTES = 1_024 * 1_024;

/** How a socket is made. */
export interface AcceptOptions {
  /** Whether messages may have {@linkcode MAX_LARGE_MESSAGE_BYTES}. */
  readonly takesLarge?: boolean;
}

/** Close code of a message that is too large. */
export const TOO_LARGE = 1009;
const OUR_FAULT = 1011;

/** Our end of an accepted socket. */
export interface ServerSocket {
  /** Queues a frame; a socket that is closing or closed drops it. */
  send(data: string | Uint8Array<ArrayBuffer>): void;
  /** Begins to close; once is enough, more does no harm. */
  close(code?: number): void;
  /** Bytes that are queued and not sent. */
  readonly bufferedAmount: number;
  /** 1 while frames can be sent. */
  readonly readyState: number;
}

/** What happens on one accepted socket. Nothing that is thrown here gets further than the socket. */
export interface SocketHandlers {
  /** The socket is open. */
  opened(socket: ServerSocket): void;
  /** A message came, of the size that the socket takes at most. */
  message(data: string | Uint8Array): void;
  /**
   * The socket is closed, or broken. Comes once and last.
   *
   * @param code What the peer said; 1009 if it sent too much; 1006 if it just went away
   */
  closed(code: number): void;
}

/** The connection that a request came by. */
export interface Connection {
  /** The raw request target, nothing normalised: path and query. */
  readonly target: string;
  /** Address of the other end. */
  readonly peerAddress: string;
  /**
   * Makes a socket of a WebSocket handshake. Of the sub-protocols that it offers the first is chosen.
   *
   * @returns What the route has to answer, as it is: any other answer refuses the handshake
   */
  accept(handlers: SocketHandlers, options?: AcceptOptions): Response;
}

/** The peer was gone before its request had come whole: nobody waits for an answer, and it is no error of ours. */
export class PeerLeftError extends Error {
  /** Tells it from other errors. */
  override name = "PeerLeftError";
}

/** Answers a request. */
export type Answer = (request: Request, connection: Connection) => Response | Promise<Response>;

/** What listens. */
export interface Listener {
  /** Address that is listened on. */
  readonly hostname: string;
  /** Port that is listened on. */
  readonly port: number;
  /** Resolves when nothing is listened for any more; sockets may live on. */
  readonly finished: Promise<void>;
  /** Stops to listen and closes what is open. */
  close(): Promise<void>;
}

/** Where to listen. */
export interface ListenerPlace {
  /** Address to listen on. */
  readonly hostname: string;
  /** Port; 0 takes a free one. */
  readonly port: number;
  /** Whose time counts. */
  readonly clock: Clock;
  /** Is told what goes wrong in handlers. */
  readonly log: Log;
}

/** Listens for requests. Rejects or throws an error of code `EADDRINUSE` if the port is taken. */
export type Listen = (place: ListenerPlace, answer: Answer) => Listener | Promise<Listener>;

/** The handlers of a socket behind a wall: what they throw is logged and ends their socket alone. */
export function behindWall(
  handlers: SocketHandlers,
  { socket, log }: { socket: ServerSocket; log: Log },
): { opened(): void; message(data: string | Uint8Array): void; closed(code: number): void } {
  let isOver = false;
  const wall = (handle: () => void) => {
    try {
      handle();
    } catch (error) {
      log.error("socket-handler-failed", { error });
      socket.close(OUR_FAULT);
    }
  };
  return {
    opened: () => wall(() => handlers.opened(socket)),
    message: (data) => {
      if (!isOver) wall(() => handlers.message(data));
    },
    closed: (code) => {
      if (isOver) return;
      isOver = true;
      wall(() => handlers.closed(code));
    },
  };
}
