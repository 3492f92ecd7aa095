import { assert, assertEquals, assertFalse } from "@std/assert";
import { ServedApp, VOICE_FORM } from "./served_app.ts";

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

Deno.test("answerCallStatus() answers 400 when a field is missing", async () => {
  await using app = await ServedApp.start();
  const { CallStatus: _, ...form } = VOICE_FORM;
  assertEquals((await app.post("/twilio/status", form)).status, 400);
});
