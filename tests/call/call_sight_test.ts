import { assertEquals } from "@std/assert";
import { encodeMulaw } from "../../audio/mulaw.ts";
import type { ToolInSight } from "../../lib/call/call_observer.ts";
import { CallSight } from "../../lib/call/call_sight.ts";
import { LiveCalls } from "../../lib/call/live_calls.ts";
import type { Leg } from "../../lib/call/leg.ts";
import { SightReader } from "../../lib/call/sight_reader.ts";
import type { CallRecord } from "../../lib/records/call_record.ts";
import { RICH_CALL } from "../support/kept_calls.ts";

const FRAME_SAMPLES = 160;

/** A call at a time of the test's own. */
class SeenCall {
  readonly sight = new CallSight(RICH_CALL);
  callMs = 0;
  record: CallRecord = { ...RICH_CALL, faults: {}, repairs: {} };
  tools: readonly ToolInSight[] = [];
  readonly played: string[] = [];
  readonly leg: Leg;

  constructor() {
    this.sight.began({
      callMs: () => this.callMs,
      record: () => this.record,
      tools: () => this.tools,
      whisper: (text) => void this.played.push(`whisper ${text}`),
      hangUp: () => void this.played.push("hang-up"),
    });
    this.leg = this.sight.see({
      faults: new Map([["one", 1]]),
      listen: () => void this.played.push("listen"),
      play: (mulaw) => void this.played.push(`play ${mulaw.length}`),
      mark: (name) => void this.played.push(`mark ${name}`),
      clear: () => void this.played.push("clear"),
      close: () => void this.played.push("close"),
    });
  }
}

/** A frame that is as loud as a square wave of half the amplitude: -6 dBFS. */
function loudFrame(frames = 1): Uint8Array {
  const pcm = Int16Array.from(
    { length: frames * FRAME_SAMPLES },
    (_, n) => n % 2 ? 16_384 : -16_384,
  );
  const mulaw = new Uint8Array(pcm.length);
  encodeMulaw(pcm, mulaw);
  return mulaw;
}

Deno.test("CallSight passes everything to the leg and back", () => {
  const call = new SeenCall();
  call.leg.listen(() => {});
  call.leg.play(loudFrame());
  call.leg.mark("a");
  call.leg.clear();
  call.leg.close();
  assertEquals(call.leg.faults.get("one"), 1);
  assertEquals([call.sight.whisper("be kind"), call.sight.hangUp()], [true, true]);
  assertEquals(call.played, [
    "listen",
    "play 160",
    "mark a",
    "clear",
    "close",
    "whisper be kind",
    "hang-up",
  ]);
  const unbegun = new CallSight(RICH_CALL);
  assertEquals([unbegun.whisper("be kind"), unbegun.hangUp(), unbegun.tools], [false, false, []]);
});

Deno.test("CallSight says who has the floor", () => {
  const call = new SeenCall();
  const { sight } = call;
  assertEquals(sight.speaker, "nobody");
  call.leg.play(loudFrame(50));
  assertEquals(sight.speaker, "agent");
  sight.ordered("hold-playout");
  call.leg.clear();
  assertEquals(sight.speaker, "held");
  sight.ordered("resume-playout");
  call.leg.play(loudFrame(10));
  assertEquals(sight.speaker, "agent");
  call.callMs = 200;
  assertEquals(sight.speaker, "nobody");
  sight.ordered("hold-playout");
  sight.ordered("open-activity");
  assertEquals(sight.speaker, "caller");
  sight.ordered("close-activity");
  assertEquals(sight.speaker, "nobody");
});

Deno.test("CallSight keeps moments with their times and hands them to the record", () => {
  const call = new SeenCall();
  const { sight } = call;
  const at = (callMs: number, happens: () => void) => {
    call.callMs = callMs;
    happens();
  };
  at(100, () => sight.ordered("open-activity"));
  at(200, () => sight.ordered("set-aside"));
  at(300, () => sight.took({ type: "digit-pressed", digit: "7" }));
  at(400, () =>
    sight.took({
      type: "functions-called",
      calls: [{ id: "1", name: "look", args: {} }, { id: "2", name: "find", args: {} }],
    }));
  call.tools = [{ name: "look", startMs: 400 }];
  assertEquals(sight.tools, call.tools);
  at(600, () => sight.took({ type: "whispered", text: "offer the window" }));
  at(700, () => sight.took({ type: "model-state-changed", state: "disconnected" }));
  at(800, () => sight.took({ type: "model-reconnected", how: "resumed" }));
  call.record = { ...call.record, faults: { gap: 2 }, repairs: { again: 1 } };
  sight.withMoments(call.record);
  call.callMs = 900;
  assertEquals(sight.withMoments(call.record).moments, [
    { type: "window-opened", atMs: 100 },
    { type: "key-pressed", atMs: 300, detail: "7" },
    { type: "tool-called", atMs: 400, detail: "look" },
    { type: "tool-called", atMs: 400, detail: "find" },
    { type: "whispered", atMs: 600, detail: "offer the window" },
    { type: "model-away", atMs: 700 },
    { type: "model-back", atMs: 800, detail: "resumed" },
    { type: "repair", atMs: 800, detail: "again 1" },
    { type: "fault", atMs: 800, detail: "gap 2" },
  ]);
});

Deno.test("CallSight bounds what it keeps of a call", () => {
  const call = new SeenCall();
  for (let n = 0; n < 5_000; n++) call.sight.ordered("open-activity");
  assertEquals(call.sight.withMoments(call.record).moments?.length, 2_000);
});

Deno.test("CallSight looks at sound only while somebody reads, and gives it in columns of 100 ms", () => {
  const call = new SeenCall();
  const { sight } = call;
  const frame = () => {
    sight.took({ type: "frame-received", streamMs: 0, mulaw: loudFrame(), filled: false });
    sight.took({ type: "frame-scored", endMs: 20, speechProbability: 0.876 });
  };
  frame();
  call.callMs = 1_000;
  assertEquals(sight.columns(0), []);
  const stopWatching = sight.watch();
  frame();
  call.leg.play(loudFrame(10));
  call.callMs = 1_150;
  assertEquals(sight.columns(0), [[10, -6, -6, 88]]);
  call.callMs = 1_150;
  call.leg.clear();
  call.callMs = 1_300;
  assertEquals(sight.columns(11), [[11, -96, -6, 0]]);
  stopWatching();
  stopWatching();
  assertEquals(sight.columns(0), []);
});

Deno.test("SightReader tells a long transcript once, then what is new", () => {
  const call = new SeenCall();
  const transcript = Array.from({ length: 500 }, (_, n) => ({
    party: "caller" as const,
    startMs: n,
    text: `line ${n}`,
  }));
  call.record = { ...call.record, transcript };
  const reader = new SightReader(call.sight);
  assertEquals(reader.next()?.said?.length, 500);
  assertEquals(reader.next(), undefined);
  const changed = { party: "caller" as const, startMs: 499, text: "line 499 and more" };
  call.record = { ...call.record, transcript: transcript.with(499, changed) };
  assertEquals(reader.next(), { said: [[499, changed]] });
  call.sight.ended("line-lost");
  assertEquals([reader.isOver, reader.next(), reader.isOver], [
    false,
    { ending: "line-lost" },
    true,
  ]);
  assertEquals(reader.next(), undefined);
  reader.close();
});

Deno.test("LiveCalls keeps the sight of a call that came back when the one before it ends", () => {
  const live = new LiveCalls();
  const first = live.begin(RICH_CALL);
  const second = live.begin(RICH_CALL);
  live.end(first, "line-lost");
  assertEquals(live.get(RICH_CALL.callSid), second);
  assertEquals(live.list(), []);
  live.end(second, "caller-hung-up");
  assertEquals(live.get(RICH_CALL.callSid), undefined);
});
