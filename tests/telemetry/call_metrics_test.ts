import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { createLog } from "../../lib/log.ts";
import type { CallRecord, TurnLatency } from "../../lib/records/call_record.ts";
import { Telemetry } from "../../lib/telemetry/telemetry.ts";
import { FakeClock } from "../support/fake_clock.ts";

const BEGUN: CallRecord = {
  callSid: "CA1",
  from: "+15550001111",
  to: "+15550002222",
  direction: "inbound",
  agent: "default",
  answeredEpochMs: 0,
  transcript: [],
  turns: [],
  tokens: { prompt: 0, response: 0, total: 0 },
  bargeIns: {},
  repairs: {},
  faults: {},
};

const TURN: TurnLatency = {
  speechEndedMs: 1_000,
  decidedMs: 1_600,
  activityEndSentMs: 1_600,
  firstModelAudioMs: 1_900,
  firstMediaSentMs: 1_910,
  firstHeardMs: 2_100,
};

function telemetry(): Telemetry {
  return new Telemetry(createLog({ level: "error", clock: new FakeClock(), write: () => {} }));
}

/** The lines of a metric, without those that describe it. */
function linesOf(name: string, { render }: { render: () => string }): string[] {
  return render().split("\n").filter((line) => line.startsWith(`offhook_${name}`));
}

function rendered(counted: Telemetry): { render: () => string } {
  return { render: () => counted.render() };
}

Deno.test("CallMetrics counts a call once, however often its record is kept", () => {
  const counted = telemetry();
  const open = { speechEndedMs: 5_000, decidedMs: 5_500, activityEndSentMs: 5_500 };
  const records: CallRecord[] = [
    BEGUN,
    { ...BEGUN, turns: [TURN], tokens: { prompt: 100, response: 20, total: 120 } },
    {
      ...BEGUN,
      turns: [TURN, open],
      tokens: { prompt: 300, response: 50, total: 350 },
      bargeIns: { held: 2, resumed: 1, cut: 1 },
      repairs: { bridge: 1 },
      faults: { "frame-filled": 3 },
    },
  ];
  for (const record of records) counted.kept(record);
  counted.kept({ ...records[2] ?? BEGUN, durationMs: 9_000, ending: "caller-hung-up" });
  const shown = rendered(counted);
  assertEquals(linesOf("tokens_total", shown), [
    'offhook_tokens_total{kind="prompt"} 300',
    'offhook_tokens_total{kind="response"} 50',
  ]);
  assertEquals(linesOf("barge_ins_total", shown), [
    'offhook_barge_ins_total{what="held"} 2',
    'offhook_barge_ins_total{what="resumed"} 1',
    'offhook_barge_ins_total{what="cut"} 1',
  ]);
  assertEquals(linesOf("repairs_total", shown), ['offhook_repairs_total{repair="bridge"} 1']);
  assertEquals(linesOf("faults_total", shown), ['offhook_faults_total{fault="frame-filled"} 3']);
  assertEquals(linesOf("calls_ended_total", shown), [
    'offhook_calls_ended_total{ending="caller-hung-up"} 1',
  ]);
  assertEquals(linesOf("call_seconds_sum", shown), ["offhook_call_seconds_sum 9"]);
  // The second turn was never answered: it has an end and no more.
  assertEquals(linesOf("end_of_turn_seconds_count", shown), [
    "offhook_end_of_turn_seconds_count 2",
  ]);
  assertEquals(linesOf("end_of_turn_seconds_sum", shown), ["offhook_end_of_turn_seconds_sum 1.1"]);
  assertEquals(linesOf("model_first_audio_seconds_sum", shown), [
    "offhook_model_first_audio_seconds_sum 0.3",
  ]);
  assertEquals(linesOf("answer_sent_seconds_sum", shown), ["offhook_answer_sent_seconds_sum 0.91"]);
  assertEquals(linesOf("answer_heard_seconds_sum", shown), [
    "offhook_answer_heard_seconds_sum 1.1",
  ]);
});

Deno.test("CallMetrics does not count again what a call brings along from another run", () => {
  const counted = telemetry();
  const back = {
    ...BEGUN,
    turns: [TURN],
    tokens: { prompt: 100, response: 20, total: 120 },
    faults: { "frame-filled": 3 },
  };
  counted.kept(back);
  const next = { ...TURN, speechEndedMs: 9_000, decidedMs: 9_500, firstHeardMs: 9_800 };
  counted.kept({
    ...back,
    turns: [TURN, next],
    faults: { "frame-filled": 4 },
    ending: "line-lost",
  });
  const shown = rendered(counted);
  assertEquals(linesOf("tokens_total", shown), []);
  assertEquals(linesOf("faults_total", shown), ['offhook_faults_total{fault="frame-filled"} 1']);
  assertEquals(linesOf("end_of_turn_seconds_count", shown), [
    "offhook_end_of_turn_seconds_count 1",
  ]);
});

Deno.test("CallMetrics counts turns on, when a record has room for the latest alone", () => {
  const counted = telemetry();
  counted.kept(BEGUN);
  const turns = Array.from({ length: 1_500 }, (_, n) => ({ ...TURN, speechEndedMs: n }));
  for (let n = 1; n <= turns.length; n += 100) {
    counted.kept({ ...BEGUN, turns: turns.slice(Math.max(0, n - 1_000), n) });
  }
  counted.kept({ ...BEGUN, turns: turns.slice(-1_000), ending: "caller-hung-up" });
  assertEquals(linesOf("end_of_turn_seconds_count", rendered(counted)), [
    "offhook_end_of_turn_seconds_count 1500",
  ]);
});

Deno.test("CallMetrics counts what the log is told, of each line and of those below it", () => {
  const written: string[] = [];
  const log = createLog({
    level: "debug",
    clock: new FakeClock(),
    write: (line) => written.push(line),
  });
  const counted = new Telemetry(log);
  counted.log.info("call-admitted", { callSid: "CA1", agent: "default" });
  counted.log.warn("call-turned-away", { callSid: "CA2", reason: "full" });
  counted.log.with({ callSid: "CA1" }).info("model-reconnected", { how: "resumed", gapMs: 3 });
  counted.log.error("call-failed", { error: new Error("the detector fails") });
  counted.log.debug("tool-called", { tool: "clock" });
  assertEquals(written.length, 5);
  const shown = rendered(counted);
  assertEquals(linesOf("calls_admitted_total", shown), ["offhook_calls_admitted_total 1"]);
  assertEquals(linesOf("calls_turned_away_total", shown), [
    'offhook_calls_turned_away_total{reason="full"} 1',
  ]);
  assertEquals(linesOf("model_reconnects_total", shown), [
    'offhook_model_reconnects_total{how="resumed"} 1',
  ]);
  assertEquals(linesOf("problems_total", shown), [
    'offhook_problems_total{level="warn",event="call-turned-away"} 1',
    'offhook_problems_total{level="error",event="call-failed"} 1',
  ]);
});

Deno.test("[I5] Telemetry shows no number, no name of a call, no word and no secret", () => {
  const counted = telemetry();
  const planted = [
    "+15550001111",
    "AIza-planted",
    "feedfacefeedface",
    "CAplanted",
    "my card is 4111",
  ];
  for (const secret of planted) {
    const record = { ...BEGUN, callSid: secret, from: secret, to: secret, agent: secret };
    counted.kept(record);
    counted.kept({
      ...record,
      transcript: [{ party: "caller", startMs: 0, text: secret }],
      turns: [TURN],
      faults: { [`${secret}!`]: 1 },
      repairs: { [`Of ${secret}`]: 1 },
      ending: `ended by ${secret}`,
    });
    counted.log.warn("call-turned-away", { reason: `No ${secret}`, callSid: secret });
    counted.log.error(`Failed: ${secret}`, { error: new Error(secret) });
    counted.log.info("model-reconnected", { how: { secret } });
  }
  const text = counted.render();
  for (const secret of planted) assertFalse(text.includes(secret), secret);
  assertStringIncludes(text, 'offhook_calls_turned_away_total{reason="other"} 5');
  assert(text.endsWith("\n"));
});

Deno.test("Telemetry keeps a fault of its own from the call", () => {
  const counted = telemetry();
  const broken = new Proxy(BEGUN, {
    get: (target, name) => {
      if (name === "turns") throw new Error("no turns");
      return Reflect.get(target, name);
    },
  });
  counted.kept(broken);
  assertEquals(linesOf("problems_total", rendered(counted)), [
    'offhook_problems_total{level="error",event="telemetry-failed"} 1',
  ]);
});

Deno.test("Telemetry tells the state of the server as it is when it is asked", () => {
  const counted = telemetry();
  let running = 1;
  const memory = { heapBytes: 4, residentBytes: 5 };
  counted.showState(() => ({
    running,
    isStoreUp: true,
    queued: 2,
    dropped: 3,
    lagMs: 250,
    memory,
  }));
  running = 4;
  const shown = rendered(counted);
  assertEquals(linesOf("calls_running", shown), ["offhook_calls_running 4"]);
  assertEquals(linesOf("store", shown), [
    "offhook_store_up 1",
    "offhook_store_queued_writes 2",
    "offhook_store_dropped_writes 3",
  ]);
  assertEquals(linesOf("loop_lag_seconds", shown), ["offhook_loop_lag_seconds 0.25"]);
});
