/**
 * Twilio's requests and sockets by hand, rightly signed, where a telephone line would be too well behaved.
 *
 * @module
 */

import { ClientSocket } from "../routes/served_app.ts";
import { ACCOUNT_SID, sign } from "./sign.ts";
import { AUTH_TOKEN, PUBLIC_URL } from "./socket_call.ts";

const MEDIA_URL = `${PUBLIC_URL.replace("https", "wss")}/twilio/media`;

/**
 * Posts the webhook of a call that comes in; gives the document.
 *
 * @param url Where the server really is
 */
export async function postVoice(url: string, callSid: string): Promise<string> {
  const form = {
    AccountSid: ACCOUNT_SID,
    CallSid: callSid,
    Direction: "inbound",
    // A caller of its own for each call: one caller may have three at once.
    From: `+1555${callSid.slice(-7).replace(/\D/g, "0")}`,
    To: "+15559990000",
  };
  const response = await fetch(`${url}/twilio/voice`, {
    method: "POST",
    headers: { "x-twilio-signature": sign(`${PUBLIC_URL}/twilio/voice`, form, AUTH_TOKEN) },
    body: new URLSearchParams(form),
  });
  return await response.text();
}

/** Opens a stream with a good signature. */
export async function openStream(url: string): Promise<ClientSocket> {
  const socket = new ClientSocket(url.replace("http", "ws") + "/twilio/media", {
    "X-Twilio-Signature": sign(MEDIA_URL, {}, AUTH_TOKEN),
  });
  await socket.opened;
  return socket;
}
