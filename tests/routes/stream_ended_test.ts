import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import { CallRegistry } from "../../lib/admission/call_registry.ts";
import type { CallEnding } from "../../lib/call/outcome.ts";
import { createLog } from "../../lib/log.ts";
import { SnapshotStore } from "../../lib/records/snapshot_store.ts";
import type { PatientStore } from "../../lib/store/patient_store.ts";
import { StreamTokens } from "../../lib/twilio/stream_token.ts";
import { answerStreamEnded } from "../../routes/stream_ended.ts";
import { countingIds } from "../support/counting_ids.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { absentStore, memoryStore } from "../support/memory_store.ts";
import { snapshotOf } from "../support/snapshot.ts";
import { CALL_SID, PUBLIC_URL, ServedApp, tokenIn, VOICE_FORM } from "./served_app.ts";

const HANG_UP = '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>';
const ACCOUNT = "AC" + "2".repeat(32);
const FORM = [["CallSid", CALL_SID], ["AccountSid", ACCOUNT]] as const;

/** What the routes of one instance share. */
function desk(
  options: {
    fallbackNumber?: string;
    isStopping?: boolean;
    clock?: FakeClock;
    store?: PatientStore;
    seed?: number;
  } = {},
) {
  const { clock = new FakeClock() } = options;
  const ids = countingIds(options.seed);
  const log = createLog({ level: "error", clock, write: () => {} });
  const numbers = { maxCalls: 9, maxCallsPerCaller: 9 };
  const calls = new CallRegistry({ clock, ids, log, numbers, store: options.store?.within() });
  const store = options.store ?? memoryStore(clock);
  const snapshots = new SnapshotStore({ clock, store });
  const prepared: string[] = [];
  const deps = {
    calls,
    snapshots,
    log,
    origin: PUBLIC_URL,
    fallbackNumber: options.fallbackNumber,
    tokens: new StreamTokens({ secret: "12345", clock, ids }),
    agents: { get: () => undefined, forNumber: () => undefined },
    isStopping: () => options.isStopping ?? false,
    prepare: ({ callSid }: { callSid: string }) => void prepared.push(callSid),
  };
  const ask = async (query?: { again?: string }) =>
    (await answerStreamEnded(FORM, deps, query)).text();
  const run = (end = () => {}) => calls.start(CALL_SID, { term: 1, caller: "", end });
  return { clock, calls, snapshots, ask, run, prepared, store };
}

Deno.test("answerStreamEnded() hangs up after a call that came to its end", async () => {
  const settled: CallEnding[] = ["agent-hung-up", "caller-hung-up", "time-limit-reached"];
  for (const ending of settled) {
    const { calls, snapshots, ask, run } = desk();
    await run();
    snapshots.save(snapshotOf(CALL_SID));
    await calls.end(CALL_SID, { ending });
    assertEquals(await ask(), HANG_UP);
  }
});

Deno.test("answerStreamEnded() apologises and hands over after a call that failed", async () => {
  const failed: CallEnding[] = ["model-failed", "server-stopped", "call-failed"];
  for (const ending of failed) {
    const { calls, snapshots, ask, run } = desk({ fallbackNumber: "+15559990000" });
    await run();
    snapshots.save(snapshotOf(CALL_SID));
    await calls.end(CALL_SID, { ending });
    const document = await ask();
    assertFalse(document.includes("<Connect "));
    assertStringIncludes(document, "<Say>Sorry, ");
    assertStringIncludes(document, "</Say><Dial>+15559990000</Dial><Hangup/></Response>");
    assertEquals((await calls.readmit(CALL_SID, () => "")).type, "refused");
  }
});

Deno.test("answerStreamEnded() lets a call go on whose line was lost, or that was handed over [T11]", async () => {
  for (const ending of ["line-lost", "handed-over"] as const) {
    const { calls, snapshots, ask, run, prepared } = desk();
    await run();
    snapshots.save(snapshotOf(CALL_SID));
    await calls.end(CALL_SID, { ending });
    const document = await ask();
    assertMatch(document, /<Connect action=.*<Stream url="wss:.*name="token"/);
    assert(tokenIn(document));
    assertEquals(prepared, [CALL_SID]);
  }
});

Deno.test("answerStreamEnded() lets a call go on that another instance had, with what that kept [P06]", async () => {
  const clock = new FakeClock();
  const store = memoryStore(clock);
  const [a, b] = [desk({ clock, store, seed: 1 }), desk({ clock, store, seed: 2 })];
  await a.calls.admit({ callSid: CALL_SID, caller: "", isOpen: true, document: () => "" });
  await a.run();
  a.snapshots.save(snapshotOf(CALL_SID));
  await store.flush(1_000);
  assertStringIncludes(await b.ask(), "<Connect ");
  assertEquals(b.prepared, [CALL_SID]);
  assertEquals((await b.snapshots.latest(CALL_SID))?.handle, "handle-1");
  await clock.advance(300_000);
  assertEquals(await b.snapshots.latest(CALL_SID), undefined, "too old to go on from");
  await a.calls.close();
  await b.calls.close();
  store.close();
});

Deno.test("answerStreamEnded() lets a call go on whatever the wall clock of the other instance says [K03]", async () => {
  for (const jumpMs of [-3_600_000, 3_600_000]) {
    const clock = new FakeClock();
    const store = memoryStore(clock);
    const [a, b] = [desk({ clock, store, seed: 1 }), desk({ clock, store, seed: 2 })];
    await a.calls.admit({ callSid: CALL_SID, caller: "", isOpen: true, document: () => "" });
    await a.run();
    a.snapshots.save({ ...snapshotOf(CALL_SID), takenEpochMs: clock.epochMs() });
    await store.flush(1_000);
    clock.jumpWallClock(jumpMs);
    assertStringIncludes(await b.ask(), "<Connect ");
    assertEquals((await b.snapshots.latest(CALL_SID))?.handle, "handle-1");
    for (const { calls } of [a, b]) await calls.close();
    store.close();
  }
});

Deno.test("answerStreamEnded() has Twilio ask again, three times, while the store that may know the call is away [P06]", async () => {
  const clock = new FakeClock();
  const store = absentStore(clock);
  await clock.advance(1_000);
  const nextOf = { "0": "1", "1": "2", "2": "3", "3": undefined, "many": undefined };
  for (const [again, next] of Object.entries(nextOf)) {
    const { ask, calls, prepared } = desk({ clock, store });
    const asked = ask(again === "0" ? {} : { again });
    await clock.advance(2_000);
    const url = `${PUBLIC_URL}/twilio/stream-ended?again=${next}#rc=5`;
    const words = next ? `<Pause length="1"/><Redirect>${url}` : "<Say>Sorry, ";
    assertStringIncludes(await asked, words);
    assertEquals(prepared, []);
    await calls.close();
  }
  store.close();
});

Deno.test("answerStreamEnded() does not let a call go on that has said goodbye", async () => {
  const { calls, snapshots, ask, run } = desk();
  await run();
  snapshots.save({ ...snapshotOf(CALL_SID), isLeaving: true });
  await calls.end(CALL_SID, { ending: "line-lost" });
  assertEquals(await ask(), HANG_UP);
});

Deno.test("answerStreamEnded() ends a call politely that comes back for the fifth time in a minute", async () => {
  const { calls, snapshots, ask, run, clock } = desk();
  await run();
  for (let term = 1; term <= 5; term++) {
    snapshots.save(snapshotOf(CALL_SID));
    await calls.end(CALL_SID, { ending: "line-lost" });
    const document = await ask();
    assertEquals(document.includes("<Connect"), term < 5);
    assertEquals(document.includes("<Say>Sorry, the line keeps breaking"), term === 5);
    await calls.start(CALL_SID, { term: term + 1, caller: "", end: () => {} });
    await clock.advance(5_000);
  }
  assertEquals(await ask(), HANG_UP);
});

Deno.test("answerStreamEnded() has Twilio ask again, elsewhere, when this server hands its calls over", async () => {
  const { calls, snapshots, ask, run } = desk({ isStopping: true });
  await run();
  snapshots.save(snapshotOf(CALL_SID));
  await calls.end(CALL_SID, { ending: "handed-over" });
  assertStringIncludes(
    await ask(),
    '<Pause length="1"/><Redirect>https://phone.example.com/twilio/stream-ended#rc=5&amp;',
  );
});

Deno.test("answerStreamEnded() apologises at once when the call is not known, and begins anew one that never ran", async () => {
  const { clock, calls, ask, prepared } = desk();
  const document = await ask();
  assertFalse(document.includes("<Connect "));
  assertStringIncludes(document, "</Say><Hangup/></Response>");
  const another = desk();
  await another.calls.admit({ callSid: CALL_SID, caller: "", isOpen: true, document: () => "" });
  assertStringIncludes(await another.ask(), "<Connect ");
  assertEquals(another.prepared, [CALL_SID]);
  assertEquals(prepared, []);
  assertEquals(calls.running, 0);
  assertEquals(clock.nowMs(), 0);
});

Deno.test("answerStreamEnded() waits up to 2 s for a call that is about to end", async () => {
  const { clock, calls, ask, run } = desk();
  await run();
  const asked = ask();
  await clock.advance(1_999);
  await calls.end(CALL_SID, { ending: "agent-hung-up" });
  assertEquals(await asked, HANG_UP);
  assertEquals(clock.pendingTimers, 0);
});

Deno.test("answerStreamEnded() does not wait for longer than 2 s for a call that does not end", async () => {
  const { clock, ask, run } = desk();
  await run();
  const asked = ask();
  await settle();
  await clock.advance(2_000);
  assertStringIncludes(await asked, "<Connect ");
});

Deno.test("answerStreamEnded() answers Twilio on its route", async () => {
  await using app = await ServedApp.start();
  const { status, headers, body } = await app.post("/twilio/stream-ended", VOICE_FORM);
  assertEquals(status, 200);
  assertEquals(headers.get("content-type"), "text/xml");
  assertStringIncludes(body, "<Say>Sorry, ");
});
