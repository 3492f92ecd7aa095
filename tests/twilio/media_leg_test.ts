import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { LegEvent } from "../../lib/call/leg.ts";
import { createRig, heard, mediaMessage, openRig, startMessage } from "./stream_rig.ts";

const FRAME = new Uint8Array(160).fill(7);

Deno.test("Leg.listen() hears frames, marks, digits and the end, in order", async () => {
  const { say, stream, events, leg } = await openRig();
  say(mediaMessage(1));
  say({ event: "mark", streamSid: "MZ1", mark: { name: "g1-1" } });
  say({ event: "dtmf", streamSid: "MZ1", dtmf: { track: "inbound_track", digit: "#" } });
  say({ event: "something-new", streamSid: "MZ1" });
  say(mediaMessage(2));
  say({ event: "stop", streamSid: "MZ1" });
  stream.closed(1000);
  assertEquals(events, [
    { type: "frame-received", streamMs: 0, mulaw: new Uint8Array(160).fill(1), filled: false },
    { type: "mark-reached", name: "g1-1" },
    { type: "digit-pressed", digit: "#" },
    { type: "frame-received", streamMs: 20, mulaw: new Uint8Array(160).fill(2), filled: false },
    { type: "leg-ended", reason: "hung-up" },
  ]);
  assertEquals(leg.faults.size, 0);
});

Deno.test("Leg.listen() hears first what came before, and what it brings about itself after that", async () => {
  const rig = createRig();
  rig.say(startMessage());
  const opened = await rig.stream.opened;
  assert(opened);
  for (let chunk = 1; chunk <= 3; chunk++) rig.say(mediaMessage(chunk));
  const events: LegEvent[] = [];
  opened.leg.listen((event) => {
    if (events.push(event) === 1) rig.say(mediaMessage(4));
  });
  rig.say(mediaMessage(5));
  assertEquals(heard(events), [1, 2, 3, 4, 5]);
  rig.stream.closed();
});

Deno.test("MediaStream takes bursts by media time: nothing lost, filled or late [T08]", async () => {
  const { say, stream, clock, events, leg } = await openRig();
  let chunk = 0;
  for (let time = 0; time < 10; time++) {
    await clock.advance(500);
    for (let frame = 0; frame < 25; frame++) say(mediaMessage(++chunk));
    assertEquals(events.length, chunk);
  }
  assertEquals(
    events.map((event) => event.type === "frame-received" && [event.streamMs, event.mulaw[0]]),
    Array.from({ length: 250 }, (_, at) => [20 * at, (at + 1) % 200]),
  );
  assertEquals(leg.faults.size, 0);
  stream.closed();
});

Deno.test("MediaStream counts each frame of silence that it puts in [T05]", async () => {
  const { say, stream, events, leg } = await openRig();
  for (const chunk of [1, 2, 6, 7, 8, 9]) say(mediaMessage(chunk));
  assertEquals(heard(events), [1, 2, 255, 255, 255, 6, 7, 8, 9]);
  assertEquals([...leg.faults], [["frame-filled", 3]]);
  stream.closed();
});

/** Messages of which nothing may reach the call: wrong stream, wrong shape, no audio. */
const RUBBISH: unknown[] = [
  { ...mediaMessage(2), streamSid: "MZ2" },
  { ...mediaMessage(2), streamSid: "" },
  { ...mediaMessage(2), streamSid: undefined },
  ...["", "A", "AAA", "AA==", "AAAA", "####", "A".repeat(213) + "*"].map((payload) =>
    mediaMessage(2, { payload })
  ),
  mediaMessage(2, { chunk: "two" }),
  mediaMessage(2, { timestamp: -5 }),
  mediaMessage(2, { timestamp: "9999999999" }),
  { event: "mark", streamSid: "MZ2", mark: { name: "x" } },
  { event: "mark", streamSid: "MZ1", mark: {} },
  { event: "dtmf", streamSid: "MZ1", dtmf: { digit: "12" } },
  { event: "stop", streamSid: "MZ2" },
  { event: "start" },
  {},
  null,
  5,
];
const RAW_RUBBISH: unknown[] = [
  "",
  "{",
  "\0",
  "\ud800",
  new ArrayBuffer(5),
  new Uint8Array(160),
  5,
  null,
];

Deno.test("MediaStream drops and counts 10,000 rubbish messages, and hears every frame between them [T04]", async () => {
  const seed = 20_260_105;
  const kinds = fc.sample(fc.nat(RUBBISH.length + RAW_RUBBISH.length - 1), {
    seed,
    numRuns: 10_000,
  });
  const { say, stream, socket, events, leg } = await openRig();
  let chunk = 0;
  kinds.forEach((kind, at) => {
    if (kind < RUBBISH.length) say(RUBBISH[kind]);
    else stream.message(RAW_RUBBISH[kind - RUBBISH.length]);
    if (at % 10 === 0) say(mediaMessage(++chunk));
  });
  assertEquals(heard(events), Array.from({ length: 1_000 }, (_, index) => (index + 1) % 200));
  assertEquals(events.length, 1_000, `seed ${seed}`);
  const counted = [...leg.faults.values()].reduce((sum, times) => sum + times, 0);
  assertEquals(counted, 10_000, `seed ${seed}`);
  assertEquals(socket.closes, []);
  assertEquals(socket.sent, []);
  stream.closed();
});

Deno.test("MediaStream.message() throws on nothing at all [T04][C02]", async () => {
  const { stream, socket } = await openRig();
  const anything = fc.oneof(
    fc.anything({ withBigInt: true, withTypedArray: true, withSparseArray: true }),
    fc.json(),
    fc.string({ unit: "binary" }),
  );
  fc.assert(fc.property(anything, (data) => stream.message(data)), { numRuns: 2_000 });
  assertEquals(socket.closes, []);
  stream.closed();
});

Deno.test("MediaStream has lost the line when its socket closed on a message over 64 KiB [T09]", async () => {
  const { stream, events, leg, clock } = await openRig();
  stream.closed(1009);
  stream.closed(1006);
  assertEquals(events, [{ type: "leg-ended", reason: "lost" }]);
  assertEquals([...leg.faults], [["message-too-large", 1]]);
  assertEquals(clock.pendingTimers, 0);
});

Deno.test("MediaStream drops and counts binary frames", async () => {
  const { stream, leg, socket } = await openRig();
  const text = new TextEncoder().encode(JSON.stringify(mediaMessage(1)));
  for (const data of [text, text.buffer, new Blob([text])]) stream.message(data);
  assertEquals([...leg.faults], [["message-binary", 3]]);
  assertEquals(socket.closes, []);
  stream.closed();
});

Deno.test("MediaStream survives a listener that throws", async () => {
  const rig = createRig();
  rig.say(startMessage());
  const opened = await rig.stream.opened;
  assert(opened);
  const events: LegEvent[] = [];
  opened.leg.listen((event) => {
    events.push(event);
    if (events.length === 1) throw new Error("a bug");
  });
  for (let chunk = 1; chunk <= 3; chunk++) rig.say(mediaMessage(chunk));
  assertEquals(heard(events), [1, 2, 3]);
  assertEquals([...opened.leg.faults], [["message-handler-failed", 1]]);
  const line = rig.lines.find(({ event }) => event === "media-stream-handler-failed");
  assertEquals(line?.level, "error");
  rig.stream.closed();
});

Deno.test("Leg sends media, marks and clear exactly as asked, and nothing else", async () => {
  const { leg, socket, stream } = await openRig();
  leg.play(FRAME);
  leg.mark("g1-1");
  leg.play(new Uint8Array(480));
  leg.clear();
  assertEquals(socket.messages, [
    { event: "media", streamSid: "MZ1", media: { payload: FRAME.toBase64() } },
    { event: "mark", streamSid: "MZ1", mark: { name: "g1-1" } },
    { event: "media", streamSid: "MZ1", media: { payload: new Uint8Array(480).toBase64() } },
    { event: "clear", streamSid: "MZ1" },
  ]);
  stream.closed();
});

Deno.test("Leg.play() refuses what is not whole frames", async () => {
  const { leg, socket, stream } = await openRig();
  for (const length of [0, 1, 159, 161, 319]) {
    assertThrows(() => leg.play(new Uint8Array(length)), RangeError, "whole frames");
  }
  assertEquals(socket.sent, []);
  stream.closed();
});
