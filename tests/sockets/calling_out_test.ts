/** Whole calls that the server places, over real sockets: Twilio's API, its webhooks, its machine detection, the model. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  hangUp,
  listenUntilAgentDone,
  say,
  untilEnded,
  wait,
} from "../../emulators/caller_script.ts";
import { PhoneLine } from "../../emulators/phone_line.ts";
import { callerLine } from "../../emulators/speech.ts";
import { type NumberAnswer, startTwilioRest } from "../../emulators/twilio_rest.ts";
import { orderCall } from "../../tasks/order_call.ts";
import { socketOf } from "../../tasks/socket_url.ts";
import { scaledClock } from "../support/scaled_clock.ts";
import { ACCOUNT_SID } from "../support/sign.ts";
import { AUTH_TOKEN, PUBLIC_URL, SocketRig } from "../support/socket_call.ts";

const TO = "+14155550123";
/** Call variables come before the agent's own. */
const TEXTS = {
  instructions: "You call {{guest}} of {{house}} at {{called}}.",
  greeting: "Is this {{guest}}?",
  variables: { guest: "somebody", house: "Harbour" },
};

/** A server with Twilio's API; `voicemail` as the agent's file has it. */
async function start(answer: NumberAnswer, voicemail: unknown = "hang-up") {
  const clock = scaledClock(2);
  let serverUrl = "";
  const line = new PhoneLine({
    clock,
    accountSid: ACCOUNT_SID,
    authToken: AUTH_TOKEN,
    address: (url) =>
      url.replace(PUBLIC_URL, serverUrl).replace(socketOf(PUBLIC_URL), socketOf(serverUrl)),
  });
  const rest = startTwilioRest({ line, answer: () => answer });
  const outbound = { allow: ["+1415"], from: "+15559990000", voicemail };
  const rig = await SocketRig.start({ clock, twilioUrl: rest.url, agent: { outbound, ...TEXTS } });
  serverUrl = rig.url;
  const told: string[] = [];
  const order = (to: string) =>
    orderCall({
      serverUrl,
      consoleToken: undefined,
      agent: "default",
      to,
      from: undefined,
      variables: ["guest=Ada"],
      print: (text) => told.push(text),
      clock,
    });
  return {
    rig,
    rest,
    line,
    told,
    order,
    async [Symbol.asyncDispose]() {
      await line.close();
      await rest.close();
      await rig[Symbol.asyncDispose]();
    },
  };
}

Deno.test("a server calls somebody, who speaks first and is answered by an agent that knows of them", async () => {
  const { pcm16k, text } = callerLine("table");
  await using side = await start({
    callee: { ringMs: 500, then: "in-progress" },
    script: [wait(400), say(pcm16k, { text, hz: 16_000 }), listenUntilAgentDone(), hangUp()],
  });
  assertEquals(await side.order(TO), true);
  const [session] = side.rig.model.sessions;
  const instructions = session?.setup?.systemInstruction?.parts?.[0]?.text ?? "";
  assertStringIncludes(instructions, `You call Ada of Harbour at ${TO}.`);
  assertStringIncludes(instructions, "guest: Ada");
  assertStringIncludes(session?.texts.map(({ text }) => text).join() ?? "", `"Is this Ada?"`);
  assertEquals(session?.windows.length, 1);
  assertEquals(session?.violations, []);
  assert(side.told.some((said) => said.includes("a table")), side.told.join("\n"));
});

Deno.test("a server hangs up on a machine that Twilio has found", async () => {
  await using side = await start({
    callee: { ringMs: 500, then: "in-progress" },
    script: [untilEnded()],
    detection: { answeredBy: "machine_start", afterMs: 3_500 },
  });
  assertEquals(await side.order(TO), true);
  const events = side.rig.logged.map((text) => JSON.parse(text));
  const found = events.find(({ event }) => event === "outbound-answered-by");
  assertEquals([found?.answeredBy, found?.isKnown], ["machine_start", true]);
  const ended = events.find(({ event }) => event === "call-ended");
  assertEquals(ended?.ending, "agent-hung-up");
});

Deno.test("an order that may not be is told why, and no call is placed [A04]", async () => {
  await using side = await start({
    callee: { ringMs: 500, then: "no-answer" },
    script: [untilEnded()],
  });
  assertEquals(await side.order("+19005550123"), false);
  assertStringIncludes(side.told[0] ?? "", "premium");
  assertEquals(side.rest.requests, []);
});

Deno.test("a call that nobody answers leaves a record of how it ended", async () => {
  await using side = await start({
    callee: { ringMs: 300, then: "busy" },
    script: [untilEnded()],
  });
  assertEquals(await side.order(TO), false);
  assertEquals(side.told.at(-1), "Ended: busy");
  const { calls: [call] } = await side.rig.server.records.list({ limit: 1 });
  assertEquals([call?.ending, call?.to, call?.direction, call?.agent], [
    "busy",
    TO,
    "outbound",
    "default",
  ]);
  assertEquals(side.rig.model.sessions, []);
});
