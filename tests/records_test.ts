import { assertEquals } from "@std/assert";
import type { CallRecord } from "../lib/records/call_record.ts";
import { RecentCalls } from "../lib/records/recent_calls.ts";

function recordOf(callSid: string, fields: Partial<CallRecord> = {}): CallRecord {
  return {
    callSid,
    from: "+15551234567",
    to: "+15557654321",
    direction: "inbound",
    agent: "default",
    answeredEpochMs: 0,
    transcript: [],
    turns: [],
    tokens: { prompt: 0, response: 0, total: 0 },
    faults: {},
    ...fields,
  };
}

function names(calls: RecentCalls): string[] {
  return calls.list().map(({ callSid }) => callSid);
}

Deno.test("RecentCalls.list() gives the newest call first", () => {
  const calls = new RecentCalls(10);
  assertEquals(calls.list(), []);
  for (const callSid of ["CA1", "CA2", "CA3"]) calls.save(recordOf(callSid));
  assertEquals(names(calls), ["CA3", "CA2", "CA1"]);
});

Deno.test("RecentCalls.save() replaces what was known of a call and keeps its place", () => {
  const calls = new RecentCalls(2);
  calls.save(recordOf("CA1"));
  calls.save(recordOf("CA2"));
  const ended = recordOf("CA1", { durationMs: 5_000, ending: "caller-hung-up" });
  calls.save(ended);
  assertEquals(names(calls), ["CA2", "CA1"]);
  assertEquals(calls.get("CA1"), ended);
});

Deno.test("RecentCalls.save() forgets the oldest call when there are too many", () => {
  const calls = new RecentCalls(3);
  for (let call = 1; call <= 1_000; call++) calls.save(recordOf(`CA${call}`));
  assertEquals(names(calls), ["CA1000", "CA999", "CA998"]);
  assertEquals(calls.get("CA997"), undefined);
});

Deno.test("RecentCalls.list() gives a list of its own", () => {
  const calls = new RecentCalls(3);
  calls.save(recordOf("CA1"));
  calls.list().pop();
  assertEquals(names(calls), ["CA1"]);
});

Deno.test("RecentCalls.get() knows nothing of a call that was never saved", () => {
  assertEquals(new RecentCalls(1).get("constructor"), undefined);
});
