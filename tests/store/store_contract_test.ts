/** What every store must do, run over each of them. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { KvStore } from "../../lib/store/kv_store.ts";
import { MemoryStore } from "../../lib/store/memory_store.ts";
import {
  listAll,
  type ListOptions,
  MAX_CHANGES,
  MAX_VALUE_BYTES,
  type OpenStore,
  type StoreChange,
  type StoreKey,
} from "../../lib/store/store.ts";
import { FakeClock } from "../support/fake_clock.ts";

function set(key: StoreKey, value: unknown): StoreChange {
  return { type: "set", key, value };
}

async function keys(store: OpenStore, prefix: StoreKey, options: ListOptions): Promise<string[]> {
  return (await store.list(prefix, options)).map(({ key }) => JSON.stringify(key));
}

const CONTRACT: Record<string, (store: OpenStore) => Promise<void>> = {
  "gives back what was set, as a copy": async (store) => {
    const value = { words: ["हि", "", "a\u0000b"], count: -0.5, bytes: new Uint8Array([0, 255]) };
    await store.commit([set(["a", 1], value)]);
    value.words.pop();
    const entry = await store.get(["a", 1]);
    assertEquals(entry?.key, ["a", 1]);
    assertEquals(entry?.value, { ...value, words: ["हि", "", "a\u0000b"] });
    assertEquals(await store.get(["a", "1"]), undefined);
    assertEquals(await store.get(["a"]), undefined);
  },

  "makes all changes of a commit in order": async (store) => {
    await store.commit([set(["a"], 1), set(["b"], 1)]);
    const changes: StoreChange[] = [
      set(["a"], 2),
      { type: "delete", key: ["a"] },
      { type: "delete", key: ["b"] },
      set(["b"], 2),
      { type: "delete", key: ["never-set"] },
    ];
    assertEquals(await store.commit(changes), true);
    assertEquals(await store.get(["a"]), undefined);
    assertEquals((await store.get(["b"]))?.value, 2);
  },

  "makes no change when one check does not hold": async (store) => {
    await store.commit([set(["a"], 1)]);
    const first = await store.get(["a"]);
    assert(first);
    const isNew = { key: ["b"], version: undefined };
    const isSame = { key: ["a"], version: first.version };
    assertEquals(await store.commit([set(["b"], 1)], [isNew, isSame]), true);
    assertEquals(await store.commit([set(["c"], 1)], [isSame, isNew]), false);
    assertEquals(await store.get(["c"]), undefined);
    await store.commit([set(["a"], 1)]);
    assertEquals(await store.commit([set(["c"], 1)], [isSame]), false);
    await store.commit([{ type: "delete", key: ["a"] }]);
    assertEquals(await store.commit([set(["c"], 1)], [isSame]), false);
    const isGone = { key: ["a"], version: undefined };
    assertEquals(await store.commit([set(["c"], 1)], [isGone]), true);
  },

  "lets one of many win who claim the same": async (store) => {
    const claims = Array.from(
      { length: 20 },
      (_, who) => store.commit([set(["slot"], who)], [{ key: ["slot"], version: undefined }]),
    );
    assertEquals((await Promise.all(claims)).filter((isWon) => isWon).length, 1);
  },

  "lists what is below a prefix in order, from both ends and page by page": async (store) => {
    const sorted: StoreKey[] = [
      ["p", "B"],
      ["p", "a"],
      ["p", "a", "deep"],
      ["p", "aa"],
      ["p", "é"],
      ["p", "\uffee"],
      ["p", "😀"],
      ["p", -1],
      ["p", 2],
      ["p", 2.5],
      ["p", 10],
    ];
    const others: StoreKey[] = [["p"], ["pp", 1], ["o", 1], ["q"]];
    const shuffled = [...sorted, ...others].toSorted((a, b) => a.join().length - b.join().length);
    await store.commit(shuffled.map((key) => set(key, 0)));
    const names = sorted.map((key) => JSON.stringify(key));
    assertEquals(await keys(store, ["p"], {}), names);
    assertEquals(await keys(store, ["p"], { isReverse: true }), names.toReversed());
    assertEquals(await keys(store, ["p"], { limit: 2 }), names.slice(0, 2));
    assertEquals(await keys(store, ["p", "a"], {}), ['["p","a","deep"]']);
    assertEquals(await keys(store, ["nothing"], {}), []);
    for (const isReverse of [false, true]) {
      const walked: string[] = [];
      let after: StoreKey | undefined;
      do {
        const page = await store.list(["p"], { limit: 3, isReverse, ...(after ? { after } : {}) });
        walked.push(...page.map(({ key }) => JSON.stringify(key)));
        after = page.at(-1)?.key;
      } while (after);
      assertEquals(walked, isReverse ? names.toReversed() : names);
    }
  },

  "goes on behind a key that is gone": async (store) => {
    await store.commit([set(["p", 1], 0), set(["p", 3], 0)]);
    assertEquals(await keys(store, ["p"], { after: ["p", 2] }), ['["p",3]']);
    assertEquals(await keys(store, ["p"], { after: ["p", 2], isReverse: true }), ['["p",1]']);
  },

  "is read to its end by listAll()": async (store) => {
    for (let from = 0; from < 1_500; from += MAX_CHANGES) {
      const numbers = Array.from({ length: MAX_CHANGES }, (_, at) => from + at);
      await store.commit(numbers.map((number) => set(["n", number], number)));
    }
    const all = await listAll(store, ["n"]);
    assertEquals(all.map(({ value }) => value), Array.from({ length: 1_500 }, (_, at) => at));
  },

  "takes what is just small enough and nothing larger": async (store) => {
    const largest = new Uint8Array(MAX_VALUE_BYTES - 7);
    assertEquals(await store.commit([set(["a"], largest)]), true);
    assertEquals((await store.get(["a"]))?.value, largest);
    const longKey = ["x".repeat(146)];
    assertEquals(await store.commit([set(longKey, 1)]), true);
    const fullCommit = Array.from({ length: MAX_CHANGES }, (_, at) => {
      return set(["x".repeat(139), at], 0);
    });
    assertEquals(await store.commit(fullCommit), true);
    const tooLarge: [StoreChange[], string][] = [
      [[set(["b"], new Uint8Array(MAX_VALUE_BYTES + 1))], 'Cannot keep "b": its value has'],
      [[set(["b", "x".repeat(150)], 1)], 'Cannot keep "b": its key has 155 bytes'],
      [[...fullCommit, set(["b"], 1)], "Cannot commit: 501 changes"],
      [Array.from({ length: 13 }, (_, at) => set(["b", at], largest)), "expected 800000 at most"],
    ];
    for (const [changes, message] of tooLarge) {
      await assertRejects(() => store.commit(changes), RangeError, message);
    }
    assertEquals(await store.list(["b"]), []);
  },

  "keeps what expires later": async (store) => {
    await store.commit([{ ...set(["a"], 1), expireInMs: 60_000.5 } as StoreChange]);
    assertEquals((await store.get(["a"]))?.value, 1);
  },
};

for (const [does, check] of Object.entries(CONTRACT)) {
  Deno.test(`MemoryStore ${does}`, async () => {
    await check(new MemoryStore({ clock: new FakeClock() }));
  });

  Deno.test(`KvStore ${does}, in memory`, async () => {
    const store = new KvStore(await Deno.openKv(":memory:"), { clock: systemClock });
    await check(store);
    store.close();
  });

  Deno.test(`KvStore ${does}, in a file`, async () => {
    const folder = await Deno.makeTempDir();
    const store = new KvStore(await Deno.openKv(`${folder}/kv.sqlite3`), { clock: systemClock });
    await check(store);
    store.close();
    await Deno.remove(folder, { recursive: true });
  });
}

Deno.test("MemoryStore forgets what has expired", async () => {
  const clock = new FakeClock();
  const store = new MemoryStore({ clock });
  await store.commit([{ type: "set", key: ["a", 1], value: 1, expireInMs: 1_000 }]);
  clock.jumpWallClock(3_600_000);
  await clock.advance(999);
  assertEquals((await store.list(["a"])).length, 1);
  await clock.advance(1);
  assertEquals(await store.list(["a"]), []);
  assertEquals(await store.get(["a", 1]), undefined);
});

Deno.test("KvStore keeps what was set when the file is opened again", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/kv.sqlite3`;
  const before = new KvStore(await Deno.openKv(path), { clock: systemClock });
  await before.commit([set(["a"], "kept")]);
  before.close();
  const after = new KvStore(await Deno.openKv(path), { clock: systemClock });
  assertEquals((await after.get(["a"]))?.value, "kept");
  after.close();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("KvStore counts right when several have the same file open and write at once", async () => {
  const folder = await Deno.makeTempDir();
  const stores: KvStore[] = [];
  for (let at = 0; at < 3; at++) {
    stores.push(new KvStore(await Deno.openKv(`${folder}/kv.sqlite3`), { clock: systemClock }));
  }
  async function countUp(store: KvStore): Promise<void> {
    for (let done = 0; done < 30;) {
      const entry = await store.get(["count"]);
      const check = { key: ["count"], version: entry?.version };
      if (await store.commit([set(["count"], Number(entry?.value ?? 0) + 1)], [check])) done++;
    }
  }
  await Promise.all(stores.map(countUp));
  assertEquals((await stores[0]?.get(["count"]))?.value, 90);
  for (const store of stores) store.close();
  await Deno.remove(folder, { recursive: true });
});
