import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreaterOrEqual,
  assertStringIncludes,
} from "@std/assert";
import { hangUp } from "../../emulators/caller_script.ts";
import type { Tamper } from "../../emulators/line_faults.ts";
import { sleep, systemClock } from "../../lib/clock.ts";
import { tokenIn } from "../routes/served_app.ts";
import { answerPlaceMs, assertUnbroken, framesOf, turnPlaceMs } from "../support/call_audio.ts";
import { openStream, postVoice } from "../support/media_client.ts";
import { sendRaw } from "../support/raw_http.ts";
import { hearsOut, says, spoken } from "../support/recorded.ts";
import { ACCOUNT_SID, sign } from "../support/sign.ts";
import { AUTH_TOKEN, PUBLIC_URL, SocketRig, until } from "../support/socket_call.ts";

const MEDIA_URL = `${PUBLIC_URL.replace("https", "wss")}/twilio/media`;
const POLICY_VIOLATION = 1008;

/** A CallSid that ends in a number. */
function callSidOf(number: number): string {
  return `CA${String(number).padStart(32, "0")}`;
}

Deno.test("a stream that never starts is closed 1008 after 5 s, and no model is reached for it [T01]", async () => {
  await using rig = await SocketRig.start();
  const [silent, connected] = [await openStream(rig.url), await openStream(rig.url)];
  connected.send({ event: "connected", protocol: "Call", version: "1.0.0" });
  // A timer of this process beside the server's: what keeps it late says nothing of the server.
  const control = sleep(systemClock, 5_000).then(() => systemClock.nowMs());
  for (const socket of [silent, connected]) {
    assertEquals(await socket.closed, POLICY_VIOLATION);
    const closedAtMs = systemClock.nowMs();
    assertAlmostEquals(closedAtMs, await control, 500);
  }
  assertEquals(rig.model.connects, 0);
});

Deno.test("a call whose webhook and stream come twice has one session, and is not harmed [T03]", async () => {
  const answers = spoken("which-day", "of-course");
  await using rig = await SocketRig.start({ model: { script: { answers } } });
  let token = "";
  const overhear: Tamper = (message) => {
    if (message.event === "start") token = Object(message.start).customParameters.token;
    return [message];
  };
  const call = rig.dial([hearsOut, says("stop"), hearsOut, hangUp()], {
    faults: { tamper: overhear },
  });
  await until(() => rig.model.sessions[0]?.sent.length === 1, "the model answers");

  assertStringIncludes(await postVoice(rig.url, call.callSid), "<Response><Hangup/></Response>");
  const second = await openStream(rig.url);
  second.start(token, { callSid: call.callSid });
  assertEquals(await second.closed, POLICY_VIOLATION);

  const finished = await rig.finish(call);
  assertUnbroken(finished);
  const { report, record, session } = finished;
  assertEquals(rig.model.connects, 1);
  assertEquals(record.ending, "caller-hung-up");
  const [window] = session?.windows ?? [];
  assert(window);
  assertGreaterOrEqual(turnPlaceMs(window.pcm, framesOf(report.said)), 0);
  for (const { pcm } of session?.sent ?? []) {
    assertGreaterOrEqual(answerPlaceMs(pcm, report), 0, "0 late frames");
  }
});

Deno.test("of two streams that race for one call the second is refused [T03]", async () => {
  await using rig = await SocketRig.start();
  const document = await postVoice(rig.url, callSidOf(1));
  assertEquals(await postVoice(rig.url, callSidOf(1)), document);
  const sockets = await Promise.all([openStream(rig.url), openStream(rig.url)]);
  for (const socket of sockets) socket.start(tokenIn(document), { callSid: callSidOf(1) });
  const first = await Promise.race(
    sockets.map(async (socket, n) => ({ n, code: await socket.closed })),
  );
  assertEquals(first.code, POLICY_VIOLATION);
  const other = sockets[1 - first.n];
  other?.stop();
  assertEquals(await other?.closed, 1000);
  assertEquals(rig.model.connects, 1);
});

Deno.test("1,000 sockets without a good signature are refused before the upgrade [S05]", async () => {
  await using rig = await SocketRig.start();
  const signed = (url: string) => sign(url, {}, AUTH_TOKEN);
  const signatures: (string | undefined)[] = [
    undefined,
    "",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAA=",
    signed(MEDIA_URL).slice(0, -2),
    signed(`${MEDIA_URL}?`),
    signed(MEDIA_URL.replace("wss", "ws")),
    signed(rig.url.replace("http", "ws") + "/twilio/media"),
    signed(`${PUBLIC_URL}/twilio/voice`),
    sign(MEDIA_URL, {}, ""),
    sign(MEDIA_URL, {}, ACCOUNT_SID),
  ];
  const refuse = async (n: number) => {
    const signature = signatures[n % signatures.length];
    const { status } = await sendRaw(rig.server.port, {
      method: "GET",
      target: "/twilio/media",
      headers: {
        Host: "phone.example.com",
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        ...(signature === undefined ? {} : { "X-Twilio-Signature": signature }),
      },
    });
    return status;
  };
  for (let n = 0; n < 1_000; n += 50) {
    const statuses = await Promise.all(Array.from({ length: 50 }, (_, k) => refuse(n + k)));
    assertEquals(new Set(statuses), new Set([403]));
  }
  assertEquals(rig.model.connects, 0);
});

Deno.test("a stream without a good token for its own call is refused [S05 S06]", async (t) => {
  await using rig = await SocketRig.start();
  const used = tokenIn(await postVoice(rig.url, callSidOf(1)));
  const unused = tokenIn(await postVoice(rig.url, callSidOf(2)));
  // Each webhook was signed and let a call in: its model is opened. The refused cost none.
  await until(() => rig.model.connects === 2, "the models are reached");
  const refuses = async (token: string, callSid: string) => {
    const socket = await openStream(rig.url);
    socket.start(token, { callSid });
    assertEquals(await socket.closed, POLICY_VIOLATION);
  };
  for (const token of ["", "x", `${unused.slice(0, -1)}${unused.endsWith("A") ? "B" : "A"}`]) {
    await t.step("no token of ours", () => refuses(token, callSidOf(2)));
  }
  await t.step("a token of another call", () => refuses(unused, callSidOf(3)));
  assertEquals(rig.model.connects, 2);

  const running = await openStream(rig.url);
  running.start(used, { callSid: callSidOf(1) });
  await until(() => rig.logged.some((line) => line.includes('"call-answered"')), "the call runs");
  await t.step("a token that is in use", () => refuses(used, callSidOf(1)));
  await t.step("a token in use, for another call", () => refuses(used, callSidOf(2)));
  running.stop();
  assertEquals(await running.closed, 1000);
  await t.step("a token after the hang-up", () => refuses(used, callSidOf(1)));
  assertEquals(rig.model.connects, 2);
});
