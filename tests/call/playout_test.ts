import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { LEAD_MS, LONGEST_MESSAGE_MS, Playout, type PlayoutOrder } from "../../lib/call/playout.ts";
import { joined } from "../support/joined.ts";

const FRAME = 160;

/** Audio in which every byte tells where it belongs. */
function audio(ms: number, seed = 0): Uint8Array {
  return Uint8Array.from({ length: ms * 8 }, (_, i) => (i * 31 + seed) % 251);
}

/** A line that plays what it gets, and a clock for it. */
class Line {
  nowMs = 0;
  sentMs = 0;
  readonly sent: { atMs: number; order: PlayoutOrder }[] = [];
  #emptyAtMs = 0;

  take(orders: readonly PlayoutOrder[]): void {
    for (const order of orders) {
      this.sent.push({ atMs: this.nowMs, order });
      if (order.type === "send-media") {
        this.#emptyAtMs = Math.max(this.#emptyAtMs, this.nowMs) + order.mulaw.length / 8;
        this.sentMs += order.mulaw.length / 8;
      }
    }
  }

  get leadMs(): number {
    return Math.max(0, this.#emptyAtMs - this.nowMs);
  }

  get bytes(): Uint8Array {
    const media = this.sent.flatMap(({ order }) =>
      order.type === "send-media" ? [order.mulaw] : []
    );
    return joined(media);
  }

  get marks(): string[] {
    return this.sent.flatMap(({ order }) => order.type === "send-mark" ? [order.name] : []);
  }
}

/** Ticks whenever the playout wants it, up to a time. */
function run(playout: Playout, line: Line, untilMs: number): void {
  for (let next = playout.nextTickMs; next !== undefined && next <= untilMs;) {
    line.nowMs = Math.max(line.nowMs, next);
    line.take(playout.tick(line.nowMs));
    playout.finished(line.nowMs);
    next = playout.nextTickMs;
  }
  line.nowMs = untilMs;
}

Deno.test("Playout sends the first audio at once, up to its lead, in whole frames", () => {
  const playout = new Playout();
  const line = new Line();
  playout.begin();
  line.take(playout.push(audio(2_000), 0));
  assertEquals(line.bytes.length, LEAD_MS * 8);
  for (const { order } of line.sent) {
    if (order.type !== "send-media") continue;
    assertEquals(order.mulaw.length % FRAME, 0);
    assertLessOrEqual(order.mulaw.length, LONGEST_MESSAGE_MS * 8);
  }
});

Deno.test("Playout sends every byte once, in order, in whole frames, never far ahead [C02]", () => {
  const chunks = fc.array(fc.record({ ms: fc.integer({ min: 1, max: 700 }), gap: fc.nat(300) }), {
    minLength: 1,
    maxLength: 30,
  });
  const lateness = fc.infiniteStream(fc.nat(80));
  fc.assert(
    fc.property(chunks, lateness, (pieces, late) => {
      const playout = new Playout();
      const line = new Line();
      const said: Uint8Array[] = [];
      playout.begin();
      for (const { ms, gap } of pieces) {
        const piece = audio(ms, said.length);
        said.push(piece);
        line.take(playout.push(piece, line.nowMs));
        const untilMs = line.nowMs + gap;
        for (let next = playout.nextTickMs; next !== undefined && next <= untilMs;) {
          line.nowMs = Math.max(line.nowMs, next) + Number(late.next().value);
          line.take(playout.tick(line.nowMs));
          assertLessOrEqual(line.leadMs, 500);
          next = playout.nextTickMs;
        }
        line.nowMs = Math.max(line.nowMs, untilMs);
      }
      line.take(playout.complete(line.nowMs));
      run(playout, line, line.nowMs + 40_000);
      const spoken = joined(said);
      const played = line.bytes;
      assert(spoken.every((byte, i) => played[i] === byte));
      assertEquals(played.length % FRAME, 0);
      assert(played.subarray(spoken.length).every((byte) => byte === 0xff));
      assert(!playout.isBusy);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("Playout keeps the line fed without a gap, by an absolute clock", () => {
  const playout = new Playout();
  const line = new Line();
  playout.begin();
  line.take(playout.push(audio(60_000), 0));
  for (let next = playout.nextTickMs; next !== undefined && line.sentMs < 59_000;) {
    line.nowMs = next + 15;
    line.take(playout.tick(line.nowMs));
    assert(line.leadMs > 300, `only ${line.leadMs} ms ahead at ${line.nowMs} ms`);
    next = playout.nextTickMs;
  }
  assertAlmostEquals(line.nowMs, 59_000 - LEAD_MS, 100);
});

Deno.test("Playout knows what was heard by its clock, however late a mark is", () => {
  const playout = new Playout();
  const line = new Line();
  playout.begin();
  line.take(playout.push(audio(400), 0));
  const [first] = line.marks;
  assert(first !== undefined && playout.markReached(first));
  assertEquals(playout.clear(350).answers, [{
    answer: 1,
    spokenMs: 400,
    heardMs: 350,
    isCut: true,
  }]);
});

Deno.test("Playout ignores marks that come back because of a clear", () => {
  const playout = new Playout();
  const line = new Line();
  playout.begin();
  line.take(playout.push(audio(1_000), 0));
  const cleared = line.marks;
  line.take(playout.clear(200).orders);
  assertEquals(line.sent.at(-1)?.order, { type: "send-clear" });
  playout.begin();
  line.take(playout.push(audio(1_000), 300));
  for (const name of cleared) assert(!playout.markReached(name));
  assertAlmostEquals(playout.clear(400).answers[0]?.heardMs ?? -1, 100, 0.2);
});

Deno.test("Playout sends nothing of a cleared answer", () => {
  const playout = new Playout();
  const line = new Line();
  playout.begin();
  line.take(playout.push(audio(5_000), 0));
  line.take(playout.clear(100).orders);
  assertEquals(playout.nextTickMs, undefined);
  assertEquals(playout.tick(1_000), []);
  assert(!playout.isBusy);
});

Deno.test("Playout has finished an answer when its last mark is back", () => {
  const playout = new Playout();
  const line = new Line();
  playout.begin();
  line.take(playout.push(audio(100), 0));
  line.take(playout.complete(0));
  assertEquals(playout.finished(150), []);
  for (const name of line.marks) playout.markReached(name);
  assertEquals(playout.finished(160), [{ answer: 1, spokenMs: 100, heardMs: 100, isCut: false }]);
});

Deno.test("Playout has finished an answer by its own clock when marks never come", () => {
  const playout = new Playout();
  const line = new Line();
  playout.begin();
  line.take(playout.push(audio(100), 0));
  line.take(playout.complete(0));
  assertEquals(playout.nextTickMs, 600);
  assertEquals(playout.finished(599), []);
  assertEquals(playout.finished(600).length, 1);
});

Deno.test("Playout plays a second answer behind the first and knows both", () => {
  const playout = new Playout();
  const line = new Line();
  playout.begin();
  line.take(playout.push(audio(110), 0));
  playout.begin();
  line.take(playout.push(audio(200), 0));
  line.take(playout.complete(0));
  const { answers } = playout.clear(170);
  assertEquals(answers, [
    { answer: 1, spokenMs: 110, heardMs: 110, isCut: false },
    { answer: 2, spokenMs: 200, heardMs: 50, isCut: true },
  ]);
});

Deno.test("Playout keeps a bounded number of marks when none ever comes back [T12]", () => {
  const playout = new Playout();
  const line = new Line();
  playout.begin();
  line.take(playout.push(audio(120_000), 0));
  run(playout, line, 100_000);
  assertAlmostEquals(playout.clear(100_000).answers[0]?.heardMs ?? -1, 100_000, 1);
});

Deno.test("Playout keeps no more than minutes of what a lost model says [G17]", () => {
  const playout = new Playout();
  playout.begin();
  for (let n = 0; n < 400; n++) playout.push(audio(1_000), 0);
  assert(playout.isFull);
  assertLessOrEqual(playout.clear(0).answers[0]?.spokenMs ?? Infinity, 241_000 + LEAD_MS);
});
