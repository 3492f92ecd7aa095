import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
} from "@std/assert";
import { hangUp, press, say, untilEnded, wait } from "../../emulators/caller_script.ts";
import { signTwilioRequest } from "../../emulators/twilio_signature.ts";
import { ACCOUNT_SID, AUTH_TOKEN, Rig, sound } from "./phone_server.ts";

Deno.test("dial() opens a stream whose messages have Twilio's order, fields and types", async () => {
  await using rig = await Rig.start({});
  const call = rig.dial([wait(200), press("1#"), hangUp()]);
  const report = await call.ended;

  const [stream] = rig.streams;
  assert(stream);
  const { messages } = stream;
  const streamSid = messages[1]?.streamSid;
  assertEquals(messages[0] as unknown, { event: "connected", protocol: "Call", version: "1.0.0" });
  assertEquals(messages[1] as unknown, {
    event: "start",
    sequenceNumber: "1",
    streamSid,
    start: {
      accountSid: ACCOUNT_SID,
      streamSid,
      callSid: call.callSid,
      tracks: ["inbound"],
      mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
      customParameters: { token: "a&b" },
    },
  });
  assertEquals(
    messages.slice(1).map((message) => message.sequenceNumber),
    messages.slice(1).map((_, n) => String(n + 1)),
  );
  const media = messages.flatMap((message) => message.media ?? []);
  assertEquals(media[0], {
    track: "inbound",
    chunk: "1",
    timestamp: "73",
    payload: new Uint8Array(160).fill(0xff).toBase64(),
  });
  assertEquals(
    media.map(({ chunk, timestamp }) => [chunk, timestamp]),
    media.map((_, n) => [String(n + 1), String(73 + 20 * n)]),
  );
  assertEquals(
    messages.flatMap((message) => message.dtmf ?? []),
    ["1", "#"].map((digit) => ({ track: "inbound_track", digit })),
  );
  assertEquals(messages.at(-1) as unknown, {
    event: "stop",
    sequenceNumber: String(messages.length - 1),
    streamSid,
    stop: { accountSid: ACCOUNT_SID, callSid: call.callSid },
  });
  assertEquals(report.endedBy, "caller");
  assertEquals(report.warnings, []);
  assertEquals(report.streams.map(({ closedBy, closeCode }) => [closedBy, closeCode]), [
    ["line", 1000],
  ]);
});

Deno.test("dial() signs the handshake over the ws URL and offers neither compression nor origin", async () => {
  await using rig = await Rig.start({});
  await rig.dial([wait(40), hangUp()]).ended;
  const headers = rig.streams[0]?.headers;
  assert(headers);
  const url = `${rig.origin.replace("http", "ws")}/media`;
  assertEquals(headers.get("x-twilio-signature"), signTwilioRequest(AUTH_TOKEN, { url }));
  assertEquals(headers.get("user-agent"), "Twilio.TmeWs/1.0");
  for (const name of ["origin", "sec-websocket-extensions", "sec-websocket-protocol"]) {
    assertEquals(headers.get(name), null, name);
  }
});

Deno.test("dial() sends 50 frames a second by an absolute clock", async () => {
  const arrivals: number[] = [];
  await using rig = await Rig.start({
    onMessage: (message) => message.event === "media" && arrivals.push(rig.clock.nowMs()),
  }, { factor: 5 });
  const report = await rig.dial([wait(5000), hangUp()]).ended;
  assertEquals(arrivals.length, 250);
  const startedAtMs = report.audioStartedAtMs ?? NaN;
  const lateMs = arrivals.map((atMs, n) => atMs - startedAtMs - 20 * (n + 1));
  assertGreaterOrEqual(Math.min(...lateMs), 0, "a frame came early");
  assertLess(Math.min(...lateMs.slice(-50)), 100, "lateness adds up");
  assertEquals(report.frameLatenessMs.length, 250);
});

Deno.test("the server gets every sample that the caller says, in its place in time", async () => {
  const speech = Int16Array.from({ length: 8000 }, (_, n) => 9000 * Math.sin(n / 3));
  await using rig = await Rig.start({});
  const report = await rig.dial([wait(100), say(speech, { text: "a tone" }), wait(60), hangUp()])
    .ended;
  const payloads = rig.streams[0]?.messages.flatMap((message) => message.media?.payload ?? []);
  assert(payloads);
  const came = payloads.map((payload) => Uint8Array.fromBase64(payload));
  assertEquals(came.length, 5 + 50 + 3);
  const joined = new Uint8Array(came.flatMap((frame) => [...frame]));
  assertEquals(joined, report.said);
  assert(joined.subarray(0, 800).every((code) => code === 0xff));
  const [utterance] = report.utterances;
  assert(utterance);
  assertEquals(utterance.text, "a tone");
  assertAlmostEquals(utterance.startedAtMs - (report.audioStartedAtMs ?? 0), 100, 1e-6);
  assertAlmostEquals(utterance.endedAtMs - utterance.startedAtMs, 1000, 1e-6);
});

Deno.test("heard lies on the same time axis as said, and gives the latency of an answer", async () => {
  const speech = Int16Array.from({ length: 3200 }, (_, n) => 9000 * Math.sin(n / 3));
  let frames = 0;
  await using rig = await Rig.start({
    onMessage: (message, stream) => {
      if (message.media && ++frames === 40) stream.media(sound(1600));
    },
  });
  const report = await rig.dial([say(speech), wait(3000), hangUp()]).ended;
  const startedAtMs = report.audioStartedAtMs ?? NaN;
  const [utterance] = report.utterances;
  assert(utterance?.latencyMs !== undefined && utterance.firstMediaAtMs !== undefined);
  assertEquals(report.heard.length, report.said.length);
  const firstHeard = report.heard.findIndex((code) => code !== 0xff);
  assertAlmostEquals(firstHeard / 8, (utterance.firstHeardAtMs ?? NaN) - startedAtMs, 1e-6);
  assertEquals(report.heard.slice(firstHeard, firstHeard + 1600), sound(1600));
  assert(utterance.firstMediaAtMs - startedAtMs >= 800);
  assertAlmostEquals(utterance.latencyMs, firstHeard / 8 - 400, 1e-6);
  assert(firstHeard / 8 >= 800, `heard ${firstHeard / 8} ms in`);
});

Deno.test("the call ends by the server when it closes the stream and no verb is left", async () => {
  await using rig = await Rig.start({ onStart: (stream) => stream.socket.close(1000, "done") });
  const report = await rig.dial([untilEnded()]).ended;
  assertEquals(report.endedBy, "server");
  assertEquals(report.status, "completed");
  assertEquals(report.warnings, []);
  assertEquals(report.streams[0]?.closeReason, "done");
});

Deno.test("the debugger says 31921 when the server closes the stream with a fault", async () => {
  await using rig = await Rig.start({ onStart: (stream) => stream.socket.close(3008, "refused") });
  const report = await rig.dial([untilEnded()]).ended;
  assertEquals(report.warnings.map(({ code }) => code), [31921]);
  assertEquals(report.streams[0]?.closeCode, 3008);
});
