/**
 * Where the sockets of a server are.
 *
 * @module
 */

/** The address of a server's sockets: `ws` for `http`, `wss` for `https`. */
export function socketOf(url: string): string {
  return url.replace(/^http/, "ws");
}
