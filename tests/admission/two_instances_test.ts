/** Instances that share a store, on one clock each. */
import { assert, assertEquals, assertFalse, assertLessOrEqual } from "@std/assert";
import { CallRegistry, type EndRun } from "../../lib/admission/call_registry.ts";
import { createLog } from "../../lib/log.ts";
import { MemoryStore } from "../../lib/store/memory_store.ts";
import { PatientStore } from "../../lib/store/patient_store.ts";
import type { OpenStore, Store } from "../../lib/store/store.ts";
import { countingIds } from "../support/counting_ids.ts";
import { FakeClock } from "../support/fake_clock.ts";

const CALL = "CA1";

interface Instance {
  readonly calls: CallRegistry;
  readonly logged: string[];
  admit(callSid?: string, caller?: string): ReturnType<CallRegistry["admit"]>;
  start(term?: number, end?: EndRun): Promise<boolean>;
  comeBack(): ReturnType<CallRegistry["readmit"]>;
}

function instance(
  seed: number,
  { clock, store, maxCalls = 50, maxCallsPerCaller = 50 }: {
    clock: FakeClock;
    store: Store;
    maxCalls?: number;
    maxCallsPerCaller?: number;
  },
): Instance {
  const logged: string[] = [];
  const calls = new CallRegistry({
    clock,
    ids: countingIds(seed),
    log: createLog({ level: "info", clock, write: (line) => logged.push(line) }),
    numbers: { maxCalls, maxCallsPerCaller },
    store,
  });
  return {
    calls,
    logged,
    admit: (callSid = CALL, caller = "+15550001111") =>
      calls.admit({
        callSid,
        caller,
        isOpen: true,
        document: (term) => `${seed} ${callSid} ${term}`,
      }),
    start: (term = 1, end = () => {}) => calls.start(CALL, { term, caller: "", end }),
    comeBack: () => calls.readmit(CALL, (term) => `${seed} ${term}`),
  };
}

/** Two instances with room for all. */
function twoInstances() {
  const clock = new FakeClock();
  const store = new MemoryStore({ clock });
  return { clock, a: instance(1, { clock, store }), b: instance(2, { clock, store }) };
}

/** Closes what two instances have open. */
async function close(clock: FakeClock, ...instances: Instance[]): Promise<void> {
  for (const { calls } of instances) await calls.close();
  assertEquals(clock.pendingTimers, 0);
}

Deno.test("two instances let in exactly as many of 100 calls at once as there is room for [P09]", async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const clock = new FakeClock();
    const store = new MemoryStore({ clock });
    const [a, b] = [instance(seed, { clock, store }), instance(seed + 50, { clock, store })];
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, n) => (n % 2 ? a : b).admit(`CA${n}`, `+1555${n}`)),
    );
    assertEquals(answers.filter(({ type }) => type === "admitted").length, 50);
    assertEquals(
      answers.filter((answer) => answer.type === "turned-away" && answer.reason === "full").length,
      50,
    );
    await close(clock, a, b);
  }
});

Deno.test("two instances let in exactly as many calls of one caller at once as they may make", async () => {
  const clock = new FakeClock();
  const store = new MemoryStore({ clock });
  const limits = { clock, store, maxCallsPerCaller: 3 };
  const [a, b] = [instance(1, limits), instance(2, limits)];
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, n) => (n % 2 ? a : b).admit(`CA${n}`)),
  );
  assertEquals(answers.filter(({ type }) => type === "admitted").length, 3);
  assertEquals((await b.admit("CA99", "+15550002222")).type, "admitted");
  await close(clock, a, b);
});

Deno.test("a webhook that is repeated to another instance gets its document, and no new one later [S07]", async () => {
  const { clock, a, b } = twoInstances();
  const first = await a.admit();
  const again = await b.admit();
  assert(first.type === "admitted" && again.type === "admitted");
  assertEquals(again.entry.document, first.entry.document);
  assertFalse(again.isNew);
  assert(await b.start());
  assertEquals((await a.admit()).type, "refused");
  await b.calls.end(CALL, { ending: "agent-hung-up" });
  await clock.advance(3_600_000);
  assertEquals(await a.admit(), { type: "refused", phase: "over" });
  assertEquals(await b.admit(), { type: "refused", phase: "over" });
  await close(clock, a, b);
});

Deno.test("two streams of one call start once, on one of two instances [S06 T03]", async () => {
  const { clock, a, b } = twoInstances();
  await a.admit();
  const started = await Promise.all([a.start(), b.start(), a.start(), b.start()]);
  assertEquals(started.filter(Boolean).length, 1);
  await close(clock, a, b);
});

Deno.test("a stream that did not come to one instance in time may not come to another [S06]", async () => {
  const { clock, a, b } = twoInstances();
  await a.admit();
  await clock.advance(60_000);
  assert(a.calls.isIdle, "it is looked at");
  await clock.advance(5_000);
  assertFalse(await b.start());
  await close(clock, a, b);
});

Deno.test("a call goes on where it comes back to, and what the first instance still says of it is old [P06]", async () => {
  const { clock, a, b } = twoInstances();
  await a.admit();
  await a.start();
  const back = await b.comeBack();
  assert(back.type === "admitted");
  assertEquals(back.entry.document, "2 2");
  assertFalse(await b.start(1));
  assert(await b.start(2));
  await a.calls.end(CALL, { ending: "agent-hung-up" });
  assertEquals((await a.comeBack()).type, "admitted", "the second run is what counts");
  await close(clock, a, b);
});

Deno.test("a call that was lost keeps its place for a minute, and its caller may call anew", async () => {
  const clock = new FakeClock();
  const limits = { clock, store: new MemoryStore({ clock }), maxCalls: 2, maxCallsPerCaller: 1 };
  const [a, b] = [instance(1, limits), instance(2, limits)];
  await a.admit();
  await a.start();
  await a.calls.end(CALL, { ending: "line-lost" });
  assertEquals((await b.admit("CA2")).type, "admitted");
  assertEquals(await b.admit("CA3", "+15550009999"), { type: "turned-away", reason: "full" });
  await clock.advance(60_000);
  assertEquals((await b.admit("CA4", "+15550009999")).type, "admitted");
  await close(clock, a, b);
});

Deno.test("a call that ended on one instance does not come back to another", async () => {
  const { clock, a, b } = twoInstances();
  await a.admit();
  await a.start();
  await a.calls.end(CALL, { ending: "agent-hung-up" });
  assertEquals((await b.comeBack()).type, "refused");
  await close(clock, a, b);
});

/** A store that is absent or slow while it is told so. */
function weakStore(clock: FakeClock) {
  const memory = new MemoryStore({ clock });
  let delayMs = 0;
  const later = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (delayMs === Infinity) throw new Error("the store is away");
    if (delayMs > 0) {
      await new Promise<void>((resolve) => clock.at(clock.nowMs() + delayMs, resolve));
    }
    return await ask();
  };
  const store: OpenStore = {
    get: (key) => later(() => memory.get(key)),
    list: (prefix, options) => later(() => memory.list(prefix, options)),
    commit: (changes, checks) => later(() => memory.commit(changes, checks)),
    close: () => memory.close(),
  };
  return { store, memory, becomes: (ms: number) => void (delayMs = ms) };
}

Deno.test("the places of an instance that died are free again after a minute, and its callers keep theirs until then", async () => {
  const clock = new FakeClock();
  const { store, memory, becomes } = weakStore(clock);
  const a = instance(1, { clock, store, maxCalls: 1 });
  const b = instance(2, { clock, store: memory, maxCalls: 1 });
  await a.admit();
  await a.start();
  await clock.advance(30_000);
  becomes(Infinity);
  assertEquals((await b.admit("CA2")).type, "turned-away");
  await clock.advance(54_000);
  assertEquals((await b.admit("CA3")).type, "turned-away");
  assertEquals((await b.comeBack()).type, "admitted");
  assert(await b.start(2));
  await clock.advance(60_000);
  assertEquals((await b.admit("CA4")).type, "turned-away", "the call is alive here");
  await b.calls.end(CALL, { ending: "agent-hung-up" });
  assertEquals((await b.admit("CA5")).type, "admitted");
  await close(clock, a, b);
});

Deno.test("the places of an instance that died are free after a minute when nobody comes back", async () => {
  const clock = new FakeClock();
  const { store, memory, becomes } = weakStore(clock);
  const a = instance(1, { clock, store, maxCalls: 1 });
  const b = instance(2, { clock, store: memory, maxCalls: 1 });
  await a.admit();
  await a.start();
  becomes(Infinity);
  await clock.advance(60_000);
  assertEquals((await b.admit("CA2")).type, "admitted");
  await close(clock, a, b);
});

Deno.test("a webhook is answered within a second while the store is slow or away, and all is told later [K01]", async () => {
  for (const delayMs of [3_000, Infinity]) {
    const clock = new FakeClock();
    const { store, memory, becomes } = weakStore(clock);
    const log = createLog({ level: "error", clock, write: () => {} });
    const patient = new PatientStore({ open: () => Promise.resolve(store), clock, log });
    const a = instance(1, { clock, store: patient.within(300), maxCalls: 40 });
    becomes(delayMs);
    const answeredMs: number[] = [];
    const types: string[] = [];
    for (let n = 0; n < 100; n++) {
      const askedMs = clock.nowMs();
      a.admit(`CA${n}`, `+1555${n}`).then(({ type }) => {
        types.push(type);
        answeredMs.push(clock.nowMs() - askedMs);
      });
      await clock.advance(10);
    }
    await clock.advance(1_000);
    assertEquals(answeredMs.length, 100);
    for (const ms of answeredMs) assertLessOrEqual(ms, 1_000);
    assertEquals(types.filter((type) => type === "admitted").length, 40, "its own books count");
    becomes(0);
    await clock.advance(20_000);
    const b = instance(2, { clock, store: memory, maxCalls: 40 });
    assertEquals((await b.admit("CA0")).type, "admitted", "its document is known here too");
    assertEquals((await b.admit("CA0")).type, "admitted");
    await a.calls.close();
    await b.calls.close();
    patient.close();
    await clock.advance(10_000);
    assertEquals(clock.pendingTimers, 0);
  }
});

Deno.test("a call that begins and ends while the store is away is over for all when it is back [K01 K04]", async () => {
  const clock = new FakeClock();
  const { store, memory, becomes } = weakStore(clock);
  const a = instance(1, { clock, store });
  becomes(Infinity);
  await a.admit();
  assert(await a.start());
  await a.calls.end(CALL, { ending: "agent-hung-up" });
  becomes(0);
  await clock.advance(10_000);
  const b = instance(2, { clock, store: memory });
  assertEquals(await b.admit(), { type: "refused", phase: "over" });
  await close(clock, a, b);
});
