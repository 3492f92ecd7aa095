/**
 * `Deno.serve` and its own sockets, for Deno Deploy. A message is whole in memory before its size is known, unfinished
 * ones are not bounded, and half a request may wait for ever: there the platform stands in front. A peer that is still
 * sending when we close may see a broken connection instead of the close frame.
 *
 * @module
 */

import type { Log } from "../../lib/log.ts";
import { rawTarget } from "../../lib/twilio/signature.ts";
import {
  type Answer,
  behindWall,
  type Listener,
  type ListenerPlace,
  MAX_LARGE_MESSAGE_BYTES,
  MAX_MESSAGE_BYTES,
  type SocketHandlers,
  TOO_LARGE,
} from "./listener.ts";

const WENT_AWAY = 1006;

/** Listens by `Deno.serve`. */
export function listenOnDeno({ hostname, port, log }: ListenerPlace, answer: Answer): Listener {
  const server = Deno.serve(
    { hostname, port, onListen: () => {} },
    (request, { remoteAddr }) =>
      answer(request, {
        target: rawTarget(request.url),
        peerAddress: remoteAddr.hostname,
        accept: (handlers, { takesLarge = false } = {}) => {
          const protocol = firstProtocol(request.headers);
          // Legs watch over their own lines, and by what they hear.
          const { socket, response } = Deno.upgradeWebSocket(request, {
            idleTimeout: 0,
            ...(protocol === undefined ? {} : { protocol }),
          });
          const maxBytes = takesLarge ? MAX_LARGE_MESSAGE_BYTES : MAX_MESSAGE_BYTES;
          attach(socket, handlers, { log, maxBytes });
          return response;
        },
      }),
  );
  return {
    hostname: server.addr.hostname,
    port: server.addr.port,
    finished: server.finished,
    close: () => server.shutdown(),
  };
}

function attach(
  socket: WebSocket,
  handlers: SocketHandlers,
  { log, maxBytes }: { log: Log; maxBytes: number },
): void {
  const handled = behindWall(handlers, { socket, log });
  socket.binaryType = "arraybuffer";
  socket.onopen = () => handled.opened();
  socket.onmessage = ({ data }) => {
    if (sizeOf(data) > maxBytes) {
      socket.close(TOO_LARGE);
      return handled.closed(TOO_LARGE);
    }
    handled.message(typeof data === "string" ? data : new Uint8Array(data));
  };
  socket.onclose = ({ code }) => handled.closed(code || WENT_AWAY);
}

/** The runtime knows the protocols of a list only where a comma and a space part them, as browsers write it. */
function firstProtocol(headers: Headers): string | undefined {
  const [first] = headers.get("sec-websocket-protocol")?.split(", ") ?? [];
  return first?.includes(",") ? undefined : first;
}

/** Characters of a text, which has at least as many bytes; bytes of anything else. */
function sizeOf(data: string | ArrayBuffer): number {
  return typeof data === "string" ? data.length : data.byteLength;
}
