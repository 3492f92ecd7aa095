import { assertEquals } from "@std/assert";
import { PIECE_BYTES } from "../../lib/records/recording_pieces.ts";
import { createLog } from "../../lib/log.ts";
import { RecordingFiles } from "../../lib/records/recording_files.ts";
import { Recordings } from "../../lib/records/recordings.ts";
import { type ByteRange, readRange } from "../../routes/byte_range.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { memoryStore } from "../support/memory_store.ts";
import { ServedApp } from "./served_app.ts";

Deno.test("readRange() reads what RFC 9110 allows, and leaves the rest to the whole file", () => {
  const cases: readonly (readonly [string | null, ByteRange | "unsatisfiable" | undefined])[] = [
    ["bytes=0-499", { from: 0, to: 500 }],
    ["bytes=500-999", { from: 500, to: 1_000 }],
    ["bytes=9500-", { from: 9_500, to: 10_000 }],
    ["bytes=-500", { from: 9_500, to: 10_000 }],
    ["bytes=-20000", { from: 0, to: 10_000 }],
    ["bytes=0-0", { from: 0, to: 1 }],
    ["bytes=9999-20000", { from: 9_999, to: 10_000 }],
    ["Bytes = 1-2 ", { from: 1, to: 3 }],
    [`bytes=1-${"9".repeat(400)}`, { from: 1, to: 10_000 }],
    ["bytes=10000-", "unsatisfiable"],
    [`bytes=${"9".repeat(400)}-`, "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=5-4", undefined],
    ["bytes=-", undefined],
    ["bytes=0-1,5-6", undefined],
    ["bytes=a-b", undefined],
    ["bytes=1.5-2", undefined],
    ["items=0-5", undefined],
    ["", undefined],
    [null, undefined],
  ];
  for (const [header, range] of cases) assertEquals(readRange(header, 10_000), range, `${header}`);
});

Deno.test("answerRecording() gives any part of the file that is asked for", async () => {
  await using app = await ServedApp.start();
  await app.store.flush(1_000);
  const rules = { term: 1, keepDays: 1, lost: () => {} };
  const keep = new Recordings({ store: app.store }).begin("CA1", rules);
  keep(0, Uint8Array.from({ length: PIECE_BYTES }, (_, n) => n));
  keep(1, new Uint8Array(100).fill(7));
  const url = `${app.url}/api/calls/CA1/recording`;
  const ask = async (headers: HeadersInit, method = "GET") => {
    const response = await fetch(url, { method, headers });
    return { response, bytes: await response.bytes() };
  };
  const whole = await ask({});
  assertEquals(whole.response.status, 200);
  assertEquals(whole.response.headers.get("accept-ranges"), "bytes");
  const all = whole.bytes.length;
  const parts = [[0, 1], [0, 58], [10, 100], [57, 59], [58, 60], [48_000, 48_158], [48_157, all]];
  for (const [from = 0, to = 0] of parts) {
    const { response, bytes } = await ask({ range: `bytes=${from}-${to - 1}` });
    assertEquals(response.status, 206);
    assertEquals(response.headers.get("content-range"), `bytes ${from}-${to - 1}/${all}`);
    assertEquals(response.headers.get("content-length"), `${to - from}`);
    assertEquals(bytes, whole.bytes.subarray(from, to));
  }
  const beyond = await ask({ range: `bytes=${all}-` });
  assertEquals([beyond.response.status, beyond.response.headers.get("content-range")], [
    416,
    `bytes */${all}`,
  ]);
  const etag = whole.response.headers.get("etag") ?? "";
  const range = "bytes=0-9";
  assertEquals((await ask({ range, "if-range": etag })).response.status, 206);
  assertEquals((await ask({ range, "if-range": '"another"' })).response.status, 200);
  assertEquals((await ask({ range }, "HEAD")).response.status, 200);
});

Deno.test("answerRecording() lets go of the file when nobody reads on", async () => {
  const folder = await Deno.makeTempDir();
  const clock = new FakeClock();
  const log = createLog({ level: "error", clock, write: () => {} });
  const files = new RecordingFiles({ folder, clock, log });
  const keep = files.begin("CA1", { term: 1, keepDays: 1, lost: () => {} });
  for (let n = 0; n < 20; n++) keep(n, new Uint8Array(PIECE_BYTES));
  await files.flush();
  files.close();
  const store = memoryStore(clock);
  const recordings = new Recordings({ store, files });
  {
    await using app = await ServedApp.start({ deps: { recordings } });
    const response = await fetch(`${app.url}/api/calls/CA1/recording`);
    const reader = response.body?.getReader();
    assertEquals((await reader?.read())?.done, false);
    // The test ends with an error if the file is still open then.
    await reader?.cancel();
    const range = { headers: { range: "bytes=900000-" } };
    const part = await fetch(`${app.url}/api/calls/CA1/recording`, range);
    assertEquals((await part.bytes()).length, 20 * PIECE_BYTES + 58 - 900_000);
  }
  store.close();
  await Deno.remove(folder, { recursive: true });
});
