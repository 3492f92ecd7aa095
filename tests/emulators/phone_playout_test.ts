import { assert, assertAlmostEquals, assertEquals, assertGreaterOrEqual } from "@std/assert";
import fc from "fast-check";
import { hangUp, wait } from "../../emulators/caller_script.ts";
import { PlayoutBuffer } from "../../emulators/playout_buffer.ts";
import { Rig, sound } from "./phone_server.ts";

const SILENCE = new Uint8Array(160).fill(0xff);

Deno.test("PlayoutBuffer.takeReached() gives a mark at once when nothing is queued", () => {
  const buffer = new PlayoutBuffer();
  buffer.mark("now");
  assertEquals(buffer.takeReached(), ["now"]);
  assertEquals(buffer.takeReached(), []);
});

Deno.test("PlayoutBuffer.takeReached() holds a mark until the audio before it has sounded", () => {
  const buffer = new PlayoutBuffer();
  buffer.push(sound(320));
  buffer.mark("end");
  const reached = [1, 2, 3].map(() => {
    buffer.nextFrame();
    return buffer.takeReached();
  });
  assertEquals(reached, [[], [], ["end"]]);
});

Deno.test("PlayoutBuffer.takeReached() holds a mark while the frame before it is sounding", () => {
  const buffer = new PlayoutBuffer();
  buffer.push(sound(160));
  buffer.nextFrame();
  assertEquals(buffer.waitingBytes, 0);
  buffer.mark("end");
  assertEquals(buffer.takeReached(), []);
  buffer.nextFrame();
  assertEquals(buffer.takeReached(), ["end"]);
});

Deno.test("PlayoutBuffer.clear() drops what waits and gives the pending marks in their order", () => {
  const buffer = new PlayoutBuffer();
  buffer.push(sound(160));
  buffer.mark("a");
  buffer.push(sound(480));
  buffer.mark("b");
  buffer.mark("c");
  buffer.nextFrame();
  assertEquals(buffer.clear(), { droppedBytes: 480, marks: ["a", "b", "c"] });
  assertEquals(buffer.nextFrame(), { mulaw: SILENCE, audioBytes: 0 });
  assertEquals(buffer.takeReached(), []);
});

Deno.test("PlayoutBuffer.clear() does no harm when everything has been played", () => {
  assertEquals(new PlayoutBuffer().clear(), { droppedBytes: 0, marks: [] });
});

Deno.test("PlayoutBuffer plays what follows a clear, and echoes its marks", () => {
  const buffer = new PlayoutBuffer();
  buffer.push(sound(1600, 0x90));
  buffer.nextFrame();
  buffer.clear();
  buffer.push(sound(160, 0xa0));
  buffer.mark("new");
  assertEquals(buffer.nextFrame().mulaw, sound(160, 0xa0));
  assertEquals(buffer.takeReached(), []);
  buffer.nextFrame();
  assertEquals(buffer.takeReached(), ["new"]);
});

Deno.test("PlayoutBuffer plays every byte once and in order, however it is cut [C02]", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 500 }), { maxLength: 20 }), (chunks) => {
      const buffer = new PlayoutBuffer();
      const sent = new Uint8Array(chunks.flatMap((chunk) => [...chunk]));
      chunks.forEach((chunk, n) => {
        buffer.push(chunk);
        buffer.mark(String(n));
      });
      const heard: number[] = [];
      const reached: string[] = buffer.takeReached();
      for (let frames = Math.ceil(sent.length / 160); frames > 0; frames--) {
        const { mulaw, audioBytes } = buffer.nextFrame();
        heard.push(...mulaw.subarray(0, audioBytes));
        reached.push(...buffer.takeReached());
      }
      buffer.nextFrame();
      reached.push(...buffer.takeReached());
      assertEquals(new Uint8Array(heard), sent);
      assertEquals(reached, chunks.map((_, n) => String(n)));
    }),
    { numRuns: 1000 },
  );
});

Deno.test("a mark comes back when the audio before it was heard, one behind nothing at once", async () => {
  await using rig = await Rig.start({
    onStart: (stream) => {
      stream.mark("first");
      stream.media(sound(4000));
      stream.mark("last");
    },
  });
  const report = await rig.dial([wait(2000), hangUp()]).ended;
  const names = rig.streams[0]?.messages.flatMap((message) => message.mark?.name ?? []);
  assertEquals(names, ["first", "last"]);
  const [first, last] = report.marks;
  assert(first?.reachedAtMs !== undefined && last?.reachedAtMs !== undefined);
  assertEquals(first.reachedAtMs, first.queuedAtMs);
  const firstHeard = report.heard.findIndex((code) => code !== 0xff) / 8;
  const heardMs = last.reachedAtMs - (report.audioStartedAtMs ?? 0) - firstHeard;
  assertAlmostEquals(heardMs, 500, 1e-6);
  assertEquals([first.cleared, last.cleared], [false, false]);
  assertEquals(report.underruns, []);
});

Deno.test("clear silences the caller's ear within a frame and echoes what was pending in order", async () => {
  let frames = 0;
  await using rig = await Rig.start({
    onStart: (stream) => {
      for (const name of ["a", "b", "c"]) {
        stream.media(sound(8000));
        stream.mark(name);
      }
    },
    onMessage: (message, stream) => message.media && ++frames === 20 && stream.clear(),
  });
  const report = await rig.dial([wait(2500), hangUp()]).ended;
  const names = rig.streams[0]?.messages.flatMap((message) => message.mark?.name ?? []);
  assertEquals(names, ["a", "b", "c"]);
  const [clear] = report.clears;
  assert(clear);
  const heardBytes = report.heard.findLastIndex((code) => code !== 0xff) + 1;
  const firstHeard = report.heard.findIndex((code) => code !== 0xff);
  assertEquals(clear.droppedBytes, 24_000 - (heardBytes - firstHeard));
  const clearMs = clear.atMs - (report.audioStartedAtMs ?? 0);
  assert(heardBytes / 8 - clearMs <= 20, `heard ${heardBytes / 8 - clearMs} ms after the clear`);
  assertEquals(
    report.marks.map(({ name, reachedAtMs, cleared }) => [name, reachedAtMs, cleared]),
    ["a", "b", "c"].map((name) => [name, clear.atMs, true]),
  );
});

Deno.test("the report counts as an underrun what came too late, but not the pause between answers", async () => {
  let frames = 0;
  await using rig = await Rig.start({
    onMessage: (message, stream) => {
      if (message.media && [5, 20, 80].includes(++frames)) stream.media(sound(1600));
    },
  }, { factor: 4 });
  const report = await rig.dial([wait(2500), hangUp()]).ended;
  assertEquals(report.underruns.length, 1);
  assertGreaterOrEqual(report.underruns[0]?.lastedMs ?? 0, 60);
  assertEquals(
    report.messages.map(({ event, bytes, waitingMs }) => [event, bytes, waitingMs]),
    [["media", 1600, 200], ["media", 1600, 200], ["media", 1600, 200]],
  );
});
