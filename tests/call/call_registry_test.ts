import { assert, assertEquals, assertFalse } from "@std/assert";
import { CallRegistry } from "../../lib/call/call_registry.ts";
import type { CallOutcome } from "../../lib/call/outcome.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";

const CALL = "CA00000000000000000000000000000001";
const OTHER = "CA00000000000000000000000000000002";
const GOODBYE: CallOutcome = { ending: "agent-hung-up" };

function registry(options: { keptMs?: number; kept?: number } = {}) {
  const clock = new FakeClock();
  return { clock, calls: new CallRegistry({ clock, admissionMs: 60_000, ...options }) };
}

Deno.test("standing() follows a call from its webhook to its end", () => {
  const { calls } = registry();
  assertEquals(calls.standing(CALL), { phase: "unknown" });
  calls.admit(CALL, "<Response/>");
  assertEquals(calls.standing(CALL), { phase: "admitted", document: "<Response/>" });
  assert(calls.start(CALL, () => {}));
  assertEquals(calls.standing(CALL), { phase: "running" });
  assertEquals(calls.running, 1);
  calls.end(CALL, GOODBYE);
  assertEquals(calls.standing(CALL), { phase: "over", outcome: GOODBYE });
  assertEquals(calls.running, 0);
});

Deno.test("admit() keeps the first document when a call is admitted again", () => {
  const { calls } = registry();
  calls.admit(CALL, "first");
  calls.admit(CALL, "second");
  assertEquals(calls.standing(CALL), { phase: "admitted", document: "first" });
});

Deno.test("start() refuses a call that runs or is over [T03]", () => {
  const { calls } = registry();
  calls.admit(CALL, "");
  assert(calls.start(CALL, () => {}));
  assertFalse(calls.start(CALL, () => {}));
  calls.end(CALL, GOODBYE);
  assertFalse(calls.start(CALL, () => {}));
});

Deno.test("start() takes a call that another instance has let in", () => {
  const { calls } = registry();
  assert(calls.start(CALL, () => {}));
});

Deno.test("start() refuses a call whose admission has run out [S06]", async () => {
  const { clock, calls } = registry();
  calls.admit(CALL, "");
  await clock.advance(59_999);
  assertEquals(calls.standing(CALL).phase, "admitted");
  await clock.advance(1);
  assertFalse(calls.start(CALL, () => {}));
  assertEquals(calls.standing(CALL), { phase: "over", outcome: undefined });
});

Deno.test("isIdle is true when no call runs and none may still come", () => {
  const { calls } = registry();
  assert(calls.isIdle);
  calls.admit(CALL, "");
  assertFalse(calls.isIdle);
  calls.start(CALL, () => {});
  assertFalse(calls.isIdle);
  calls.end(CALL, GOODBYE);
  assert(calls.isIdle);
});

Deno.test("isFull() counts running calls and admissions until these run out", async () => {
  const { clock, calls } = registry();
  calls.admit(CALL, "");
  assertFalse(calls.isFull(2));
  calls.start(OTHER, () => {});
  assert(calls.isFull(2));
  await clock.advance(60_000);
  assertFalse(calls.isFull(2));
  calls.end(OTHER, GOODBYE);
  assertFalse(calls.isFull(1));
});

Deno.test("end() keeps the first outcome when a call ends twice", () => {
  const { calls } = registry();
  calls.start(CALL, () => {});
  calls.end(CALL, GOODBYE);
  calls.end(CALL, { ending: "call-failed" });
  assertEquals(calls.standing(CALL), { phase: "over", outcome: GOODBYE });
});

Deno.test("ended() tells a running call and leaves its outcome to itself", () => {
  const { calls } = registry();
  let told = 0;
  calls.start(CALL, () => void told++);
  calls.ended(CALL);
  assertEquals(told, 1);
  assertEquals(calls.standing(CALL), { phase: "running" });
});

Deno.test("ended() keeps a call from starting when it does not run yet [S06]", () => {
  const { calls } = registry();
  calls.admit(CALL, "");
  for (const callSid of [CALL, OTHER]) {
    calls.ended(callSid);
    assertFalse(calls.start(callSid, () => {}));
  }
  assertFalse(calls.isFull(1));
});

Deno.test("ended() changes nothing when the call is over", () => {
  const { calls } = registry();
  calls.start(CALL, () => {});
  calls.end(CALL, GOODBYE);
  calls.ended(CALL);
  assertEquals(calls.standing(CALL), { phase: "over", outcome: GOODBYE });
});

Deno.test("outcomeOf() waits for a running call and answers at once for any other", async () => {
  const { calls } = registry();
  assertEquals(await calls.outcomeOf(CALL), undefined);
  calls.admit(CALL, "");
  assertEquals(await calls.outcomeOf(CALL), undefined);
  calls.start(CALL, () => {});
  let outcome: CallOutcome | undefined;
  calls.outcomeOf(CALL).then((settled) => outcome = settled);
  await settle();
  assertEquals(outcome, undefined);
  calls.end(CALL, GOODBYE);
  await settle();
  assertEquals(outcome, GOODBYE);
  assertEquals(await calls.outcomeOf(CALL), GOODBYE);
});

Deno.test("CallRegistry forgets calls that are over by age and by count", async () => {
  const { clock, calls } = registry({ keptMs: 1_000, kept: 2 });
  const sids = ["CA1", "CA2", "CA3"];
  for (const callSid of sids) calls.ended(callSid);
  assertEquals(sids.map((callSid) => calls.standing(callSid).phase), ["unknown", "over", "over"]);
  await clock.advance(1_000);
  assertEquals(calls.standing("CA3"), { phase: "unknown" });
});
