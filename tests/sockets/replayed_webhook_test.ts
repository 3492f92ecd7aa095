/** Two servers as processes with one store: a webhook that is sent again, byte for byte, opens nothing. */
import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { sleep, systemClock } from "../../lib/clock.ts";
import { tokenIn } from "../routes/served_app.ts";
import { FailoverRig } from "../support/failover_rig.ts";
import { openStream } from "../support/media_client.ts";
import { sendRaw } from "../support/raw_http.ts";
import { spoken } from "../support/recorded.ts";
import { ACCOUNT_SID, sign } from "../support/sign.ts";
import { AUTH_TOKEN, PUBLIC_URL, until } from "../support/socket_call.ts";

const CALL_SID = `CA${"7".repeat(32)}`;
const FORM = {
  AccountSid: ACCOUNT_SID,
  CallSid: CALL_SID,
  CallStatus: "ringing",
  Direction: "inbound",
  From: "+15550004444",
  To: "+15559990000",
};
const LATER_MS = 10_000;

/** The one request, as it was caught on its way. */
const CAUGHT = (() => {
  const body = new URLSearchParams(FORM).toString();
  const headers = {
    Host: "phone.example.com",
    "Content-Type": "application/x-www-form-urlencoded",
    "Content-Length": String(body.length),
    "X-Twilio-Signature": sign(`${PUBLIC_URL}/twilio/voice`, FORM, AUTH_TOKEN),
  };
  return { target: "/twilio/voice", headers, body };
})();

Deno.test("a webhook that is replayed while the call runs, 10 s later, after it, here or elsewhere, opens nothing [S07]", async () => {
  await using rig = await FailoverRig.start({ answers: spoken("greeting") });
  const ports = rig.servers.map(({ url }) => Number(new URL(url ?? "").port));
  const [here = 0] = ports;
  const document = (await sendRaw(here, CAUGHT)).body;
  const socket = await openStream(rig.servers[0]?.url ?? "");
  socket.start(tokenIn(document), { callSid: CALL_SID });
  await until(() => rig.model.sessions[0]?.sent.length === 1, "the caller is greeted");
  const replays: string[] = [];
  const replay = async () => {
    for (const port of ports) replays.push((await sendRaw(port, CAUGHT)).body);
  };
  await replay();
  await sleep(systemClock, LATER_MS);
  await replay();
  socket.stop();
  await socket.closed;
  await replay();
  assertEquals(replays.length, 6);
  for (const body of replays) {
    assertFalse(body.includes("token"), body);
    assertStringIncludes(body, "<Hangup/>");
  }
  for (const server of rig.servers) {
    const second = await openStream(server.url ?? "");
    second.start(tokenIn(document), { callSid: CALL_SID });
    assertEquals(await second.closed, 1008, "nor does the token that was caught with it");
  }
  assertEquals(rig.model.connects, 1);
  assert(rig.servers.every(({ isOver }) => !isOver));
});
