import { assert, assertEquals, assertMatch } from "@std/assert";
import { hangUp, untilEnded, wait } from "../../emulators/caller_script.ts";
import { signTwilioRequest } from "../../emulators/twilio_signature.ts";
import { ACCOUNT_SID, AUTH_TOKEN, CONNECT, Rig } from "./phone_server.ts";

Deno.test("dial() posts the form, the headers and the signature of Twilio", async () => {
  await using rig = await Rig.start({ twiml: "<Response/>" });
  const voiceUrl = `${rig.origin}/voice?name=O%27Brien#rc=2`;
  const call = rig.dial([untilEnded()], { voiceUrl, parameters: { CallerName: "Zoë & co" } });
  await call.ended;
  const [came] = rig.requests;
  assert(came);
  assertEquals([came.method, came.path], ["POST", "/voice?name=O%27Brien"]);
  const { form, headers } = came;
  assertEquals(
    ["CallSid", "AccountSid", "ApiVersion", "From", "To", "Caller", "Called"].map((name) =>
      form.get(name)
    ),
    [
      ...[call.callSid, ACCOUNT_SID, "2010-04-01"],
      ...["+15550001111", "+15550002222", "+15550001111", "+15550002222"],
    ],
  );
  assertEquals([form.get("CallStatus"), form.get("Direction")], ["ringing", "inbound"]);
  assertEquals([form.get("FromCity"), form.get("CallerName")], ["", "Zoë & co"]);
  assertMatch(call.callSid, /^CA[0-9a-f]{32}$/);
  assertEquals(headers.get("user-agent"), "TwilioProxy/1.1");
  assertMatch(headers.get("content-type") ?? "", /^application\/x-www-form-urlencoded/);
  assertMatch(headers.get("i-twilio-idempotency-token") ?? "", /^[0-9a-f-]{36}$/);
  assertEquals(
    headers.get("x-twilio-signature"),
    signTwilioRequest(AUTH_TOKEN, { url: voiceUrl.replace(/#.*/, ""), parameters: form }),
  );
});

Deno.test("dial() puts the parameters behind the query and signs the whole URL when it asks by GET", async () => {
  await using rig = await Rig.start({ twiml: "<Response/>" });
  await rig.dial([untilEnded()], { voiceUrl: `${rig.origin}/voice?a=1`, voiceMethod: "GET" })
    .ended;
  const [came] = rig.requests;
  assert(came);
  assertEquals(came.method, "GET");
  assertMatch(came.path, /^\/voice\?a=1&AccountSid=AC1+&/);
  assertEquals(
    came.headers.get("x-twilio-signature"),
    signTwilioRequest(AUTH_TOKEN, { url: came.url }),
  );
});

Deno.test("dial() posts the status callback once, at the end", async () => {
  await using rig = await Rig.start({
    twiml: ({ path }) => path === "/status" ? new Response(null, { status: 204 }) : CONNECT,
  });
  const statusCallback = `${rig.origin}/status`;
  const report = await rig.dial([wait(3000), hangUp()], { statusCallback }).ended;
  assertEquals(rig.requests.map(({ path }) => path), ["/voice", "/status"]);
  const form = rig.requests[1]?.form;
  assert(form);
  const seconds = Math.round((report.endedAtMs - (report.answeredAtMs ?? NaN)) / 1000);
  assert(seconds >= 3);
  assertEquals(
    ["CallStatus", "CallDuration", "Duration", "SequenceNumber", "CallbackSource"].map((name) =>
      form.get(name)
    ),
    ["completed", String(seconds), "1", "0", "call-progress-events"],
  );
  assertMatch(form.get("Timestamp") ?? "", /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d \+0000$/);
  assertEquals(report.requests.map(({ status }) => status), [200, 204]);
  assertEquals(report.warnings, []);
});

Deno.test("a Stream's statusCallback hears of its start, its stop and its failure", async () => {
  await using rig = await Rig.start({
    twiml: ({ path }) =>
      path === "/voice"
        ? `<Response>
          <Connect><Stream url="/media" name="one" statusCallback="/stream"/></Connect>
          <Connect><Stream url="/forbidden" statusCallback="/stream"/></Connect></Response>`
        : new Response(null, { status: 204 }),
    onStart: (stream) => stream.socket.close(1000),
  }, { factor: 100 });
  await rig.dial([untilEnded()]).ended;
  const told = rig.requests.filter(({ path }) => path === "/stream").map(({ form }) => form);
  assertEquals(told.map((form) => [form.get("StreamEvent"), form.has("From")]), [
    ["stream-started", false],
    ["stream-stopped", false],
    ["stream-error", false],
  ]);
  assertEquals(told[0]?.get("StreamName"), "one");
  assertEquals(told[0]?.get("StreamSid"), rig.streams[0]?.streamSid);
  assertMatch(told[2]?.get("StreamError") ?? "", /handshake/);
});

Deno.test("close() ends calls in every phase, requests under way included", async () => {
  const answer = Promise.withResolvers<Response>();
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () => answer.promise,
  );
  await using rig = await Rig.start({});
  const waiting = rig.dial([untilEnded()], { voiceUrl: `http://127.0.0.1:${server.addr.port}/` });
  const streaming = rig.dial([untilEnded()]);
  while (rig.streams.length === 0) {
    await new Promise((resolve) => rig.clock.at(0, () => resolve(0)));
  }
  await rig.line.close();
  assertEquals((await waiting.ended).endedBy, "caller");
  assertEquals((await streaming.ended).streams.length, 1);
  answer.resolve(new Response());
});
