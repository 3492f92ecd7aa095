import { assert, assertEquals, assertFalse } from "@std/assert";
import type { Admission } from "../../lib/admission/books.ts";
import { CallRegistry, type EndRun } from "../../lib/admission/call_registry.ts";
import type { CallOutcome } from "../../lib/call/outcome.ts";
import { createLog } from "../../lib/log.ts";
import type { Store } from "../../lib/store/store.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { countingIds } from "../support/counting_ids.ts";

const CALL = "CA00000000000000000000000000000001";
const OTHER = "CA00000000000000000000000000000002";
const CALLER = "+15550001111";
const GOODBYE: CallOutcome = { ending: "agent-hung-up" };
const LOST: CallOutcome = { ending: "line-lost" };

function registry(
  options: { store?: Store; maxCalls?: number; maxCallsPerCaller?: number; clock?: FakeClock } = {},
) {
  const { clock = new FakeClock(), store, maxCalls = 10, maxCallsPerCaller = 10 } = options;
  const calls = new CallRegistry({
    clock,
    ids: countingIds(),
    log: createLog({ level: "error", clock, write: () => {} }),
    numbers: { maxCalls, maxCallsPerCaller },
    store,
  });
  const admit = (callSid = CALL, caller = CALLER) =>
    calls.admit({
      callSid,
      caller,
      isOpen: true,
      document: (term) => `${callSid} ${term}`,
    });
  const start = (callSid = CALL, stream: { term?: number; end?: EndRun } = {}) =>
    calls.start(callSid, { term: 1, caller: CALLER, end: () => {}, ...stream });
  const comeBack = (callSid = CALL) => calls.readmit(callSid, (term) => `${callSid} ${term}`);
  return { clock, calls, admit, start, comeBack };
}

/** What the webhook of a call is answered with. */
function documentOf(admission: Admission): string | undefined {
  return admission.type === "admitted" ? admission.entry.document : undefined;
}

Deno.test("admit() lets a call in once and gives its document again until its stream is open [T03]", async () => {
  const { calls, admit, start } = registry();
  const first = await admit();
  assertEquals(first.type === "admitted" && first.isNew, true);
  const again = await admit();
  assertEquals(again.type === "admitted" && again.isNew, false);
  assertEquals(documentOf(again), documentOf(first));
  assert(await start());
  assertEquals(await admit(), { type: "refused", phase: "running" });
  assertEquals(calls.running, 1);
  await calls.end(CALL, GOODBYE);
  assertEquals(await admit(), { type: "refused", phase: "over" });
  assertEquals(calls.running, 0);
});

Deno.test("start() refuses a call that is starting, runs or is over [T03]", async () => {
  const { calls, admit, start } = registry();
  await admit();
  assertEquals(await Promise.all([start(), start(), start()]), [true, false, false]);
  assertFalse(await start());
  await calls.end(CALL, GOODBYE);
  assertFalse(await start());
});

Deno.test("start() takes a call that another instance has let in, in its own term only", async () => {
  const { start } = registry();
  assert(await start());
  const { admit, start: startHere } = registry();
  await admit();
  assertFalse(await startHere(CALL, { term: 2 }));
  assert(await startHere());
});

Deno.test("start() refuses a call whose admission has run out, whatever the wall clock says [S06 K03]", async () => {
  for (const jumpMs of [-3_600_000, 0, 3_600_000]) {
    const { clock, admit, start, calls } = registry();
    await admit();
    await admit(OTHER);
    clock.jumpWallClock(jumpMs);
    await clock.advance(59_999);
    assert(await start(OTHER));
    await clock.advance(1);
    assertFalse(await start());
    assertFalse(calls.isIdle);
    assertFalse(await start());
    assertEquals(await admit(), { type: "refused", phase: "over" });
  }
});

Deno.test("isIdle is true when no call runs and none may still come", async () => {
  const { calls, admit, start, clock } = registry();
  assert(calls.isIdle);
  await admit();
  assertFalse(calls.isIdle);
  await start();
  assertFalse(calls.isIdle);
  await calls.end(CALL, GOODBYE);
  assert(calls.isIdle);
  await admit(OTHER);
  await clock.advance(60_000);
  assert(calls.isIdle);
});

Deno.test("admit() counts running calls and admissions until these run out [P08]", async () => {
  const { clock, calls, admit, start } = registry({ maxCalls: 2 });
  await admit();
  await start(OTHER);
  assert(calls.isFull);
  assertEquals(await admit("CA3"), { type: "turned-away", reason: "full" });
  await clock.advance(60_000);
  assertFalse(calls.isFull);
  assertEquals((await admit("CA3")).type, "admitted");
  await calls.end(OTHER, GOODBYE);
  assertEquals((await admit("CA4")).type, "admitted");
});

Deno.test("admit() counts the calls of each caller, and nobody's who does not say who calls", async () => {
  const { calls, admit, start } = registry({ maxCallsPerCaller: 2 });
  await admit("CA1");
  await start("CA1");
  await admit("CA2");
  assertEquals(await admit("CA3"), { type: "turned-away", reason: "caller-full" });
  assertEquals((await admit("CA4", "+15550002222")).type, "admitted");
  for (const [n, caller] of ["", "anonymous", "Anonymous", "", "unknown"].entries()) {
    assertEquals((await admit(`CA1${n}`, caller)).type, "admitted");
  }
  await calls.end("CA1", GOODBYE);
  assertEquals((await admit("CA3")).type, "admitted");
});

Deno.test("end() keeps the first outcome when a call ends twice, or in another order [K04]", async () => {
  const { calls, start } = registry();
  await start();
  await calls.ended(CALL);
  await calls.end(CALL, GOODBYE);
  await calls.end(CALL, { ending: "call-failed" });
  await calls.ended(CALL);
  assertEquals(await calls.streamEnded(CALL), GOODBYE);
});

Deno.test("ended() tells a running call and leaves its outcome to itself", async () => {
  const { calls, start } = registry();
  const told: string[] = [];
  await start(CALL, { end: (how) => void told.push(how) });
  await calls.ended(CALL);
  assertEquals(told, ["hung-up"]);
  assertEquals(calls.running, 1);
});

Deno.test("ended() keeps a call from starting when it does not run yet [S06]", async () => {
  const { calls, admit, start } = registry();
  await admit();
  for (const callSid of [CALL, OTHER]) {
    await calls.ended(callSid);
    assertFalse(await start(callSid));
  }
  assert(calls.isIdle);
});

Deno.test("streamEnded() tells a running call, waits up to 2 s for its outcome, and for no other", async () => {
  const { calls, admit, start, clock } = registry();
  assertEquals(await calls.streamEnded(CALL), undefined);
  await admit();
  assertEquals(await calls.streamEnded(CALL), undefined);
  const told: string[] = [];
  await start(CALL, { end: (how) => void told.push(how) });
  let outcome: CallOutcome | undefined;
  calls.streamEnded(CALL).then((settled) => outcome = settled);
  await clock.advance(1_999);
  assertEquals(outcome, undefined);
  assertEquals(told, ["lost"]);
  await calls.end(CALL, LOST);
  await settle();
  assertEquals(outcome, LOST);
  assertEquals(await calls.streamEnded(CALL), LOST);
  await start(OTHER);
  const late = calls.streamEnded(OTHER);
  await clock.advance(2_000);
  assertEquals(await late, undefined);
  assertEquals(clock.pendingTimers, 0);
});

Deno.test("readmit() lets a call in again that came apart, as the next term, and no other term starts", async () => {
  const { calls, admit, start, comeBack } = registry();
  await admit();
  await start();
  await calls.end(CALL, LOST);
  assertEquals(await admit(), { type: "refused", phase: "lost" });
  assertFalse(await start());
  const back = await comeBack();
  assertEquals(documentOf(back), `${CALL} 2`);
  assertEquals(documentOf(await admit()), `${CALL} 2`);
  assertFalse(await start(CALL, { term: 1 }));
  assert(await start(CALL, { term: 2 }));
});

Deno.test("readmit() refuses a call that ended or was never let in", async () => {
  const { calls, admit, start, comeBack } = registry();
  assertEquals((await comeBack()).type, "refused");
  for (const ending of ["agent-hung-up", "caller-hung-up", "time-limit-reached"] as const) {
    const callSid = `CA-${ending}`;
    await admit(callSid);
    await start(callSid);
    await calls.end(callSid, { ending });
    assertEquals((await comeBack(callSid)).type, "refused");
  }
  await admit();
  await calls.ended(CALL);
  assertEquals((await comeBack()).type, "refused");
});

Deno.test("readmit() ends a call with the fifth come-back within a minute, and with no slower one", async () => {
  for (const [everyMs, most] of [[10_000, 4], [16_000, 20]] as const) {
    const { clock, calls, admit, start, comeBack } = registry();
    await admit();
    let back: Admission["type"] = "admitted", times = 0;
    for (; back === "admitted" && times < 20; times++) {
      await start(CALL, { term: times + 1 });
      await clock.advance(everyMs);
      await calls.end(CALL, LOST);
      back = (await comeBack()).type;
    }
    assertEquals(times, most === 20 ? 20 : most + 1);
    if (most !== 4) continue;
    assertEquals(back, "too-often");
    assertEquals((await comeBack()).type, "refused");
  }
});
