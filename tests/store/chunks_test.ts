import { assertEquals } from "@std/assert";
import {
  changesForLarge,
  commitInOrder,
  deleteLarge,
  getLarge,
  listLarge,
} from "../../lib/store/chunks.ts";
import { systemClock } from "../../lib/clock.ts";
import { KvStore } from "../../lib/store/kv_store.ts";
import { MemoryStore } from "../../lib/store/memory_store.ts";
import { listAll, type StoreChange } from "../../lib/store/store.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** Bytes that no two pieces share. */
function bytesOf(length: number, seed = 1): Uint8Array {
  return Uint8Array.from({ length }, (_, at) => (at * 31 + (at >> 8) * seed) & 255);
}

function memory(): MemoryStore {
  return new MemoryStore({ clock: new FakeClock() });
}

Deno.test("getLarge() reads back what changesForLarge() wrote, at every size around a piece", async () => {
  const store = new KvStore(await Deno.openKv(":memory:"), { clock: systemClock });
  for (const length of [0, 1, 59_990, 59_995, 60_000, 65_536, 119_990, 120_000, 900_000]) {
    await commitInOrder(store, changesForLarge(["a"], bytesOf(length), { writing: length }));
    assertEquals(await getLarge(store, ["a"]), bytesOf(length));
  }
  const data = { text: "ह".repeat(70_000), list: [1, { deep: null }] };
  await commitInOrder(store, changesForLarge(["b"], data, { writing: 0 }));
  assertEquals(await getLarge(store, ["b"]), data);
  assertEquals(await getLarge(store, ["c"]), undefined);
  store.close();
});

Deno.test("changesForLarge() leaves the value before it whole when it stops after any change", async () => {
  const [before, after] = [bytesOf(200_000, 1), bytesOf(250_000, 2)];
  const changes = changesForLarge(["a"], after, { writing: 8 });
  assertEquals(changes.length, 6);
  for (let made = 0; made <= changes.length; made++) {
    const store = memory();
    await commitInOrder(store, changesForLarge(["a"], before, { writing: 7 }));
    await commitInOrder(store, changes.slice(0, made));
    assertEquals(await getLarge(store, ["a"]), made < changes.length ? before : after);
  }
});

Deno.test("getLarge() mixes no two writings, even when they were given the same place", async () => {
  const changes = changesForLarge(["a"], bytesOf(200_000, 2), { writing: 9 });
  for (let made = 1; made < changes.length; made++) {
    const store = memory();
    await commitInOrder(store, changesForLarge(["a"], bytesOf(200_000, 1), { writing: 7 }));
    await commitInOrder(store, changes.slice(0, made));
    assertEquals(await getLarge(store, ["a"]), undefined);
  }
});

Deno.test("getLarge() does not take a value for whole that lacks a piece", async () => {
  const changes = changesForLarge(["a"], bytesOf(200_000), { writing: 0 });
  for (let missing = 0; missing < changes.length; missing++) {
    const store = memory();
    await commitInOrder(store, changes.toSpliced(missing, 1));
    assertEquals(await getLarge(store, ["a"]), undefined);
  }
});

Deno.test("changesForLarge() leaves no more than two writings behind", async () => {
  const store = memory();
  for (let writing = 0; writing < 10; writing++) {
    await commitInOrder(store, changesForLarge(["a"], bytesOf(200_000, writing), { writing }));
  }
  assertEquals((await listAll(store, ["a"])).length, 8);
});

Deno.test("listLarge() gives small and large values in order and leaves out what is not whole", async () => {
  const store = memory();
  const large = bytesOf(150_000);
  const changes: StoreChange[] = [
    ...changesForLarge(["a", 2], large, { writing: 0 }),
    ...changesForLarge(["a", 1], "small", { writing: 0 }),
    ...changesForLarge(["a", 3], large, { writing: 0 }).slice(1),
    ...changesForLarge(["a", 10], large, { writing: 1 }),
    ...changesForLarge(["b", 1], "another's", { writing: 1 }),
  ];
  await commitInOrder(store, changes);
  assertEquals(await listLarge(store, ["a"]), [
    { key: ["a", 1], value: "small" },
    { key: ["a", 2], value: large },
    { key: ["a", 10], value: large },
  ]);
});

Deno.test("deleteLarge() leaves nothing of a value and all of its neighbours", async () => {
  const store = memory();
  await commitInOrder(store, changesForLarge(["a", 1], bytesOf(2_000_000), { writing: 0 }));
  await commitInOrder(store, changesForLarge(["a", 2], "small", { writing: 0 }));
  await deleteLarge(store, ["a", 1]);
  assertEquals((await listAll(store, ["a"])).map(({ key }) => key), [["a", 2]]);
});

Deno.test("changesForLarge() lets every part expire", async () => {
  const clock = new FakeClock();
  const store = new MemoryStore({ clock });
  const expiring = { writing: 0, expireInMs: 1_000 };
  await commitInOrder(store, changesForLarge(["a", 1], bytesOf(200_000), expiring));
  await clock.advance(1_000);
  assertEquals(await listAll(store, ["a"]), []);
});
