import { assertEquals } from "@std/assert";
import { PIECE_BYTES } from "../../lib/records/recording_pieces.ts";
import { Recordings } from "../../lib/records/recordings.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { absentStore, memoryStore } from "../support/memory_store.ts";

const RULES = { term: 1, keepDays: 30, lost: () => {} };

async function bytesOf(recordings: Recordings, callSid: string): Promise<Uint8Array | undefined> {
  const recording = await recordings.read(callSid);
  if (!recording) return undefined;
  const pieces = await Array.fromAsync(recording.pieces());
  const bytes = new Uint8Array(pieces.flatMap((piece) => [...piece]));
  assertEquals(bytes.length, recording.bytes);
  return bytes;
}

Deno.test("Recordings gives back what was kept, both streams of a call where they belong", async () => {
  const clock = new FakeClock();
  const store = memoryStore(clock);
  const recordings = new Recordings({ store });
  await store.flush(1_000);
  const first = recordings.begin("CA1", RULES);
  for (let n = 0; n < 25; n++) first(n, new Uint8Array(PIECE_BYTES).fill(n));
  first(25, new Uint8Array(10).fill(25));
  const second = recordings.begin("CA1", { ...RULES, term: 3 });
  second(25, new Uint8Array(PIECE_BYTES).fill(0xff, 0, 20).fill(98, 20));
  second(27, new Uint8Array(4).fill(99));
  recordings.begin("CA2", RULES)(0, new Uint8Array(4).fill(7));
  const bytes = await bytesOf(recordings, "CA1");
  assertEquals(bytes?.length, 27 * PIECE_BYTES + 4);
  const heads = Array.from({ length: 28 }, (_, n) => bytes?.[n * PIECE_BYTES]);
  assertEquals(heads, [...Array.from({ length: 26 }, (_, n) => n), 0xff, 99]);
  const border = [9, 10, 19, 20].map((n) => bytes?.[25 * PIECE_BYTES + n]);
  assertEquals(border, [25, 0xff, 0xff, 98], "the second stream begins where the call came back");
  for (const name of ["CA3", "", "a/b", "x".repeat(3_000)]) {
    assertEquals(await recordings.read(name), undefined);
  }
  store.close();
});

Deno.test("Recordings has silence where a piece was lost, and says that it is", async () => {
  const clock = new FakeClock();
  const store = memoryStore(clock);
  const recordings = new Recordings({ store });
  await store.flush(1_000);
  const keep = recordings.begin("CA1", RULES);
  keep(0, new Uint8Array(PIECE_BYTES).fill(1));
  keep(2, new Uint8Array(2).fill(3));
  const bytes = await bytesOf(recordings, "CA1");
  assertEquals(bytes?.length, 2 * PIECE_BYTES + 2);
  assertEquals([bytes?.[0], bytes?.[PIECE_BYTES], bytes?.at(-1)], [1, 0xff, 3]);
  store.close();
});

Deno.test("Recordings takes no room from records while the store is away", () => {
  const store = absentStore(new FakeClock());
  let lost = 0;
  const keep = new Recordings({ store }).begin("CA1", { ...RULES, lost: () => lost++ });
  for (let n = 0; n < 5; n++) keep(n, new Uint8Array(PIECE_BYTES));
  assertEquals([lost, store.counts.queued], [5, 0]);
  store.close();
});

Deno.test("Recordings are gone after as many days as the agent says", async () => {
  const clock = new FakeClock();
  const store = memoryStore(clock);
  const recordings = new Recordings({ store });
  await store.flush(1_000);
  recordings.begin("CA1", { ...RULES, keepDays: 2 })(0, new Uint8Array(4));
  assertEquals((await bytesOf(recordings, "CA1"))?.length, 4);
  await clock.advance(2 * 86_400_000);
  assertEquals(await recordings.read("CA1"), undefined);
  store.close();
});

Deno.test("Recordings gives any part of a recording as it stands in the whole", async () => {
  const clock = new FakeClock();
  const store = memoryStore(clock);
  const recordings = new Recordings({ store });
  await store.flush(1_000);
  const keep = recordings.begin("CA1", RULES);
  for (let n = 0; n < 12; n++) keep(n, Uint8Array.from({ length: PIECE_BYTES }, (_, i) => i * n));
  const whole = await bytesOf(recordings, "CA1") ?? new Uint8Array();
  const recording = await recordings.read("CA1");
  const ends = [0, 1, 47_999, 48_000, 48_001, 100_000, 528_000, 576_000];
  for (const from of ends) {
    for (const to of ends.filter((end) => end > from)) {
      const pieces = await Array.fromAsync(recording?.pieces(from, to) ?? []);
      const part = new Uint8Array(await new Blob(pieces as BlobPart[]).arrayBuffer());
      assertEquals(part, whole.subarray(from, to), `${from} to ${to}`);
    }
  }
  store.close();
});
