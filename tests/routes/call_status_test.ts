import { assertEquals } from "@std/assert";
import { CALL_SID, ServedApp, VOICE_FORM } from "./served_app.ts";

Deno.test("answerCallStatus() ends a call in every final state and in no other", async () => {
  const phases = {
    queued: "admitted",
    initiated: "admitted",
    ringing: "admitted",
    "in-progress": "admitted",
    unheard: "admitted",
    completed: "over",
    busy: "over",
    failed: "over",
    "no-answer": "over",
    canceled: "over",
  };
  for (const [CallStatus, phase] of Object.entries(phases)) {
    await using app = await ServedApp.start();
    await app.admit();
    const { status, body } = await app.post("/twilio/status", { ...VOICE_FORM, CallStatus });
    assertEquals([status, body], [204, ""]);
    assertEquals(app.calls.standing(CALL_SID).phase, phase);
  }
});

Deno.test("answerCallStatus() only goes forward when reports come doubled and reversed", async () => {
  await using app = await ServedApp.start();
  await app.admit();
  for (const CallStatus of ["completed", "completed", "in-progress", "ringing"]) {
    await app.post("/twilio/status", { ...VOICE_FORM, CallStatus });
    assertEquals(app.calls.standing(CALL_SID).phase, "over");
  }
});

Deno.test("answerCallStatus() answers 400 when a field is missing", async () => {
  await using app = await ServedApp.start();
  const { CallStatus: _, ...form } = VOICE_FORM;
  assertEquals((await app.post("/twilio/status", form)).status, 400);
});
