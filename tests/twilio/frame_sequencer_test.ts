import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { type Frame, FrameSequencer } from "../../lib/twilio/frame_sequencer.ts";

/** A media message: the index of its frame, counted from 0, and when it begins. */
interface Sent {
  index: number;
  timestampMs: number;
}

const SILENCE = new Uint8Array(160).fill(0xff);

/** A frame that says which one it is, and is not silence. */
function frameOf(index: number): Uint8Array {
  const mulaw = new Uint8Array(160).fill(index % 251);
  mulaw[0] = index >> 8;
  mulaw[1] = index & 0xff;
  return mulaw;
}

function inOrder(count: number, firstMs = 73): Sent[] {
  return Array.from({ length: count }, (_, index) => ({
    index,
    timestampMs: firstMs + 20 * index,
  }));
}

/** Pushes messages as numbered by their index; gives what came out, by message, and what was counted. */
function run(messages: readonly Sent[]): { frames: Frame[]; steps: Frame[][]; faults: string[] } {
  const faults: string[] = [];
  const sequencer = new FrameSequencer((fault) => faults.push(fault));
  const steps = messages.map(({ index, timestampMs }) =>
    sequencer.push(index + 1, timestampMs, frameOf(index))
  );
  steps.push(sequencer.flush());
  return { frames: steps.flat(), steps, faults };
}

/** What came out, as frame numbers with -1 for silence; that the times and the bytes are right is checked on the way. */
function numbersOf(frames: readonly Frame[], startMs = 0): number[] {
  return frames.map(({ streamMs, mulaw, filled }, at) => {
    assertEquals(streamMs, startMs + 20 * at);
    const index = filled ? -1 : ((mulaw[0] ?? 0) << 8) + (mulaw[1] ?? 0);
    assertEquals(mulaw, filled ? SILENCE : frameOf(index));
    return index;
  });
}

/** What should come out if only these frames come in: silence between them, nothing before and after. */
function withSilence(indexes: Iterable<number>): number[] {
  const heard = new Set(indexes);
  if (heard.size === 0) return [];
  const first = Math.min(...heard);
  return Array.from(
    { length: Math.max(...heard) - first + 1 },
    (_, at) => heard.has(first + at) ? first + at : -1,
  );
}

/** Random places for messages of which none is overtaken by one that is three or more behind it. */
function shuffledInWindow(messages: readonly Sent[], places: readonly number[]): Sent[] {
  return messages
    .map((message, at) => ({ message, place: message.index + (places[at % places.length] ?? 0) }))
    .sort((a, b) => a.place - b.place)
    .map(({ message }) => message);
}

const place = fc.double({ min: 0, max: 2.99, noNaN: true });
const places = fc.array(place, { minLength: 1, maxLength: 97 });

Deno.test("FrameSequencer.push() gives each frame at once when all is well", () => {
  const { steps, faults } = run(inOrder(100));
  assertEquals(numbersOf(steps.flat()), withSilence(inOrder(100).keys()));
  assert(steps.slice(0, 100).every((frames) => frames.length === 1));
  assertEquals(faults, []);
});

Deno.test("FrameSequencer.push() fills lost frames with silence, whatever share is lost [T05][C02]", () => {
  for (const share of [0.01, 0.05, 0.2]) {
    const lost = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), {
      minLength: 300,
      maxLength: 300,
    });
    fc.assert(
      fc.property(lost, (chances) => {
        const messages = inOrder(300).filter(({ index }) => (chances[index] ?? 1) >= share);
        const { frames } = run(messages);
        assertEquals(numbersOf(frames), withSilence(messages.map(({ index }) => index)));
      }),
      { numRuns: 350 },
    );
  }
});

Deno.test("FrameSequencer.push() gives up a lost frame when the third after it comes", () => {
  const { steps } = run(inOrder(8).filter(({ index }) => index !== 3));
  assertEquals(steps.map((frames) => frames.length), [1, 1, 1, 0, 0, 4, 1, 0]);
  assertEquals(numbersOf(steps[5] ?? [], 60), [-1, 4, 5, 6]);
});

Deno.test("FrameSequencer.push() puts doubled and reordered frames right within two messages [T06][C02]", () => {
  fc.assert(
    fc.property(places, fc.array(fc.nat(119), { maxLength: 60 }), (shuffle, doubled) => {
      const sent = inOrder(120);
      const doubles = doubled.flatMap((index) => sent.slice(index, index + 1));
      const messages = shuffledInWindow([...sent, ...doubles], shuffle);
      const { frames, steps, faults } = run(messages);
      assertEquals(numbersOf(frames), withSilence(sent.keys()));
      assertEquals(faults, doubles.map(() => "media-doubled"));
      // Messages come 20 ms apart, doubles along with them; frame n would have come at 20 n.
      const came = new Set<number>();
      messages.forEach(({ index }, at) => {
        came.add(index);
        const nowMs = 20 * (came.size - 1);
        for (const released of numbersOf(steps[at] ?? [], steps[at]?.[0]?.streamMs)) {
          assertLessOrEqual(nowMs - 20 * released, 40);
        }
      });
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("FrameSequencer.push() gives every frame once, in order, through loss, doubles, shuffles and jitter [T05][T06][C02]", () => {
  fc.assert(
    fc.property(
      places,
      fc.array(fc.constantFrom(0, 1, 1, 1, 1, 1, 2), { minLength: 150, maxLength: 150 }),
      fc.array(fc.integer({ min: -4, max: 4 }), { minLength: 150, maxLength: 150 }),
      fc.nat(100_000),
      (shuffle, copies, jitterMs, firstMs) => {
        const messages = inOrder(150, firstMs + 4).flatMap(({ index, timestampMs }) =>
          new Array<Sent>(copies[index] ?? 1).fill({
            index,
            timestampMs: timestampMs + (jitterMs[index] ?? 0),
          })
        );
        const { frames, faults } = run(shuffledInWindow(messages, shuffle));
        assertEquals(numbersOf(frames), withSilence(messages.map(({ index }) => index)));
        assertEquals(new Set(faults).size <= 1, true);
        assertEquals(faults.length, copies.filter((count) => count === 2).length);
      },
    ),
    { numRuns: 1_000 },
  );
});

Deno.test("FrameSequencer.push() does not take jitter for loss", () => {
  for (const jitterMs of [1, 2, 3, 4]) {
    const messages = inOrder(200).map(({ index, timestampMs }) => ({
      index,
      timestampMs: timestampMs + (index % 2 === 0 ? jitterMs : -jitterMs),
    }));
    assertEquals(numbersOf(run(messages).frames), withSilence(messages.keys()));
  }
});

Deno.test("FrameSequencer.push() fills withheld audio at once", () => {
  const withheld = inOrder(20).map(({ index, timestampMs }) => ({
    index,
    timestampMs: timestampMs + (index >= 10 ? 500 : 0),
  }));
  const { steps, faults } = run(withheld);
  assertEquals(steps.map((frames) => frames.length), [
    ...new Array(10).fill(1),
    26,
    ...new Array(9).fill(1),
    0,
  ]);
  assertEquals(steps[10]?.filter(({ filled }) => filled).length, 25);
  assertEquals(steps[10]?.at(-1), { streamMs: 700, mulaw: frameOf(10), filled: false });
  assertEquals(faults, []);
});

Deno.test("FrameSequencer.push() fills no more than 10 s and goes on from there", () => {
  const messages = [0, 20, 60_040, 60_060, 60_100].map((timestampMs, index) => ({
    index,
    timestampMs,
  }));
  const { steps } = run(messages);
  assertEquals(steps.map((frames) => frames.length), [1, 1, 501, 1, 2, 0]);
  assertEquals(steps[3]?.[0], { streamMs: 10_060, mulaw: frameOf(3), filled: false });
  assertEquals(steps[4]?.map(({ filled }) => filled), [true, false]);
});

Deno.test("FrameSequencer.push() drops what lies far behind or ahead, and hears the rest", () => {
  for (const timestampMs of [0, 2_180 - 1_001, 2_180 + 600_001, 1e15]) {
    const messages = inOrder(20, 2_000);
    const { frames, faults } = run(messages.toSpliced(10, 0, { index: 10, timestampMs }));
    assertEquals(numbersOf(frames), withSilence(messages.keys()));
    assertEquals(faults, ["media-untimely"]);
  }
});

Deno.test("FrameSequencer.push() believes a clock that stays wrong after a second of it", () => {
  const messages = inOrder(200).map(({ index, timestampMs }) => ({
    index,
    timestampMs: timestampMs + (index >= 20 ? 3_600_000 : 0),
  }));
  const { frames, faults } = run(messages);
  const heard = [...messages.keys()].filter((index) => index < 20 || index >= 70);
  assertEquals(numbersOf(frames), heard);
  assertEquals(faults.length, 52);
  assertEquals(faults.at(-1), "media-resynced");
});

Deno.test("FrameSequencer.push() recovers from a chunk number that was nonsense", () => {
  const rubbish = [1e9, 2e9, 3e9].map((index) => ({ index, timestampMs: 73 + 20 * 20 }));
  const messages = inOrder(200).toSpliced(20, 0, ...rubbish);
  const { frames, faults } = run(messages);
  assertEquals(frames.at(-1)?.mulaw, frameOf(199));
  assertEquals(faults.filter((fault) => fault === "media-untimely").length, 51);
  assertEquals(faults.filter((fault) => fault === "media-resynced").length, 1);
});

Deno.test("FrameSequencer.push() drops a frame that comes after it was given up", () => {
  const sent = inOrder(10);
  const { frames, faults } = run([...sent.toSpliced(3, 1), ...sent.slice(3, 4)]);
  assertEquals(numbersOf(frames), withSilence([0, 1, 2, 4, 5, 6, 7, 8, 9]));
  assertEquals(faults, ["media-doubled"]);
});

Deno.test("FrameSequencer.push() begins with the lowest of the first three when the first are missing", () => {
  const [first, second, third, ...rest] = inOrder(20).slice(5);
  assert(first && second && third);
  const { frames, steps } = run([second, third, first, ...rest]);
  assertEquals(steps.slice(0, 4).map((step) => step.length), [0, 0, 3, 1]);
  assertEquals(numbersOf(frames), withSilence(inOrder(20).slice(5).map(({ index }) => index)));
});

Deno.test("FrameSequencer.push() takes numbers that begin at 0", () => {
  const sequencer = new FrameSequencer(() => {});
  const frames = [0, 1, 2].map((chunk) => sequencer.push(chunk, 20 * chunk, frameOf(chunk)));
  assertEquals(numbersOf(frames.flat()), withSilence([0, 1, 2]));
});

Deno.test("FrameSequencer.push() makes the same frames of any cut of the audio [C02]", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 8, max: 1_000 }), { minLength: 1, maxLength: 60 }),
      (lengths) => {
        const sequencer = new FrameSequencer(() => {});
        const total = lengths.reduce((sum, length) => sum + length, 0);
        const audio = Uint8Array.from({ length: total }, (_, i) => (i * 31) % 127);
        const frames: Frame[] = [];
        let at = 0;
        lengths.forEach((length, index) => {
          const timestampMs = 5 + Math.floor(at / 8);
          frames.push(...sequencer.push(index + 1, timestampMs, audio.slice(at, at += length)));
        });
        assertEquals(frames.length, Math.floor(total / 160));
        frames.push(...sequencer.flush());
        const padded = new Uint8Array(Math.ceil(total / 160) * 160).fill(0xff);
        padded.set(audio);
        frames.forEach(({ streamMs, mulaw, filled }, index) => {
          assertEquals(streamMs, 20 * index);
          assertEquals(mulaw, padded.slice(160 * index, 160 * (index + 1)));
          assertEquals(filled, false);
        });
        assertEquals(frames.length * 160, padded.length);
      },
    ),
    { numRuns: 1_000 },
  );
});

Deno.test("FrameSequencer.push() keeps time through lost messages of any length [T05][C02]", () => {
  const message = fc.record({ bytes: fc.integer({ min: 8, max: 1_000 }), lost: fc.boolean() });
  fc.assert(
    fc.property(fc.array(message, { minLength: 2, maxLength: 100 }), (messages) => {
      const sequencer = new FrameSequencer(() => {});
      let at = 0;
      let frames = 0;
      messages.forEach(({ bytes, lost }, index) => {
        const edge = index === 0 || index === messages.length - 1;
        if (edge || !lost) {
          frames += sequencer.push(index + 1, at / 8, new Uint8Array(bytes)).length;
        }
        at += bytes;
      });
      frames += sequencer.flush().length;
      assertLessOrEqual(Math.abs(frames * 20 - at / 8), 30);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("FrameSequencer.flush() gives what waited, and nothing twice", () => {
  const sequencer = new FrameSequencer(() => {});
  assertEquals(sequencer.flush(), []);
  const before = sequencer.push(1, 0, frameOf(0));
  assertEquals(sequencer.push(3, 40, frameOf(2)), []);
  assertEquals(numbersOf([...before, ...sequencer.flush()]), [0, -1, 2]);
  assertEquals(sequencer.flush(), []);
});
