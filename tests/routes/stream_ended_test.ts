import { assertEquals, assertStringIncludes } from "@std/assert";
import { CallRegistry } from "../../lib/call/call_registry.ts";
import type { CallEnding } from "../../lib/call/outcome.ts";
import { createLog } from "../../lib/log.ts";
import { answerStreamEnded } from "../../routes/stream_ended.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { CALL_SID, ServedApp, VOICE_FORM } from "./served_app.ts";

const HANG_UP = '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>';
const FORM = [["CallSid", CALL_SID]] as const;

function desk(fallbackNumber?: string) {
  const clock = new FakeClock();
  const calls = new CallRegistry({ clock });
  const log = createLog({ level: "error", clock, write: () => {} });
  const ask = async () =>
    (await answerStreamEnded(FORM, { calls, clock, fallbackNumber, log })).text();
  return { clock, calls, ask };
}

Deno.test("answerStreamEnded() hangs up after a call that came to its end", async () => {
  const settled: CallEnding[] = ["agent-hung-up", "caller-hung-up", "time-limit-reached"];
  for (const ending of settled) {
    const { calls, ask } = desk();
    calls.start(CALL_SID, () => {});
    calls.end(CALL_SID, { ending });
    assertEquals(await ask(), HANG_UP);
  }
});

Deno.test("answerStreamEnded() apologises and hands over after a call that failed [T11]", async () => {
  const failed: CallEnding[] = ["line-lost", "model-failed", "server-stopped", "call-failed"];
  for (const ending of failed) {
    const { calls, ask } = desk("+15559990000");
    calls.start(CALL_SID, () => {});
    calls.end(CALL_SID, { ending });
    const document = await ask();
    assertStringIncludes(document, "<Say>Sorry, ");
    assertStringIncludes(document, "</Say><Dial>+15559990000</Dial><Hangup/></Response>");
  }
});

Deno.test("answerStreamEnded() apologises at once when the call never ran here", async () => {
  const { clock, calls, ask } = desk();
  assertStringIncludes(await ask(), "<Say>Sorry, ");
  calls.admit(CALL_SID, "");
  assertStringIncludes(await ask(), "</Say><Hangup/></Response>");
  assertEquals(clock.nowMs(), 0);
});

Deno.test("answerStreamEnded() waits up to 2 s for a call that is about to end", async () => {
  const { clock, calls, ask } = desk();
  calls.start(CALL_SID, () => {});
  const asked = ask();
  await clock.advance(1_999);
  calls.end(CALL_SID, { ending: "agent-hung-up" });
  assertEquals(await asked, HANG_UP);
  assertEquals(clock.pendingTimers, 0);
});

Deno.test("answerStreamEnded() apologises when the call has not ended after 2 s", async () => {
  const { clock, calls, ask } = desk();
  calls.start(CALL_SID, () => {});
  const asked = ask();
  await settle();
  await clock.advance(2_000);
  assertStringIncludes(await asked, "<Say>Sorry, ");
});

Deno.test("answerStreamEnded() answers Twilio on its route", async () => {
  await using app = await ServedApp.start();
  const { status, headers, body } = await app.post("/twilio/stream-ended", VOICE_FORM);
  assertEquals(status, 200);
  assertEquals(headers.get("content-type"), "text/xml");
  assertStringIncludes(body, "<Say>Sorry, ");
});
