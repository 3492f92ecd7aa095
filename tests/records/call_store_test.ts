import { assert, assertEquals, assertRejects } from "@std/assert";
import { systemClock } from "../../lib/clock.ts";
import { createLog } from "../../lib/log.ts";
import type { CallRecord, TranscriptEntry, TurnLatency } from "../../lib/records/call_record.ts";
import { delaysOf } from "../../lib/records/call_delays.ts";
import { CallStore } from "../../lib/records/call_store.ts";
import { KvStore } from "../../lib/store/kv_store.ts";
import { PatientStore } from "../../lib/store/patient_store.ts";
import { settle } from "../support/fake_clock.ts";
import { UnreliableStore } from "../support/unreliable_store.ts";

const DAY_MS = 86_400_000;

function recordOf(callSid: string, fields: Partial<CallRecord> = {}): CallRecord {
  return {
    callSid,
    from: "+15551234567",
    to: "+15557654321",
    direction: "inbound",
    agent: "default",
    answeredEpochMs: Date.UTC(2026, 0, 5, 9, 0, 0),
    transcript: [],
    turns: [],
    tokens: { prompt: 0, response: 0, total: 0 },
    repairs: {},
    faults: {},
    ...fields,
  };
}

function said(index: number, text = `This is entry ${index}.`): TranscriptEntry {
  if (index % 2 === 0) return { party: "caller", startMs: index * 4_000, text };
  const heard = { spokenMs: 3_000, heardMs: 3_000, heardText: text, interrupted: false };
  return { party: "agent", startMs: index * 4_000, text, ...heard };
}

function turn(index: number): TurnLatency {
  const speechEndedMs = index * 8_000 + 2_000.25;
  return { speechEndedMs, decidedMs: speechEndedMs + 580, activityEndSentMs: speechEndedMs + 581 };
}

/** Processes that share a store. */
class Rig {
  readonly store = new UnreliableStore();
  readonly clock = this.store.clock;
  readonly a = this.process("a");
  readonly b = this.process("b");

  process(instance: string): CallStore {
    return new CallStore({ store: this.store.patient, clock: this.clock, instance });
  }

  /** What a question that needs no time gives. */
  async now<T>(asked: Promise<T>): Promise<T> {
    await this.clock.advance(0);
    return await asked;
  }

  close(): void {
    this.a.close();
    this.b.close();
    this.store.patient.close();
    assertEquals(this.clock.pendingTimers, 0);
  }
}

Deno.test("CallStore gives every process the record as it was saved last", async () => {
  const rig = new Rig();
  const begun = recordOf("CA1");
  rig.a.save(begun);
  assertEquals(await rig.now(rig.b.get("CA1")), begun);
  const grown = recordOf("CA1", { transcript: [said(0), said(1)], turns: [turn(0)] });
  rig.a.save(grown);
  assertEquals(await rig.now(rig.b.get("CA1")), grown);
  const ended = {
    ...grown,
    transcript: [said(0), { ...said(1), heardMs: 900, interrupted: true }, said(2)],
    durationMs: 20_000,
    ending: "caller-hung-up",
  };
  rig.a.save(ended);
  assertEquals(await rig.now(rig.b.get("CA1")), ended);
  assertEquals(await rig.now(rig.a.get("CA1")), ended);
  assertEquals(await rig.now(rig.a.get("CA2")), undefined);
  rig.close();
});

Deno.test("CallStore.save() writes what has changed and no more", async () => {
  const rig = new Rig();
  const transcript = Array.from({ length: 100 }, (_, index) => said(index));
  rig.a.save(recordOf("CA1", { transcript }));
  await settle();
  const before = rig.store.commits.length;
  rig.a.save(recordOf("CA1", { transcript: [...transcript, said(100)] }));
  await settle();
  const keys = rig.store.commits.slice(before).flat().map(({ key }) => key.join(" "));
  const answered = recordOf("CA1").answeredEpochMs;
  assertEquals(keys, ["said CA1 100", "call-time CA1", `call ${answered} CA1`]);
  rig.close();
});

Deno.test("CallStore gives back a transcript of two hours as it was [K02]", async () => {
  const kv = await Deno.openKv(":memory:");
  const store = new PatientStore({
    open: () => Promise.resolve(new KvStore(kv, { clock: systemClock })),
    clock: systemClock,
    log: createLog({ level: "error", clock: systemClock, write() {} }),
  });
  const writer = new CallStore({ store, clock: systemClock, instance: "writer" });
  const reader = new CallStore({ store, clock: systemClock, instance: "reader" });
  const longest = "लंबा वाक्य 😀 ".repeat(2_000).slice(0, 16_384);
  const whole = {
    transcript: Array.from(
      { length: 1_800 },
      (_, index) => index % 100 === 99 ? said(index, longest) : said(index),
    ),
    turns: Array.from({ length: 900 }, (_, index) => turn(index)),
  };
  const record = recordOf("CA1", { answeredEpochMs: Date.now() });
  for (let turns = 0; turns <= 900; turns++) {
    writer.save({
      ...record,
      transcript: whole.transcript.slice(0, turns * 2),
      turns: whole.turns.slice(0, turns),
    });
    // The store gets some of it now and then, as in a call.
    if (turns % 50 === 0) assertEquals((await reader.get("CA1"))?.turns.length, turns);
  }
  const ended = { ...record, ...whole, durationMs: 7_200_000, ending: "time-limit-reached" };
  writer.save(ended);
  assertEquals(await reader.get("CA1"), ended);
  const { transcript: _words, turns, ...summary } = ended;
  const listed = { ...summary, delays: delaysOf(turns) };
  assertEquals(await reader.list({ limit: 10 }), { calls: [listed] });
  assertEquals(store.counts, { failed: 0, dropped: 0, queued: 0 });
  for (const part of [writer, reader, store]) part.close();
});

Deno.test("CallStore gives back what happened beside a call, and writes only what is new of it", async () => {
  const rig = new Rig();
  const moments = Array.from({ length: 120 }, (_, n) => ({
    type: "key-pressed" as const,
    atMs: n * 100,
    detail: String(n % 10),
  }));
  for (const count of [0, 49, 50, 51, 120]) {
    rig.a.save(recordOf("CA1", { moments: moments.slice(0, count) }));
    const read = await rig.now(rig.b.get("CA1"));
    assertEquals(read?.moments ?? [], moments.slice(0, count));
  }
  const { calls: [listed] } = await rig.now(rig.b.list({ limit: 1 }));
  assert(listed && !("moments" in listed));
  rig.close();
});

Deno.test("CallStore.list() gives calls newest first, page by page, whoever kept them", async () => {
  const rig = new Rig();
  for (let call = 0; call < 25; call++) {
    const record = recordOf(`CA${call}`, { answeredEpochMs: 1_000 + call, ending: "line-lost" });
    (call % 2 ? rig.a : rig.b).save(record);
  }
  const listed: string[] = [];
  let after: string | undefined;
  do {
    const options = { limit: 10, ...(after === undefined ? {} : { after }) };
    const page = await rig.now(rig.a.list(options));
    listed.push(...page.calls.map(({ callSid }) => callSid));
    after = page.next;
  } while (after !== undefined);
  assertEquals(listed, Array.from({ length: 25 }, (_, at) => `CA${24 - at}`));
  await assertRejects(() => rig.a.list({ limit: 1, after: "somewhere" }), RangeError);
  rig.close();
});

Deno.test("CallStore closes a call as lost when its process died", async () => {
  const rig = new Rig();
  rig.a.save(recordOf("CA1"));
  await rig.clock.advance(12_000);
  const unfinished = recordOf("CA1", { transcript: [said(0)] });
  rig.a.save(unfinished);
  rig.a.close();
  await rig.clock.advance(17_000);
  assertEquals(await rig.now(rig.b.get("CA1")), unfinished, "it gave a sign 19 s ago");
  await rig.clock.advance(2_000);
  const lost = { ...unfinished, durationMs: 12_000, ending: "lost" };
  assertEquals(await rig.now(rig.b.get("CA1")), lost);
  const { transcript: _words, turns, ...summary } = lost;
  const listed = { ...summary, delays: delaysOf(turns) };
  assertEquals(await rig.now(rig.process("c").list({ limit: 1 })), { calls: [listed] });
  const back = recordOf("CA1", { transcript: [said(0), said(1)] });
  rig.b.save(back);
  assertEquals(await rig.now(rig.process("c").get("CA1")), back, "it goes on elsewhere");
  rig.close();
});

Deno.test("CallStore does not take a quiet call for lost while its process lives", async () => {
  const rig = new Rig();
  rig.a.save(recordOf("CA1"));
  for (let minute = 0; minute < 60; minute++) {
    await rig.clock.advance(60_000);
    assertEquals((await rig.now(rig.b.list({ limit: 1 }))).calls[0]?.ending, undefined);
  }
  rig.a.save(recordOf("CA1", { durationMs: 3_600_000, ending: "agent-hung-up" }));
  await rig.clock.advance(5_000);
  assertEquals(rig.clock.pendingTimers, 0, "with no call there is nothing to tell");
  rig.close();
});

Deno.test("K01, I4: CallStore gives every call its end within 10 s of an outage", async () => {
  for (const trouble of ["absent", "deaf"] as const) {
    const rig = new Rig();
    await settle();
    for (let call = 0; call < 50; call++) rig.a.save(recordOf(`CA${call}`));
    await settle();
    rig.store.trouble = trouble;
    for (let call = 0; call < 100; call++) {
      rig.a.save(recordOf(`CA${call}`, { transcript: [said(0)] }));
      await rig.clock.advance(300);
      const end = { durationMs: 300, ending: "caller-hung-up" };
      rig.a.save(recordOf(`CA${call}`, { transcript: [said(0), said(1)], ...end }));
    }
    rig.store.trouble = "none";
    await rig.clock.advance(10_000);
    const { calls } = await rig.now(rig.b.list({ limit: 200 }));
    assertEquals(calls.map(({ ending }) => ending), Array(100).fill("caller-hung-up"));
    for (const { callSid } of calls) {
      assertEquals((await rig.now(rig.b.get(callSid)))?.transcript, [said(0), said(1)]);
    }
    rig.close();
  }
});

Deno.test("CallStore gives what this process knows while the store is away", async () => {
  const rig = new Rig();
  function atMinute(call: number, fields: Partial<CallRecord>): CallRecord {
    const answeredEpochMs = recordOf("").answeredEpochMs + call * 60_000;
    return recordOf(`CA${call}`, { ...fields, answeredEpochMs });
  }
  rig.b.save(atMinute(1, { ending: "line-lost" }));
  await settle();
  rig.store.trouble = "absent";
  for (let call = 2; call < 302; call++) {
    const isRunning = call === 10;
    rig.a.save(atMinute(call, isRunning ? { transcript: [said(0)] } : { ending: "line-lost" }));
  }
  async function asked<T>(answer: Promise<T>): Promise<T> {
    const sinceMs = rig.clock.nowMs();
    let tookMs: number | undefined;
    answer.then(() => tookMs = rig.clock.nowMs() - sinceMs);
    await rig.clock.advance(1_000);
    assert(tookMs !== undefined, "nobody waits longer than a second");
    return await answer;
  }
  const page = await asked(rig.a.list({ limit: 3 }));
  assertEquals(page.calls.map(({ callSid }) => callSid), ["CA301", "CA300", "CA299"]);
  assert(page.isPartial && page.next);
  const rest = await asked(rig.a.list({ limit: 1_000, after: page.next }));
  assertEquals(rest.calls.length, 197);
  assertEquals(rest.calls.at(-1)?.callSid, "CA10", "the oldest, and it goes on");
  assertEquals(await asked(rig.a.get("CA10")), atMinute(10, { transcript: [said(0)] }));
  assertEquals(await asked(rig.a.get("CA1")), undefined);
  rig.store.trouble = "none";
  await rig.clock.advance(2_000);
  assertEquals((await rig.now(rig.a.list({ limit: 1_000 }))).calls.length, 301);
  rig.close();
});

Deno.test("CallStore keeps records for 30 days, all parts of each equally long", async () => {
  const rig = new Rig();
  const begun = recordOf("CA1", { transcript: [said(0)] });
  rig.a.save(begun);
  await rig.clock.advance(7_200_000);
  const ended = { ...begun, transcript: [said(0), said(1)], ending: "line-lost" };
  rig.a.save(ended);
  await rig.clock.advance(30 * DAY_MS - 7_200_000 - 1);
  assertEquals(await rig.now(rig.b.get("CA1")), ended);
  await rig.clock.advance(1);
  assertEquals(await rig.now(rig.b.get("CA1")), undefined);
  assertEquals(await rig.now(rig.b.list({ limit: 1 })), { calls: [] });
  assertEquals(await rig.store.memory.list(["said"]), []);
  rig.close();
});
