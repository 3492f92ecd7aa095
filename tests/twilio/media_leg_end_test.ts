import { assertEquals } from "@std/assert";
import type { MediaStream } from "../../lib/twilio/media_leg.ts";
import { heard, mediaMessage, openRig } from "./stream_rig.ts";

const FRAME = new Uint8Array(160);
const STOP = { event: "stop", streamSid: "MZ1", stop: { accountSid: "AC1", callSid: "CA1" } };

/** Ways for a line to end, and how it is taken. */
const ENDS: { end: string; reason: "hung-up" | "lost"; by: (stream: MediaStream) => void }[] = [
  { end: "stop", reason: "hung-up", by: (stream) => stream.message(JSON.stringify(STOP)) },
  { end: "a close with code 1000", reason: "hung-up", by: (stream) => stream.closed(1000) },
  { end: "a close without code", reason: "hung-up", by: (stream) => stream.closed(1005) },
  { end: "a reset", reason: "lost", by: (stream) => stream.closed(0) },
  { end: "an abnormal close", reason: "lost", by: (stream) => stream.closed(1006) },
  { end: "an unanswered ping", reason: "lost", by: (stream) => stream.closed(1001) },
  { end: "an error", reason: "lost", by: (stream) => stream.closed() },
];

for (const { end, reason, by } of ENDS) {
  Deno.test(`MediaStream ends once, as ${reason}, on ${end}`, async () => {
    const { stream, events, socket, clock, say, leg } = await openRig();
    by(stream);
    assertEquals(events, [{ type: "leg-ended", reason }]);
    assertEquals(socket.closes, [1000]);
    assertEquals(clock.pendingTimers, 0);
    for (const again of ENDS) again.by(stream);
    say(mediaMessage(1));
    leg.play(FRAME);
    leg.mark("late");
    leg.clear();
    leg.close();
    await clock.advance(60_000);
    assertEquals(events.length, 1);
    assertEquals(socket.sent, []);
    assertEquals(socket.closes, [1000]);
  });
}

Deno.test("MediaStream gives what it held before it ends", async () => {
  const { stream, events, say } = await openRig();
  for (const chunk of [1, 3, 4]) say(mediaMessage(chunk));
  assertEquals(heard(events), [1]);
  stream.closed(0);
  assertEquals(heard(events), [1, 255, 3, 4]);
  assertEquals(events.at(-1), { type: "leg-ended", reason: "lost" });
});

Deno.test("MediaStream takes 15 s without audio for a dead line, whatever else comes", async () => {
  const { events, socket, clock, say, leg } = await openRig();
  await clock.advance(10_000);
  say(mediaMessage(1));
  await clock.advance(10_000);
  say({ event: "mark", streamSid: "MZ1", mark: { name: "g1-1" } });
  await clock.advance(4_400);
  assertEquals(events.map(({ type }) => type), ["frame-received", "mark-reached"]);
  await clock.advance(1_100);
  assertEquals(events.at(-1), { type: "leg-ended", reason: "dead" });
  assertEquals([...leg.faults], [["line-silent", 1]]);
  assertEquals(socket.closes, [1011]);
  assertEquals(clock.pendingTimers, 0);
});

Deno.test("MediaStream does not take a line for dead because this process stood still [P03]", async () => {
  const { events, stream, clock, say, leg } = await openRig();
  await clock.advance(1_000);
  clock.standStill(35_000);
  await clock.advance(0);
  for (const chunk of [1, 2, 3]) say(mediaMessage(chunk));
  await clock.advance(14_000);
  assertEquals(heard(events), [1, 2, 3]);
  assertEquals(stream.isOver, false);
  leg.close();
  stream.closed(1000);
});

Deno.test("MediaStream takes 256 KiB unsent for 2 s for a lost line, seen on sending", async () => {
  const { events, socket, clock, leg, say } = await openRig();
  socket.bufferedAmount = 256 * 1_024 + 1;
  for (let frame = 0; frame < 100; frame++) {
    leg.play(FRAME);
    say(mediaMessage(frame + 1));
    await clock.advance(20);
  }
  leg.play(FRAME);
  assertEquals(events.at(-1), { type: "leg-ended", reason: "lost" });
  assertEquals([...leg.faults], [["line-stuck", 1]]);
  assertEquals(socket.closes, [1011]);
  const sent = socket.sent.length;
  leg.play(FRAME);
  assertEquals(socket.sent.length, sent);
  assertEquals(clock.pendingTimers, 0);
});

Deno.test("MediaStream takes 256 KiB unsent for 2 s for a lost line, seen without sending", async () => {
  const { events, socket, clock, leg } = await openRig();
  leg.play(FRAME);
  socket.bufferedAmount = 256 * 1_024 + 1;
  await clock.advance(2_400);
  assertEquals(events, []);
  await clock.advance(600);
  assertEquals(events, [{ type: "leg-ended", reason: "lost" }]);
  assertEquals([...leg.faults], [["line-stuck", 1]]);
});

Deno.test("MediaStream lives through a short jam", async () => {
  const { events, socket, clock, leg, stream } = await openRig();
  for (let jam = 0; jam < 5; jam++) {
    socket.bufferedAmount = 1_000_000;
    leg.play(FRAME);
    await clock.advance(1_900);
    socket.bufferedAmount = 256 * 1_024;
    leg.play(FRAME);
    await clock.advance(500);
  }
  assertEquals(events, []);
  assertEquals(leg.faults.size, 0);
  stream.closed();
});

Deno.test("Leg.close() closes with 1000, sends nothing more and ends with the close event", async () => {
  const { events, socket, clock, leg, stream, say } = await openRig();
  leg.close();
  leg.close();
  leg.play(FRAME);
  leg.clear();
  say(mediaMessage(1));
  say(STOP);
  assertEquals(events, []);
  assertEquals(socket.closes, [1000]);
  assertEquals(socket.sent, []);
  await clock.advance(1_999);
  stream.closed(1000);
  stream.closed(1005);
  assertEquals(events, [{ type: "leg-ended", reason: "hung-up" }]);
  assertEquals(clock.pendingTimers, 0);
});

Deno.test("Leg.close() waits 2 s for the close event and no longer", async () => {
  const { events, clock, leg, stream } = await openRig();
  leg.close();
  await clock.advance(1_999);
  assertEquals(events, []);
  await clock.advance(1);
  assertEquals(events, [{ type: "leg-ended", reason: "lost" }]);
  assertEquals(clock.pendingTimers, 0);
  stream.closed(0);
  assertEquals(events.length, 1);
});

Deno.test("Leg sends nothing into a socket that is closing or closed", async () => {
  const { leg, socket, stream } = await openRig();
  for (const readyState of [0, 2, 3]) {
    socket.readyState = readyState;
    leg.play(FRAME);
    leg.mark("g1-1");
    leg.clear();
  }
  assertEquals(socket.sent, []);
  stream.closed();
});
