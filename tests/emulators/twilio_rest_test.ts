import { assert, assertEquals, assertMatch } from "@std/assert";
import { say, untilEnded, wait } from "../../emulators/caller_script.ts";
import type { NumberAnswer } from "../../emulators/twilio_rest.ts";
import { startTwilioRest, type TwilioRest } from "../../emulators/twilio_rest.ts";
import { ACCOUNT_SID, AUTH_TOKEN, type Behaviour, CONNECT, Rig } from "./phone_server.ts";

const PICKS_UP: NumberAnswer = {
  callee: { ringMs: 500, then: "in-progress" },
  script: [wait(20_000)],
};
const TO = { To: "+15553334444", From: "+15550002222" };
const CALLS = `/2010-04-01/Accounts/${ACCOUNT_SID}/Calls`;

/** A line and its API. */
async function start(behaviour: Behaviour, answer: () => NumberAnswer = () => PICKS_UP) {
  const rig = await Rig.start(behaviour);
  const apiKey = { sid: `SK${"2".repeat(32)}`, secret: "secret" };
  return { rig, rest: startTwilioRest({ line: rig.line, answer, apiKey }) };
}

/** Asks the API; a form makes it a POST. */
async function ask(
  rest: TwilioRest,
  { path = `${CALLS}.json`, form, user = ACCOUNT_SID, password = AUTH_TOKEN }: {
    path?: string;
    form?: [string, string][] | Record<string, string>;
    user?: string;
    password?: string;
  },
) {
  const response = await fetch(rest.url + path, {
    headers: { authorization: `Basic ${btoa(`${user}:${password}`)}` },
    ...(form ? { method: "POST", body: new URLSearchParams(form) } : {}),
  });
  return { status: response.status, body: await response.json() };
}

Deno.test("POST Calls places a call that rings, is answered and asks for its document", async () => {
  const { rig, rest } = await start({
    twiml: ({ path }) => path === "/status" ? new Response(null, { status: 204 }) : CONNECT,
    onMessage: (message, stream) => message.event === "start" && stream.socket.close(1000),
  });
  await using _rig = rig;
  await using _rest = rest;
  const { status, body } = await ask(rest, {
    form: [
      ...Object.entries({ ...TO, Url: `${rig.origin}/voice` }),
      ["StatusCallback", `${rig.origin}/status`],
      ...["initiated", "ringing", "answered", "completed"]
        .map((event) => ["StatusCallbackEvent", event] as [string, string]),
    ],
  });
  assertEquals([status, body.status, body.direction], [201, "queued", "outbound-api"]);
  assertMatch(body.sid, /^CA[0-9a-f]{32}$/);
  const report = await rig.line.call(body.sid)?.ended;
  assert(report);
  assertEquals([report.status, report.endedBy], ["completed", "server"]);
  const voice = rig.requests.find(({ path }) => path === "/voice")?.form;
  assertEquals(
    ["CallSid", "Direction", "CallStatus", "From", "To"].map((name) => voice?.get(name)),
    [body.sid, "outbound-api", "in-progress", TO.From, TO.To],
  );
  const told = rig.requests.filter(({ path }) => path === "/status").map(({ form }) => form);
  assertEquals(
    told.map((form) => [form.get("SequenceNumber"), form.get("CallStatus")]).toSorted(),
    [["0", "initiated"], ["1", "ringing"], ["2", "in-progress"], ["3", "completed"]],
  );
});

Deno.test("POST Calls runs a document that is given with it", async () => {
  const { rig, rest } = await start({});
  await using _rig = rig;
  await using _rest = rest;
  const { body } = await ask(rest, {
    form: { ...TO, Twiml: "<Response><Say>Hi</Say></Response>" },
  });
  const report = await rig.line.call(body.sid)?.ended;
  assertEquals(report?.spoken.map(({ text }) => text), ["Hi"]);
  assertEquals(rig.requests, []);
});

for (const then of ["busy", "no-answer", "failed"] as const) {
  Deno.test(`POST Calls ends ${then} when that becomes of the number`, async () => {
    const { rig, rest } = await start({}, () => ({ callee: { ringMs: 100, then }, script: [] }));
    await using _rig = rig;
    await using _rest = rest;
    const { body } = await ask(rest, { form: { ...TO, Url: `${rig.origin}/voice` } });
    const report = await rig.line.call(body.sid)?.ended;
    assertEquals([report?.status, report?.answeredAtMs], [then, undefined]);
    const over = await ask(rest, { path: `${CALLS}/${body.sid}.json` });
    assertEquals([over.status, over.body.status, over.body.duration], [200, then, "0"]);
  });
}

Deno.test("POST Status=completed ends a streaming call with stop; again is 21220", async () => {
  const { rig, rest } = await start({});
  await using _rig = rig;
  await using _rest = rest;
  const call = rig.dial([untilEnded()]);
  while ((rig.streams[0]?.messages.length ?? 0) < 3) await tick(rig);
  const path = `${CALLS}/${call.callSid}.json`;
  const live = await ask(rest, { path });
  assertEquals([live.body.status, live.body.end_time], ["in-progress", null]);
  assertEquals((await ask(rest, { path, form: { Status: "completed" } })).status, 200);
  const report = await call.ended;
  assertEquals([report.endedBy, report.status], ["rest", "completed"]);
  assertEquals(rig.streams[0]?.messages.at(-1)?.event, "stop");
  const again = await ask(rest, { path, form: { Status: "completed" } });
  assertEquals([again.status, again.body.code], [400, 21220]);
  assertMatch((await ask(rest, { path })).body.end_time, /\+0000$/);
});

Deno.test("POST Twiml ends the stream and the new document runs, with a stream of its own", async () => {
  const { rig, rest } = await start({});
  await using _rig = rig;
  await using _rest = rest;
  const call = rig.dial([untilEnded()]);
  while (rig.streams.length < 1) await tick(rig);
  const url = `${rig.origin.replace("http", "ws")}/media`;
  const Twiml = `<Response><Play digits="12"/><Connect><Stream url="${url}"/></Connect></Response>`;
  await ask(rest, { path: `${CALLS}/${call.callSid}.json`, form: { Twiml } });
  while (rig.streams.length < 2 || !rig.streams[1]?.streamSid) await tick(rig);
  assertEquals(rig.streams[0]?.messages.at(-1)?.event, "stop");
  rig.streams[1]?.socket.close(1000);
  const report = await call.ended;
  assertEquals(report.streams.length, 2);
  assert(report.streams[0]?.streamSid !== report.streams[1]?.streamSid);
  assertEquals(report.spoken.map(({ text }) => text), ["12"]);
});

Deno.test("POST Status=canceled ends a call that rings, but not one that was answered", async () => {
  const { rig, rest } = await start(
    {},
    () => ({ ...PICKS_UP, callee: { ringMs: 60_000, then: "busy" } }),
  );
  await using _rig = rig;
  await using _rest = rest;
  const { body } = await ask(rest, { form: { ...TO, Url: `${rig.origin}/voice` } });
  const ringing = rig.line.call(body.sid);
  const ofRinging = `${CALLS}/${body.sid}.json`;
  const early = await ask(rest, { path: ofRinging, form: { Twiml: "<Response/>" } });
  assertEquals([early.status, early.body.code], [400, 21220]);
  const canceled = await ask(rest, { path: ofRinging, form: { Status: "canceled" } });
  assertEquals(canceled.status, 200);
  assertEquals((await ringing?.ended)?.status, "canceled");

  const call = rig.dial([say(new Int16Array(8000)), untilEnded()]);
  while (rig.streams.length < 1) await tick(rig);
  const path = `${CALLS}/${call.callSid}.json`;
  assertEquals((await ask(rest, { path, form: { Status: "canceled" } })).body.code, 21220);
});

Deno.test("an API key is as good as the token; anything else is 20003", async () => {
  const { rig, rest } = await start({});
  await using _rig = rig;
  await using _rest = rest;
  const path = `${CALLS}/CA${"0".repeat(32)}.json`;
  const byKey = await ask(rest, { path, user: `SK${"2".repeat(32)}`, password: "secret" });
  assertEquals(byKey.status, 404);
  for (const password of ["", "wrong"]) {
    const { status, body } = await ask(rest, { path, password });
    assertEquals([status, body.code, body.status], [401, 20003, 401]);
    assertEquals(body.more_info, "https://www.twilio.com/docs/errors/20003");
  }
});

const REFUSED: readonly [what: string, form: Record<string, string>, code: number][] = [
  ["no To", { From: TO.From, Url: "http://h/" }, 21211],
  ["a To that is no number", { ...TO, To: "5551234", Url: "http://h/" }, 21211],
  ["a From that is no number", { ...TO, From: "me", Url: "http://h/" }, 21212],
  ["neither Url nor Twiml", TO, 21205],
  ["a relative Url", { ...TO, Url: "/voice" }, 21205],
];

for (const [what, form, code] of REFUSED) {
  Deno.test(`POST Calls refuses ${what} with ${code}`, async () => {
    const { rig, rest } = await start({});
    await using _rig = rig;
    await using _rest = rest;
    const { status, body } = await ask(rest, { form });
    assertEquals([status, body.code], [400, code]);
  });
}

Deno.test("an unknown call, account or resource is 20404", async () => {
  const { rig, rest } = await start({});
  await using _rig = rig;
  await using _rest = rest;
  for (
    const path of [
      `${CALLS}/CA${"0".repeat(32)}.json`,
      `/2010-04-01/Accounts/AC${"9".repeat(32)}/Calls.json`,
      `/2010-04-01/Accounts/${ACCOUNT_SID}/Recordings.json`,
    ]
  ) {
    const { status, body } = await ask(rest, { path, form: { Status: "completed" } });
    assertEquals([status, body.code], [404, 20404], path);
  }
  assertEquals(rest.requests.length, 3);
});

/** Lets a moment of real time pass. */
function tick(rig: Rig): Promise<void> {
  return new Promise((resolve) => rig.clock.at(rig.clock.nowMs() + 10, resolve));
}
