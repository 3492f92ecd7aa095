/** Real server processes that are killed, and callers who go on talking to another one. */
import { assert, assertEquals, assertLessOrEqual, assertStringIncludes } from "@std/assert";
import { hangUp, wait } from "../../emulators/caller_script.ts";
import type { PhoneCall } from "../../emulators/phone_call.ts";
import type { PhoneCallReport } from "../../emulators/phone_report.ts";
import { systemClock } from "../../lib/clock.ts";
import { print } from "../../tasks/terminal.ts";
import { FailoverRig } from "../support/failover_rig.ts";
import { hearsOut, says, spoken } from "../support/recorded.ts";
import { ACCOUNT_SID, sign } from "../support/sign.ts";
import { AUTH_TOKEN, PUBLIC_URL, until } from "../support/socket_call.ts";

/** What every call says, in turn: a greeting, an answer, what is said when the line is back, another answer. */
const ANSWERS = spoken("greeting", "which-day", "of-course", "by-the-window", "table-is-free");
const CALLS = 4;

/** From the moment to the first sound that the caller gets on a later stream. */
function backAfterMs({ streams, messages }: PhoneCallReport, brokenAtMs: number): number {
  const later = streams[1]?.startedAtMs ?? Infinity;
  const first = messages.find(({ event, atMs }) => event === "media" && atMs >= later);
  return (first?.atMs ?? Infinity) - brokenAtMs;
}

/** Begins calls that have heard the greeting and one answer. */
async function underWay(rig: FailoverRig, calls = CALLS): Promise<PhoneCall[]> {
  const script = [hearsOut, says("table"), hearsOut, wait(1_500), hearsOut, wait(500), hangUp()];
  const begun = Array.from({ length: calls }, () => rig.dial(script));
  const answered = () => rig.model.sessions.filter(({ sent }) => sent.length >= 2).length;
  await until(() => answered() === calls, "every caller has an answer", 30_000);
  return begun;
}

/** Each call went on with its own conversation, once, and was not greeted again. */
function assertWentOn(rig: FailoverRig, reports: readonly PhoneCallReport[]): void {
  for (const report of reports) {
    assertEquals(report.streams.length, 2, JSON.stringify(report.warnings));
    assertEquals(report.endedBy, "caller");
    assertEquals(report.spoken, []);
  }
  const resumed = rig.model.sessions.filter(({ resumedFrom }) => resumedFrom !== undefined);
  assertEquals(resumed.length, reports.length);
  for (const { texts } of resumed) {
    assert(texts.every(({ text }) => !text.includes("you speak first")), "no second greeting");
  }
}

Deno.test("a server that is killed leaves its callers to another one, which goes on with the same sessions [P06]", async () => {
  await using rig = await FailoverRig.start({ answers: ANSWERS });
  const [a, b] = rig.servers;
  const calls = await underWay(rig);
  rig.sendTo(b);
  a?.signal("SIGKILL");
  const killedAtMs = systemClock.nowMs();
  const reports = await Promise.all(calls.map((call) => call.ended));
  assertWentOn(rig, reports);
  const times = reports.map((report) => Math.round(backAfterMs(report, killedAtMs)));
  print(`  back after ${times.join(", ")} ms`);
  for (const ms of times) assertLessOrEqual(ms, 3_000);
});

Deno.test("a server that must stop at once hands its calls over before it is killed [P05]", async () => {
  await using rig = await FailoverRig.start({ answers: ANSWERS }, {
    environment: { DRAIN_SECONDS: "1" },
  });
  const [a, b] = rig.servers;
  const calls = await underWay(rig);
  rig.sendTo(b);
  a?.signal("SIGINT");
  const askedAtMs = systemClock.nowMs();
  const status = await a?.ended();
  assertEquals(status?.code, 0);
  assertLessOrEqual(systemClock.nowMs() - askedAtMs, 5_000);
  const reports = await Promise.all(calls.map((call) => call.ended));
  assertWentOn(rig, reports);
  const times = reports.map((report) =>
    Math.round(backAfterMs(report, report.streams[0]?.endedAtMs ?? Infinity))
  );
  print(`  back after ${times.join(", ")} ms`);
  for (const ms of times) assertLessOrEqual(ms, 2_500);
  assertEquals(a?.events("call-ended").map(({ ending }) => ending), calls.map(() => "handed-over"));
});

Deno.test("a caller whose server is gone and who finds no other hears a sentence [P07]", async () => {
  const words = "Sorry, we cannot be reached at the moment.";
  await using fallback = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    () =>
      new Response(`<Response><Say>${words}</Say></Response>`, {
        headers: { "content-type": "text/xml" },
      }),
  );
  await using rig = await FailoverRig.start({ answers: ANSWERS }, { servers: 1 });
  const fallbackUrl = `http://127.0.0.1:${fallback.addr.port}/`;
  const calls = Array.from({ length: 5 }, () => rig.dial([wait(60_000)], { fallbackUrl }));
  await until(() => rig.model.sessions.length === 5, "the calls run");
  rig.sendTo(undefined);
  rig.servers[0]?.signal("SIGKILL");
  const late = Array.from({ length: 5 }, () => rig.dial([wait(60_000)], { fallbackUrl }));
  for (const { ended } of [...calls, ...late]) {
    const report = await ended;
    assertEquals(report.spoken.map(({ text }) => text), [words]);
    assertEquals(report.endedBy, "twiml");
  }
});

/** Posts a call's webhook as Twilio does. */
async function postVoice(url: string | undefined, callSid: string): Promise<string> {
  const form = {
    AccountSid: ACCOUNT_SID,
    CallSid: callSid,
    CallStatus: "ringing",
    Direction: "inbound",
    From: `+1555${callSid.slice(-7)}`,
    To: "+15559990000",
  };
  const response = await fetch(`${url}/twilio/voice`, {
    method: "POST",
    headers: { "x-twilio-signature": sign(`${PUBLIC_URL}/twilio/voice`, form, AUTH_TOKEN) },
    body: new URLSearchParams(form),
  });
  assertEquals(response.status, 200);
  return await response.text();
}

Deno.test("two servers let in exactly 50 of 100 calls, and a webhook that is replayed gets nothing new [P09 S07]", async () => {
  await using rig = await FailoverRig.start({ answers: ANSWERS }, {
    environment: { MAX_CALLS: "50" },
  });
  const urls = rig.servers.map(({ url }) => url);
  const sids = Array.from({ length: 100 }, (_, n) => `CA${String(n).padStart(32, "0")}`);
  const beganMs = systemClock.nowMs();
  const answers = await Promise.all(sids.map((sid, n) => postVoice(urls[n % 2], sid)));
  print(`  100 webhooks in ${Math.round(systemClock.nowMs() - beganMs)} ms`);
  assertEquals(answers.filter((answer) => answer.includes("<Connect ")).length, 50);
  assertEquals(answers.filter((answer) => answer.includes("All our lines are busy")).length, 50);
  for (const [n, sid] of sids.slice(0, 10).entries()) {
    const again = await postVoice(urls[(n + 1) % 2], sid);
    const first = answers[n] ?? "";
    if (first.includes("<Connect ")) assertEquals(again, first);
    else assertStringIncludes(again, "All our lines are busy");
  }
});
