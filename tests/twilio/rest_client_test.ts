import { assert, assertEquals, assertRejects } from "@std/assert";
import { wait } from "../../emulators/caller_script.ts";
import { startTwilioRest, type TwilioRest } from "../../emulators/twilio_rest.ts";
import { systemClock } from "../../lib/clock.ts";
import { RestClient, TwilioRestError } from "../../lib/twilio/rest_client.ts";
import { ACCOUNT_SID, AUTH_TOKEN, CONNECT, Rig } from "../emulators/phone_server.ts";

const OURS = "+15550002222";
const THEIRS = "+15553334444";

/** A line, its API, and a client of it. */
async function start(twiml = CONNECT) {
  const rig = await Rig.start({ twiml: () => twiml });
  const rest = startTwilioRest({
    line: rig.line,
    answer: () => ({ callee: { ringMs: 20, then: "in-progress" }, script: [wait(20_000)] }),
    numbers: [OURS],
  });
  return { rig, rest, client: clientOf(rest) };
}

function clientOf({ url }: Pick<TwilioRest, "url">, password = AUTH_TOKEN): RestClient {
  return new RestClient({
    origin: url,
    accountSid: ACCOUNT_SID,
    credentials: { user: ACCOUNT_SID, password },
    clock: systemClock,
  });
}

/** An API that gives these answers, one after the other. */
function answering(...answers: readonly (() => Response)[]) {
  let asked = 0;
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    const answer = answers[Math.min(asked++, answers.length - 1)];
    return answer ? answer() : new Response(null, { status: 500 });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    get asked() {
      return asked;
    },
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("RestClient places a call, and ends it, twice without harm", async () => {
  const { rig, rest, client } = await start();
  await using _rig = rig;
  await using _rest = rest;
  const callSid = await client.createCall({
    to: THEIRS,
    from: OURS,
    url: `${rig.origin}/voice`,
    statusCallback: `${rig.origin}/status`,
    machineCallback: `${rig.origin}/amd`,
    ringSeconds: 25,
    limitSeconds: 600,
  });
  const form: Readonly<Record<string, string>> = rest.requests[0]?.form ?? {};
  assertEquals([form.To, form.From, form.Timeout, form.TimeLimit], [THEIRS, OURS, "25", "600"]);
  assertEquals([form.MachineDetection, form.AsyncAmd], ["Enable", "true"]);
  const call = rig.line.call(callSid);
  assert(call);
  await client.hangUp(callSid);
  const report = await call.ended;
  assertEquals(report.endedBy, "rest");
  await client.hangUp(callSid);
  await client.hangUp(`CA${"0".repeat(32)}`);
});

Deno.test("RestClient sends messages from an own number only", async () => {
  const { rig, rest, client } = await start();
  await using _rig = rig;
  await using _rest = rest;
  await client.sendMessage({ to: THEIRS, from: OURS, body: "Table for four, 19:00." });
  assertEquals(
    rest.resources.messages.map(({ to, from, body }) => ({ to, from, body })),
    [{ to: THEIRS, from: OURS, body: "Table for four, 19:00." }],
  );
  const error = await assertRejects(
    () => client.sendMessage({ to: THEIRS, from: THEIRS, body: "x" }),
    TwilioRestError,
    "Cannot send message: status 400, error 21606",
  );
  assertEquals(error.retryable, false);
});

Deno.test("RestClient reads and sets where the calls of a number go", async () => {
  const { rig, rest, client } = await start();
  await using _rig = rig;
  await using _rest = rest;
  assertEquals(await client.findNumber(THEIRS), undefined);
  const number = await client.findNumber(OURS);
  assert(number);
  assertEquals(number.voiceUrl, "");
  const urls = {
    voiceUrl: "https://phone.example.com/twilio/voice",
    statusCallback: "https://phone.example.com/twilio/status",
  };
  await client.setWebhooks(number.sid, urls);
  const after = await client.findNumber(OURS);
  assertEquals([after?.voiceUrl, after?.statusCallback], [urls.voiceUrl, urls.statusCallback]);
});

Deno.test("RestClient says what Twilio refuses, and no secret", async () => {
  const { rig, rest } = await start();
  await using _rig = rig;
  await using _rest = rest;
  const error = await assertRejects(
    () => clientOf(rest, "wrong-token").checkCredentials(),
    TwilioRestError,
    "Cannot check credentials: status 401, error 20003",
  );
  assert(!String(error.stack).includes("wrong-token"));
  await clientOf(rest).checkCredentials();
});

Deno.test("RestClient asks again only where the request was not processed", async () => {
  const busy = () => Response.json({ code: 20429 }, { status: 429 });
  const sent = () => Response.json({ sid: "SM1" }, { status: 201 });
  await using patient = answering(busy, sent);
  const message = { to: THEIRS, from: OURS, body: "x" };
  assertEquals(await clientOf(patient).sendMessage(message), "SM1");
  assertEquals(patient.asked, 2);
  await using broken = answering(() => new Response("<html>gateway</html>", { status: 502 }));
  const error = await assertRejects(
    () => clientOf(broken).sendMessage(message),
    TwilioRestError,
    "status 502",
  );
  assertEquals([error.retryable, broken.asked], [true, 1]);
});

Deno.test("RestClient says when there is no answer", async () => {
  const nobody = answering();
  const { url } = nobody;
  await nobody[Symbol.asyncDispose]();
  await assertRejects(
    () => clientOf({ url }).checkCredentials(),
    TwilioRestError,
    "Cannot check credentials: no answer",
  );
});
