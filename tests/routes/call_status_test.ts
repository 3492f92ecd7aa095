import { assert, assertEquals, assertFalse } from "@std/assert";
import { notePlaced } from "../../routes/unanswered_calls.ts";
import { RICH_CALL } from "../support/kept_calls.ts";
import { AGENT, ServedApp, VOICE_FORM } from "./served_app.ts";

/** Whether the stream of the call may still come. */
async function mayStart(app: ServedApp): Promise<boolean> {
  return (await app.post("/twilio/voice", VOICE_FORM)).body.includes("<Connect");
}

Deno.test("answerCallStatus() ends a call in every final state and in no other", async () => {
  const final = ["completed", "busy", "failed", "no-answer", "canceled"];
  const others = ["queued", "initiated", "ringing", "in-progress", "unheard"];
  for (const CallStatus of [...final, ...others]) {
    await using app = await ServedApp.start();
    await app.admit();
    const { status, body } = await app.post("/twilio/status", { ...VOICE_FORM, CallStatus });
    assertEquals([status, body], [204, ""]);
    assertEquals(await mayStart(app), others.includes(CallStatus));
  }
});

Deno.test("answerCallStatus() only goes forward when reports come doubled and reversed [K04]", async () => {
  await using app = await ServedApp.start();
  await app.admit();
  assert(await mayStart(app));
  for (const CallStatus of ["completed", "completed", "in-progress", "ringing"]) {
    await app.post("/twilio/status", { ...VOICE_FORM, CallStatus });
    assertFalse(await mayStart(app));
  }
});

Deno.test("answerCallStatus() keeps a record of a call that we placed and nobody answered, once", async () => {
  const endings = {
    busy: "busy",
    "no-answer": "no-answer",
    failed: "not-connected",
    canceled: "canceled",
    ringing: undefined,
    completed: undefined,
  };
  for (const [CallStatus, ending] of Object.entries(endings)) {
    await using app = await ServedApp.start();
    const callSid = VOICE_FORM.CallSid;
    const form = { ...VOICE_FORM, CallStatus, Direction: "outbound-api", To: "+14155550123" };
    await app.post("/twilio/status", form);
    assertEquals(await app.records.get(callSid), undefined, "it is none of ours");
    // Another instance has placed it.
    notePlaced(callSid, { ...app, agent: "default" });
    const placedEpochMs = app.clock.epochMs();
    await app.clock.advance(30_000);
    await app.post("/twilio/status", { ...form, Direction: "inbound" });
    assertEquals(await app.records.get(callSid), undefined, "somebody calls us");
    for (let time = 0; time < 2; time++) await app.post("/twilio/status", form);
    const record = await app.records.get(callSid);
    assertEquals(record?.ending, ending);
    const { calls } = await app.records.list({ limit: 9 });
    assertEquals(calls.length, ending === undefined ? 0 : 1);
    if (!record) continue;
    const { from, to, direction, agent, answeredEpochMs, durationMs, keepDays } = record;
    assertEquals([from, to, direction], [VOICE_FORM.From, "+14155550123", "outbound"]);
    assertEquals([agent, answeredEpochMs, durationMs], ["default", placedEpochMs, 0]);
    assertEquals(keepDays, AGENT.records.keepDays);
  }
});

Deno.test("answerCallStatus() leaves the record of a call that was answered as it is", async () => {
  await using app = await ServedApp.start();
  const callSid = VOICE_FORM.CallSid;
  notePlaced(callSid, { ...app, agent: "default" });
  const answered = { ...RICH_CALL, callSid };
  app.records.save(answered);
  const form = { ...VOICE_FORM, CallStatus: "no-answer", Direction: "outbound-api" };
  await app.post("/twilio/status", form);
  assertEquals(await app.records.get(callSid), answered);
});

Deno.test("answerCallStatus() answers 400 when a field is missing", async () => {
  await using app = await ServedApp.start();
  const { CallStatus: _, ...form } = VOICE_FORM;
  assertEquals((await app.post("/twilio/status", form)).status, 400);
});
