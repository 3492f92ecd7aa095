import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { hangUp, untilEnded } from "../../emulators/caller_script.ts";
import type { Answer, ModelTurn } from "../../emulators/model_script.ts";
import type { PhoneCall } from "../../emulators/phone_call.ts";
import { AGENT_LINES } from "../../emulators/speech.ts";
import { startTwilioRest, type TwilioRest } from "../../emulators/twilio_rest.ts";
import { answerPlaceMs, assertUnbroken } from "../support/call_audio.ts";
import { hearsOut, says, spoken } from "../support/recorded.ts";
import { scaledClock } from "../support/scaled_clock.ts";
import { ACCOUNT_SID } from "../support/sign.ts";
import { AUTH_TOKEN, PUBLIC_URL, SocketRig, until } from "../support/socket_call.ts";

/** Asks the REST API for something about calls. */
async function ask(
  rest: TwilioRest,
  path: string,
  form: Readonly<Record<string, string>>,
): Promise<{ sid: string; status: string }> {
  const response = await fetch(`${rest.url}/2010-04-01/Accounts/${ACCOUNT_SID}/${path}`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${ACCOUNT_SID}:${AUTH_TOKEN}`)}` },
    body: new URLSearchParams(form),
  });
  assert(response.ok, await response.clone().text());
  return await response.json();
}

function startRest(rig: SocketRig): TwilioRest {
  return startTwilioRest({
    line: rig.line,
    answer: () => ({
      callee: { ringMs: 50, then: "in-progress" },
      script: [hearsOut, says("stop"), hearsOut, hangUp()],
    }),
  });
}

/** The model has begun to answer the call. */
async function isAnswering(rig: SocketRig, call: PhoneCall): Promise<void> {
  const answers = () => rig.sessionOf(call.facts.from)?.sent.length ?? 0;
  await until(() => answers() > 0, "the model answers");
}

Deno.test("a call ends with all its parts when the network ends it by REST", async () => {
  await using rig = await SocketRig.start({ model: { script: { answers: spoken("greeting") } } });
  await using rest = startRest(rig);
  const call = rig.dial([untilEnded()]);
  await isAnswering(rig, call);
  await ask(rest, `Calls/${call.callSid}.json`, { Status: "completed" });
  const { report, record, session } = await rig.finish(call);
  assertEquals(report.endedBy, "rest");
  assertEquals(report.warnings, []);
  assertEquals(record.ending, "caller-hung-up");
  assertEquals(session?.sent.map(({ outcome }) => outcome), ["under-way"]);
});

Deno.test("a call that was placed by REST is served as one that came in", async () => {
  const answers = spoken("greeting", "of-course");
  await using rig = await SocketRig.start({ model: { script: { answers } } });
  await using rest = startRest(rig);
  const { sid } = await ask(rest, "Calls.json", {
    To: "+15557770000",
    From: "+15559990000",
    Url: `${PUBLIC_URL}/twilio/voice`,
    StatusCallback: `${PUBLIC_URL}/twilio/status`,
  });
  const call = rig.line.call(sid);
  assert(call);
  const finished = await rig.finish(call);
  assertUnbroken(finished);
  const { direction, to, ending, turns } = finished.record;
  assertEquals({ direction, to, ending }, {
    direction: "outbound",
    to: "+15557770000",
    ending: "caller-hung-up",
  });
  assertEquals(turns.length, 1);
});

/** Says goodbye when asked to, and something short to all else. */
function saysGoodbyeWhenAsked({ words }: ModelTurn): Answer | undefined {
  return spoken(words.includes("say goodbye") ? "goodbye" : "of-course")[0];
}

Deno.test("a call that reaches MAX_CALL_SECONDS ends on time, its goodbye heard", async () => {
  const clock = scaledClock(4);
  await using rig = await SocketRig.start({
    clock,
    model: { script: { answers: saysGoodbyeWhenAsked } },
    settings: { maxCallSeconds: 30 },
  });
  const finished = await rig.call([untilEnded()]);
  const { report, record, session } = finished;
  assertUnbroken(finished);
  assert(session);
  const goodbye = session.sent.find(({ text }) => text === AGENT_LINES.goodbye);
  assert(goodbye && answerPlaceMs(goodbye.pcm, report) >= 0);
  assertEquals(record.ending, "time-limit-reached");
  assertAlmostEquals(record.durationMs ?? 0, 30_000, 1_000);
  assertEquals(report.streams[0]?.closedBy, "server");
  assertEquals(report.spoken, [], "nothing is left to say");
  assertEquals(report.endedBy, "twiml");
});
