/**
 * Lets people and their scripts in: with the console token, or from this machine alone.
 *
 * @module
 */

import { createHash, timingSafeEqual } from "node:crypto";
import { errorResponse } from "../answers.ts";

const LOOPBACK_ADDRESS = /^(127\.\d+\.\d+\.\d+|::1|::ffff:127\.\d+\.\d+\.\d+)$/;
const LOOPBACK_HOST = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/i;
/** Headers by which proxies and tunnels say that they pass a request on. */
const FORWARDING = new RegExp(
  "^(forwarded|via|x-forwarded|x-original|x-real-ip|x-client-ip|x-cluster-client-ip|x-envoy-|x-proxy" +
    "|true-client-ip|client-ip|cf-|cdn-|fly-|fastly-|ngrok-|tailscale-)",
);

/**
 * With a token set, only requests that carry it as `Authorization: Bearer` pass. Without one only direct requests from
 * this machine do: peer and `Host` are loopback, nothing forwarded it, and no page of another origin sent it. A tunnel
 * makes everyone look local, so a single trace of one is enough to refuse.
 *
 * @param options `token` is the console's, if one is set; `peerAddress` is the other end of the connection, if it is
 * known
 * @returns The answer that refuses the request, or nothing
 */
export function verifyLocalOrToken(
  request: Request,
  { token, peerAddress }: { token: string | undefined; peerAddress: string | undefined },
): Response | undefined {
  if (!token) {
    if (isDirect(request.headers, peerAddress)) return undefined;
    return errorResponse({
      status: 403,
      code: "not-local",
      message: "Cannot let request in: it does not come directly from this machine; " +
        "set CONSOLE_TOKEN and send it as a Bearer token",
    });
  }
  const given = /^Bearer +(\S+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
  if (given !== undefined && timingSafeEqual(digest(given), digest(token))) return undefined;
  const refusal = errorResponse({
    status: 401,
    code: "token-invalid",
    message: "Cannot let request in: it does not carry the console token as a Bearer token",
  });
  refusal.headers.set("www-authenticate", "Bearer");
  return refusal;
}

function isDirect(headers: Headers, peerAddress = ""): boolean {
  const host = headers.get("host") ?? "";
  const origin = headers.get("origin");
  return LOOPBACK_ADDRESS.test(peerAddress) &&
    LOOPBACK_HOST.test(host) &&
    (origin === null || origin === `http://${host}`) &&
    ![...headers.keys()].some((name) => FORWARDING.test(name));
}

/** Equal lengths for a comparison in constant time. */
function digest(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
