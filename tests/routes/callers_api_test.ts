import { assertEquals, assertFalse } from "@std/assert";
import { CallerMemory } from "../../lib/records/caller_memory.ts";
import type { CallRecord } from "../../lib/records/call_record.ts";
import { Recordings } from "../../lib/records/recordings.ts";
import { listAll } from "../../lib/store/store.ts";
import { readWav } from "../../audio/wav.ts";
import { ServedApp } from "./served_app.ts";

const CALLER = "+15550001111";
const OTHER = "+15550003333";

function record(callSid: string, parts: Partial<CallRecord>): CallRecord {
  return {
    callSid,
    from: CALLER,
    to: "+15550002222",
    direction: "inbound",
    agent: "default",
    answeredEpochMs: 1_000,
    durationMs: 9,
    ending: "caller-hung-up",
    transcript: [{ party: "caller", startMs: 0, text: `said in ${callSid}` }],
    turns: [{ speechEndedMs: 1, decidedMs: 2, activityEndSentMs: 2 }],
    tokens: { prompt: 1, response: 1, total: 2 },
    repairs: {},
    faults: {},
    ...parts,
  };
}

/** Everything in the store, as text. */
async function textOf(app: ServedApp): Promise<string> {
  await app.store.flush(1_000);
  const kinds = ["call", "call-time", "said", "turn", "moments", "sound", "snapshot", "memory"];
  const lists = await Promise.all(kinds.map((kind) => listAll(app.store.within(), [kind])));
  return JSON.stringify(lists.flat());
}

async function forget(app: ServedApp, number: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${app.url}/api/callers/${number}`, { method: "DELETE" });
  return { status: response.status, body: await response.json() };
}

Deno.test("answerForget() leaves nothing of a caller in the store or in memory, and all of others", async () => {
  await using app = await ServedApp.start();
  const recordings = new Recordings({ store: app.store });
  const memory = new CallerMemory(app.store.within());
  await app.store.flush(1_000);
  const long = { party: "caller", startMs: 0, text: "word ".repeat(40_000) } as const;
  app.records.save(record("CA1", { transcript: [long] }));
  app.records.save(record("CA2", { from: "+15550002222", to: CALLER, direction: "outbound" }));
  app.records.save(record("CA3", { from: OTHER }));
  for (const callSid of ["CA1", "CA3"]) {
    recordings.begin(callSid, { term: 1, keepDays: 1, lost: () => {} })(0, new Uint8Array(4));
  }
  await memory.remember("default", CALLER, "likes tea");
  await memory.remember("default", OTHER, "likes coffee");
  app.snapshots.save({
    format: 1,
    term: 1,
    takenEpochMs: app.clock.epochMs(),
    callMs: 1,
    isLeaving: false,
    isAnswerOpen: false,
    record: record("CA1", {}),
  });
  const { status, body } = await forget(app, CALLER);
  assertEquals([status, body], [200, { calls: 2, running: 0, memories: 1 }]);
  const left = await textOf(app);
  for (const gone of [CALLER, "CA1", "CA2", "tea", "word"]) assertFalse(left.includes(gone), gone);
  assertEquals(await app.records.get("CA1"), undefined);
  assertEquals(await app.snapshots.latest("CA1"), undefined);
  assertEquals(await recordings.read("CA1"), undefined);
  assertEquals((await app.records.get("CA3"))?.transcript[0]?.text, "said in CA3");
  assertEquals((await recordings.read("CA3"))?.bytes, 4);
  assertEquals(await memory.recall("default", OTHER), ["likes coffee"]);
  assertEquals((await forget(app, CALLER)).body, { calls: 0, running: 0, memories: 0 });
  assertFalse(app.logged.some((line) => line.includes(CALLER)));
});

Deno.test("answerForgetPost() forgets a caller whose number is in the body, and deletes files too", async () => {
  const gone: string[] = [];
  const recordings = {
    read: () => Promise.resolve(undefined),
    forget: (callSid: string) => Promise.resolve(void gone.push(`recording of ${callSid}`)),
  };
  const flights = {
    forget: (callSid: string) => Promise.resolve(void gone.push(`flights of ${callSid}`)),
  };
  await using app = await ServedApp.start({ deps: { recordings, flights } });
  app.records.save(record("CA1", {}));
  app.records.save(record("CA3", { from: OTHER }));
  const post = async (body: string, type = "application/json") => {
    const response = await fetch(`${app.url}/api/callers/forget`, {
      method: "POST",
      headers: { "content-type": type },
      body,
    });
    const answer = await response.json();
    return [response.status, answer.error?.code ?? answer];
  };
  const number = JSON.stringify({ number: CALLER });
  assertEquals(await post(number, "text/plain"), [415, "json-expected"]);
  const bad = ["", "{}", '{"number":1}', "x".repeat(2_000), JSON.stringify({ number: "+1" })];
  for (const body of bad) assertEquals(await post(body), [400, "number-invalid"], body);
  assertEquals(gone, []);
  assertEquals(await post(number), [200, { calls: 1, running: 0, memories: 0 }]);
  assertEquals(gone, ["recording of CA1", "flights of CA1"]);
  assertEquals(await app.records.get("CA1"), undefined);
  assertEquals((await app.records.get("CA3"))?.callSid, "CA3");
  assertFalse(app.logged.some((line) => line.includes(CALLER)));
});

Deno.test("answerForget() lets calls that go on be, and says how many", async () => {
  await using app = await ServedApp.start();
  const { ending: _ending, durationMs: _ms, ...running } = record("CA1", {});
  app.records.save(running);
  assertEquals((await forget(app, CALLER)).body, { calls: 0, running: 1, memories: 0 });
  assertEquals((await app.records.get("CA1"))?.callSid, "CA1");
});

Deno.test("answerForget() forgets nobody by a name that is no number", async () => {
  await using app = await ServedApp.start();
  app.records.save(record("CA1", { from: "anonymous" }));
  for (const number of ["anonymous", "15550001111", "+1", `+${"1".repeat(40)}`, "%2B"]) {
    assertEquals((await forget(app, number)).status, 400);
  }
  assertEquals((await app.records.get("CA1"))?.callSid, "CA1");
});

Deno.test("answerRecording() gives a WAV file with the caller left and the agent right, or 404", async () => {
  await using app = await ServedApp.start();
  await app.store.flush(1_000);
  const keep = new Recordings({ store: app.store })
    .begin("CA1", { term: 1, keepDays: 1, lost: () => {} });
  keep(0, Uint8Array.of(0x00, 0x80, 0xff, 0x80));
  const response = await fetch(`${app.url}/api/calls/CA1/recording`);
  assertEquals(response.headers.get("content-type"), "audio/wav");
  const { hz, channels } = readWav(await response.bytes());
  assertEquals([hz, channels], [8_000, [Int16Array.of(-32_124, 0), Int16Array.of(32_124, 32_124)]]);
  const unknown = await fetch(`${app.url}/api/calls/CA2/recording`);
  assertEquals([unknown.status, (await unknown.json()).error.code], [404, "recording-unknown"]);
});

Deno.test("recordings and callers are behind the console's guard", async () => {
  await using app = await ServedApp.start({ settings: { consoleToken: "correct-horse" } });
  const paths = [["GET", "/api/calls/CA1/recording"], [
    "DELETE",
    `/api/callers/${CALLER}`,
  ], ["POST", "/api/callers/forget"]] as const;
  for (const [method, path] of paths) {
    const response = await fetch(app.url + path, { method });
    await response.body?.cancel();
    assertEquals(response.status, 401);
  }
});
