import { assertEquals } from "@std/assert";
import type { CallRecord } from "../../lib/records/call_record.ts";
import { AllowedRecords } from "../../lib/records/record_rules.ts";

const RECORD: CallRecord = {
  callSid: "CA1",
  from: "+15550001111",
  to: "+15550002222",
  direction: "inbound",
  agent: "default",
  answeredEpochMs: 0,
  transcript: [
    { party: "caller", startMs: 0, text: "it is 4111 1111 1111 1111" },
    { party: "agent", startMs: 9, text: "4111 1111 1111 1111, right?", heardText: "4111 1111" },
  ],
  turns: [],
  tokens: { prompt: 1, response: 2, total: 3 },
  repairs: {},
  faults: {},
};

Deno.test("AllowedRecords keeps what was said, or nothing of it, for as long as the agent says", () => {
  const all = new AllowedRecords({ transcript: true, redact: [], keepDays: 3 });
  assertEquals(all.of(RECORD), { ...RECORD, keepDays: 3 });
  const none = new AllowedRecords({ transcript: false, redact: ["cards"], keepDays: 3 });
  assertEquals(none.of(RECORD), { ...RECORD, keepDays: 3, transcript: [] });
});

Deno.test("AllowedRecords takes out what the agent says, each time a record is kept", () => {
  const allowed = new AllowedRecords({ transcript: true, redact: ["cards"], keepDays: 30 });
  for (let time = 0; time < 3; time++) {
    assertEquals(allowed.of(RECORD).transcript, [
      { party: "caller", startMs: 0, text: "it is [card]" },
      { party: "agent", startMs: 9, text: "[card], right?", heardText: "[card]" },
    ]);
  }
  const longer = { ...RECORD, transcript: [{ party: "caller", startMs: 0, text: "it is 4111" }] };
  const { transcript } = allowed.of(longer as CallRecord);
  assertEquals(transcript[0]?.text, "it is 4111");
});

Deno.test("AllowedRecords keeps what was whispered to the agent as it keeps what was said", () => {
  const moments = [{
    type: "whispered",
    atMs: 5,
    detail: "their card is 4111 1111 1111 1111",
  }] as const;
  const record = { ...RECORD, moments };
  const rules = { transcript: true, redact: ["cards"], keepDays: 3 } as const;
  assertEquals(new AllowedRecords(rules).of(record).moments, [
    { type: "whispered", atMs: 5, detail: "their card is [card]" },
  ]);
  assertEquals(new AllowedRecords({ ...rules, transcript: false }).of(record).moments, [
    { type: "whispered", atMs: 5 },
  ]);
});
