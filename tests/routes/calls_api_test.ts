import { assertEquals, assertStringIncludes } from "@std/assert";
import type { CallRecord } from "../../lib/records/call_record.ts";
import { CALL_SID, ServedApp } from "./served_app.ts";

const RECORD: CallRecord = {
  callSid: CALL_SID,
  from: "+15550001111",
  to: "+15550002222",
  direction: "inbound",
  agent: "default",
  answeredEpochMs: 1_767_603_600_000,
  durationMs: 12_000,
  ending: "agent-hung-up",
  transcript: [{ party: "caller", startMs: 900, text: "Good morning" }],
  turns: [{ speechEndedMs: 1_800, decidedMs: 2_300, activityEndSentMs: 2_300 }],
  tokens: { prompt: 100, response: 20, total: 120 },
  repairs: {},
  faults: {},
};

Deno.test("answerCalls() lists calls newest first and without what was said", async () => {
  await using app = await ServedApp.start();
  app.records.save(RECORD);
  app.records.save({ ...RECORD, callSid: "CA2" });
  const response = await fetch(`${app.url}/api/calls`);
  const { transcript: _words, turns: _times, ...rest } = RECORD;
  const summary = { ...rest, delays: { answerMs: [], endOfTurnMs: [500] } };
  assertEquals(await response.json(), { calls: [{ ...summary, callSid: "CA2" }, summary] });
  assertEquals(response.headers.get("cache-control"), "no-store");
});

Deno.test("answerCalls() gives calls page by page", async () => {
  await using app = await ServedApp.start();
  for (let call = 0; call < 60; call++) {
    app.records.save({ ...RECORD, callSid: `CA${call}`, answeredEpochMs: 1_000 + call });
  }
  const listed: string[] = [];
  let query = "";
  for (const length of [50, 10]) {
    const page = await (await fetch(`${app.url}/api/calls${query}`)).json();
    assertEquals(page.calls.length, length);
    listed.push(...page.calls.map(({ callSid }: CallRecord) => callSid));
    query = `?limit=10&after=${page.next}`;
  }
  assertEquals(listed, Array.from({ length: 60 }, (_, at) => `CA${59 - at}`));
});

Deno.test("answerCalls() says what is wrong with a query", async () => {
  await using app = await ServedApp.start();
  const wrong = [
    ["limit=0", "limit"],
    ["limit=201", "limit"],
    ["limit=1.5", "limit"],
    ["limit=all", "limit"],
    ["after=", "after"],
    ["after=1.../CA1", "after"],
    [`after=1.${"x".repeat(3_000)}`, "after"],
  ];
  for (const [query, field] of wrong) {
    const response = await fetch(`${app.url}/api/calls?${query}`);
    const { error } = await response.json();
    assertEquals([response.status, error.code], [400, "query-invalid"]);
    assertStringIncludes(error.message, `"${field}"`);
  }
});

Deno.test("answerCall() knows no call of a name that no call can have", async () => {
  await using app = await ServedApp.start();
  for (const name of ["constructor", "a%2Fb", "x".repeat(3_000)]) {
    const response = await fetch(`${app.url}/api/calls/${name}`);
    await response.body?.cancel();
    assertEquals(response.status, 404);
  }
  assertEquals(app.store.isUp, true);
});

Deno.test("answerCall() gives the whole record, or 404 for a call that is not kept", async () => {
  await using app = await ServedApp.start();
  app.records.save(RECORD);
  const known = await fetch(`${app.url}/api/calls/${CALL_SID}`);
  assertEquals(await known.json(), RECORD);
  const unknown = await fetch(`${app.url}/api/calls/CA2`);
  assertEquals(unknown.status, 404);
  assertEquals(await unknown.json(), {
    error: {
      code: "call-unknown",
      message: "Cannot read call: no call of this name is kept",
    },
  });
});

Deno.test("createApp() lets nobody read calls without the console token when one is set", async () => {
  await using app = await ServedApp.start({ settings: { consoleToken: "correct-horse" } });
  app.records.save(RECORD);
  for (const path of ["/api/calls", `/api/calls/${CALL_SID}`, "/api/calls/CA2"]) {
    const refused = await fetch(app.url + path);
    assertEquals(refused.status, 401);
    assertEquals((await refused.json()).error.code, "token-invalid");
  }
  const headers = { Authorization: "Bearer correct-horse" };
  const allowed = await fetch(`${app.url}/api/calls/${CALL_SID}`, { headers });
  assertEquals(await allowed.json(), RECORD);
});
