import { assert, assertEquals, assertRejects } from "@std/assert";
import { type StoreChange, StoreError } from "../../lib/store/store.ts";
import { UnreliableStore } from "../support/unreliable_store.ts";

function set(key: string | number, value: unknown): StoreChange {
  return { type: "set", key: ["k", key], value };
}

/** How long a question takes to fail, by the fake clock. */
async function failureMs(store: UnreliableStore, limitMs: number): Promise<number> {
  const asked = assertRejects(() => store.patient.within(limitMs).get(["k", 1]), StoreError);
  const { clock } = store;
  const sinceMs = clock.nowMs();
  let tookMs = -1;
  asked.then(() => tookMs = clock.nowMs() - sinceMs);
  await clock.advance(0);
  while (tookMs < 0) await clock.advance(10);
  return tookMs;
}

Deno.test("PatientStore passes on what is asked and answered while all is well", async () => {
  const store = new UnreliableStore();
  const asked = store.patient.within(300);
  assertEquals(await asked.commit([set(1, "a")], [{ key: ["k", 1], version: undefined }]), true);
  assertEquals(await asked.commit([set(1, "b")], [{ key: ["k", 1], version: undefined }]), false);
  assertEquals((await asked.get(["k", 1]))?.value, "a");
  assertEquals((await asked.list(["k"])).length, 1);
  await assertRejects(() => asked.commit([set(1, new Uint8Array(70_000))]), RangeError);
  assertEquals([store.patient.isUp, store.logged], [true, []]);
  store.patient.close();
  assertEquals(store.clock.pendingTimers, 0);
});

Deno.test("PatientStore whose store is absent at start keeps writes until it comes, in order [K01]", async () => {
  const store = new UnreliableStore({ trouble: "absent" });
  await store.clock.advance(0);
  assertEquals(await failureMs(store, 300), 0);
  for (let call = 0; call < 100; call++) store.patient.write([set(call, `record of ${call}`)]);
  await store.clock.advance(60_000);
  assertEquals(store.patient.isUp, false);
  assertEquals(store.patient.counts.queued, 100);
  store.trouble = "none";
  await store.clock.advance(2_000);
  assertEquals(store.patient.counts.queued, 0);
  const written = store.commits.flat().map(({ key }) => key[1]);
  assertEquals(written, Array.from({ length: 100 }, (_, call) => call));
  assertEquals(store.logged, ["store-unavailable", "store-back"]);
  store.patient.close();
  assertEquals(store.clock.pendingTimers, 0);
});

Deno.test("PatientStore whose store is lost in mid-life loses no write and lets nobody wait [K01]", async () => {
  for (const trouble of ["absent", "deaf"] as const) {
    const store = new UnreliableStore();
    await store.patient.within(300).get(["k", 1]);
    store.trouble = trouble;
    const limitMs = trouble === "deaf" ? 300 : 0;
    assertEquals(await failureMs(store, 300), limitMs);
    assertEquals(await failureMs(store, 300), 0);
    for (let call = 0; call < 100; call++) {
      store.patient.write([set(call, "begins")]);
      await store.clock.advance(100);
      store.patient.write([set(call, "ends")]);
    }
    store.trouble = "none";
    await store.clock.advance(12_000);
    assertEquals([store.patient.isUp, store.patient.counts.queued], [true, 0]);
    const kept = await store.memory.list(["k"], { limit: 200 });
    assertEquals(kept.map(({ value }) => value), Array(100).fill("ends"));
    store.patient.close();
  }
});

Deno.test("PatientStore gets everything to a store that takes 3 s for each answer [K01]", async () => {
  const store = new UnreliableStore();
  await store.patient.within(300).get(["k", 1]);
  store.delayMs = 3_000;
  let longestMs = 0;
  for (let call = 0; call < 100; call++) {
    store.patient.write([set(call, "begins")]);
    longestMs = Math.max(longestMs, await failureMs(store, 300));
    store.patient.write([set(call, "ends")]);
    await store.clock.advance(100);
  }
  assertEquals(longestMs, 300);
  assertEquals(await flushed(store, 10_000), true);
  const kept = await store.memory.list(["k"], { limit: 200 });
  assertEquals(kept.map(({ value }) => value), Array(100).fill("ends"));
  assertEquals(store.patient.counts.dropped, 0);
  store.patient.close();
});

Deno.test("PatientStore writes the last of several values of a key, and behind what was written before it", async () => {
  const store = new UnreliableStore({ trouble: "absent" });
  await store.clock.advance(0);
  store.patient.write([set("piece-1", 1), set("head", 1)]);
  store.patient.write([set("piece-2", 1), set("head", 2)]);
  store.patient.write([{ type: "delete", key: ["k", "piece-1"] }]);
  store.trouble = "none";
  await store.clock.advance(2_000);
  assertEquals(store.commits, [[
    set("piece-2", 1),
    set("head", 2),
    { type: "delete", key: ["k", "piece-1"] },
  ]]);
  store.patient.close();
});

Deno.test("PatientStore writes again what was changed while it was being written", async () => {
  const store = new UnreliableStore();
  await store.patient.within().get(["k", 1]);
  store.delayMs = 1_000;
  store.patient.write([set(1, "first")]);
  await store.clock.advance(500);
  store.patient.write([set(1, "second")]);
  assertEquals(await flushed(store, 3_000), true);
  assertEquals((await store.memory.get(["k", 1]))?.value, "second");
  store.patient.close();
});

Deno.test("PatientStore drops the oldest writes beyond its bound and counts them", async () => {
  const store = new UnreliableStore({ trouble: "absent", queueBytes: 100_000 });
  for (let at = 0; at < 100; at++) store.patient.write([set(at, new Uint8Array(10_000))]);
  assertEquals(store.patient.counts.dropped + store.patient.counts.queued, 100);
  assertEquals(store.patient.counts.queued, 9);
  store.trouble = "none";
  await store.clock.advance(2_000);
  assertEquals(store.commits.flat().map(({ key }) => key[1]), [91, 92, 93, 94, 95, 96, 97, 98, 99]);
  assertEquals(store.logged.filter((event) => event === "store-writes-dropped").length, 1);
  store.patient.close();
});

Deno.test("PatientStore cuts a long queue into commits that a store takes", async () => {
  const store = new UnreliableStore({ trouble: "absent" });
  for (let at = 0; at < 1_200; at++) store.patient.write([set(at, at)]);
  for (let at = 0; at < 30; at++) store.patient.write([set(`large-${at}`, new Uint8Array(60_000))]);
  store.trouble = "none";
  await store.clock.advance(2_000);
  assertEquals(store.patient.counts.queued, 0);
  assertEquals(store.commits.map(({ length }) => length), [500, 500, 213, 13, 4]);
  store.patient.close();
});

Deno.test("PatientStore.flush() tries at once and does not wait beyond its limit", async () => {
  const store = new UnreliableStore({ trouble: "absent" });
  store.patient.write([set(1, 1)]);
  await store.clock.advance(100);
  assertEquals(await flushed(store, 500), false);
  store.trouble = "none";
  assertEquals(await flushed(store, 10), true);
  assertEquals(await flushed(store, 0), true);
  store.patient.close();
});

Deno.test("PatientStore.write() refuses what no store takes, and keeps its queue as it was", () => {
  const store = new UnreliableStore({ trouble: "absent" });
  store.patient.write([set(1, 1)]);
  let refused: unknown;
  try {
    store.patient.write([set(1, 2), set(2, new Uint8Array(70_000))]);
  } catch (error) {
    refused = error;
  }
  assert(refused instanceof RangeError);
  assertEquals(store.patient.counts.queued, 1);
  store.patient.close();
});

Deno.test("PatientStore.close() ends every wait, its timers and the store", async () => {
  const store = new UnreliableStore();
  await store.patient.within().get(["k", 1]);
  store.trouble = "deaf";
  const waiting = assertRejects(() => store.patient.within().get(["k", 1]), StoreError, "closed");
  store.patient.write([set(1, 1)]);
  store.patient.close();
  store.patient.close();
  await waiting;
  await store.clock.advance(0);
  assertEquals([store.closed, store.clock.pendingTimers, store.opened], [1, 0, 1]);
  await assertRejects(() => store.patient.within().get(["k", 1]), StoreError, "closed");
});

async function flushed(store: UnreliableStore, limitMs: number): Promise<boolean> {
  const flushing = store.patient.flush(limitMs);
  await store.clock.advance(limitMs);
  return await flushing;
}
