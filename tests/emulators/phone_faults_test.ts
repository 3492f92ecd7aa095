import { assert, assertEquals, assertGreaterOrEqual, assertThrows } from "@std/assert";
import fc from "fast-check";
import { hangUp, untilEnded, wait } from "../../emulators/caller_script.ts";
import {
  addLongText,
  addRubbish,
  alterStart,
  chain,
  doubleFrames,
  type LineMessage,
  loseFrames,
  mediaBeforeStart,
  reorderFrames,
  type Tamper,
} from "../../emulators/line_faults.ts";
import { CONNECT, Rig, sound } from "./phone_server.ts";

/** What a server gets of `count` frames, by their numbers; other messages by their event. */
function sent(tamper: Tamper, count: number): (number | string)[] {
  const frames = Array.from({ length: count }, (_, n) => ({ event: "media", n }));
  return [{ event: "connected" }, { event: "start" }, ...frames, { event: "stop" }]
    .flatMap(tamper)
    .map((message) => typeof message === "string" ? message : Number(message.n ?? NaN));
}

const numbers = (all: (number | string)[]) => all.filter((n) => Number.isInteger(n)) as number[];

Deno.test("loseFrames() loses the given part, and the same frames for the same seed [T05]", () => {
  const lost = (seed: number) =>
    10_000 - numbers(sent(loseFrames({ percent: 5, seed }), 10_000)).length;
  assert(lost(1) > 400 && lost(1) < 600, `lost ${lost(1)} of 10000`);
  assertEquals(lost(1), lost(1));
  assertEquals(numbers(sent(loseFrames({ percent: 0, seed: 1 }), 100)).length, 100);
  assertEquals(numbers(sent(loseFrames({ percent: 100, seed: 1 }), 100)).length, 0);
  assertThrows(() => loseFrames({ percent: 101, seed: 1 }), RangeError);
});

Deno.test("doubleFrames() sends frames twice in a row [T06]", () => {
  assertEquals(numbers(sent(doubleFrames({ percent: 100, seed: 1 }), 3)), [0, 0, 1, 1, 2, 2]);
});

Deno.test("reorderFrames() loses nothing and moves no frame by more than two places [T06]", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(200), (seed, count) => {
      const order = numbers(sent(reorderFrames({ percent: 30, seed }), count));
      assertEquals(order.toSorted((a, b) => a - b), Array.from({ length: count }, (_, n) => n));
      for (const [place, n] of order.entries()) assert(Math.abs(place - n) <= 2);
    }),
    { numRuns: 1000 },
  );
});

Deno.test("chain() applies tampers one after another and leaves texts alone", () => {
  const tamper = chain(
    doubleFrames({ percent: 100, seed: 1 }),
    (message): LineMessage[] => ["text", message],
    doubleFrames({ percent: 100, seed: 1 }),
  );
  assertEquals(tamper({ event: "media", n: 1 }).filter((message) => message === "text").length, 2);
  assertEquals(tamper({ event: "media", n: 1 }).length, 6);
});

Deno.test("mediaBeforeStart() sends start behind the given number of frames [T02]", () => {
  const order = ["connected", "start", "media", "media", "media"]
    .map((event) => ({ event }))
    .flatMap(mediaBeforeStart(2))
    .map((message) => typeof message === "string" ? message : message.event);
  assertEquals(order, ["connected", "media", "media", "start", "media"]);
});

Deno.test("addLongText() sends one text of the given size [T09]", () => {
  const texts = sent(addLongText({ bytes: 65_537, afterFrames: 3 }), 10)
    .filter((message) => typeof message === "string");
  assertEquals(texts.map((text) => text.length), [65_537]);
  assertEquals(JSON.parse(texts[0] ?? "").event, "media");
});

Deno.test("addRubbish() reaches the server between good frames and spoils none of them", async () => {
  await using rig = await Rig.start({});
  const tamper = addRubbish({ percent: 100, seed: 1 });
  await rig.dial([wait(1000), hangUp()], { faults: { tamper } }).ended;
  const [stream] = rig.streams;
  assert(stream);
  const chunks = stream.messages.filter(({ event, media, streamSid, sequenceNumber }) =>
    event === "media" && streamSid === stream.streamSid && sequenceNumber &&
    media?.payload?.length === 216
  );
  assertEquals(new Set(chunks.map(({ media }) => media?.chunk)).size, 50);
  assertEquals(stream.texts.length, 3 + 50 + 50);
});

Deno.test("alterStart() changes what start says", async () => {
  await using rig = await Rig.start({});
  const tamper = alterStart({ callSid: "CA0", mediaFormat: { encoding: "audio/L16" } });
  await rig.dial([wait(40), hangUp()], { faults: { tamper } }).ended;
  const start = rig.streams[0]?.messages[1]?.start;
  assertEquals([start?.callSid, start?.mediaFormat], ["CA0", { encoding: "audio/L16" }]);
});

Deno.test("marks can stay away, or come late [T12]", async () => {
  const behaviour = {
    onStart: (stream: { mark: (name: string) => void }) => stream.mark("m"),
  };
  await using never = await Rig.start(behaviour);
  await never.dial([wait(600), hangUp()], { faults: { marks: "never" } }).ended;
  assertEquals(never.streams[0]?.messages.filter(({ event }) => event === "mark"), []);

  await using late = await Rig.start(behaviour);
  const report = await late.dial([wait(2000), hangUp()], { faults: { marks: { lateMs: 300 } } })
    .ended;
  const messages = late.streams[0]?.messages ?? [];
  const before = messages.slice(0, messages.findIndex(({ event }) => event === "mark"))
    .filter(({ event }) => event === "media");
  assertGreaterOrEqual(before.length, 14);
  assertEquals(report.marks[0]?.reachedAtMs, report.marks[0]?.queuedAtMs);
});

Deno.test("a reset cuts the stream without stop, and the document goes on [T11]", async () => {
  await using rig = await Rig.start({
    twiml: CONNECT.replace("</Response>", "<Say>Still here</Say></Response>"),
  });
  const report = await rig.dial([untilEnded()], { faults: { resetAfterMs: 200 } }).ended;
  const messages = rig.streams[0]?.messages ?? [];
  assertEquals(messages.filter(({ event }) => event === "stop"), []);
  assertEquals(report.streams.map(({ closedBy, closeCode }) => [closedBy, closeCode]), [
    ["line", 1006],
  ]);
  assertEquals(report.spoken.map(({ text }) => text), ["Still here"]);
});

Deno.test("a line that stops reading takes everything when it reads again [T13]", async () => {
  let frames = 0;
  await using rig = await Rig.start({
    onMessage: (message, stream) => message.media && ++frames === 20 && stream.media(sound(1600)),
  });
  const stopReading = { afterMs: 200, forMs: 600 };
  const report = await rig.dial([wait(3000), hangUp()], { faults: { stopReading } }).ended;
  const waitedMs = (report.firstMediaAtMs ?? 0) - (report.streams[0]?.startedAtMs ?? 0);
  assertGreaterOrEqual(waitedMs, 800);
  assertEquals(report.heard.filter((code) => code !== 0xff).length, 1600);
});

Deno.test("the handshake can be signed over the URL with a slash at its end", async () => {
  await using rig = await Rig.start({});
  await rig.dial([wait(40), hangUp()], { faults: { signWithSlash: true } }).ended;
  await rig.dial([wait(40), hangUp()]).ended;
  const [slash, plain] = rig.streams.map(({ headers }) => headers.get("x-twilio-signature"));
  assert(slash && plain && slash !== plain);
});
