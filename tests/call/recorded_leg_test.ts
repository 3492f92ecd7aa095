import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import type { Leg, LegEvent } from "../../lib/call/leg.ts";
import { recordedLeg } from "../../lib/call/recorded_leg.ts";
import { FakeClock } from "../support/fake_clock.ts";

const FRAME = 160;
const SILENCE = 0xff;

/** A recorded leg on a clock of its own, and what was kept of it. */
class Rig {
  readonly clock = new FakeClock();
  readonly pieces: Uint8Array[] = [];
  readonly leg: Leg;
  #post: (event: LegEvent) => void = () => {};

  /** Number of the first piece. */
  readonly #first: number;

  constructor({ callMs = 0 } = {}) {
    this.#first = Math.floor(callMs / 20);
    const bare: Leg = {
      faults: new Map(),
      listen: (post) => void (this.#post = post),
      play: () => {},
      mark: () => {},
      clear: () => {},
      close: () => {},
    };
    this.leg = recordedLeg(bare, {
      clock: this.clock,
      callMs,
      pieceBytes: 2 * FRAME,
      keep: (index, piece) => {
        assertEquals(index, this.#first + this.pieces.length);
        this.pieces.push(piece);
      },
    });
    this.leg.listen(() => {});
  }

  /** Frames of one code each, a frame's time apart. */
  async frames(from: number, codes: readonly number[]): Promise<void> {
    for (const [n, code] of codes.entries()) {
      await this.clock.advance(20);
      this.frame((from + n) * 20, code);
    }
  }

  frame(streamMs: number, code: number): void {
    const mulaw = new Uint8Array(FRAME).fill(code);
    this.#post({ type: "frame-received", streamMs, mulaw, filled: false });
  }

  end(): void {
    this.#post({ type: "leg-ended", reason: "hung-up" });
  }

  /** The code of each 20 ms of a track; the first of those that are mixed. */
  codes(track: "left" | "right"): number[] {
    const bytes = this.pieces.flatMap((piece) => [...piece])
      .filter((_, n) => n % 2 === (track === "left" ? 0 : 1));
    return bytes.filter((_, n) => n % FRAME === 0);
  }
}

Deno.test("recordedLeg() has the caller left as they came and the agent right when it sounded", async () => {
  const rig = new Rig();
  await rig.frames(0, [1, 2, 3]);
  rig.leg.play(new Uint8Array(2 * FRAME).fill(8));
  rig.leg.play(new Uint8Array(FRAME).fill(9));
  await rig.frames(3, [4, 5, 6, 7]);
  rig.end();
  assertEquals(rig.codes("left"), [1, 2, 3, 4, 5, 6, 7]);
  assertEquals(rig.codes("right"), [SILENCE, SILENCE, SILENCE, 8, 8, 9, SILENCE]);
});

Deno.test("recordedLeg() has nothing of what was cleared before it sounded", async () => {
  const rig = new Rig();
  await rig.frames(0, [1]);
  rig.leg.play(new Uint8Array(20 * FRAME).fill(8));
  await rig.frames(1, [2, 3]);
  rig.leg.clear();
  await rig.frames(3, [4]);
  rig.leg.play(new Uint8Array(FRAME).fill(9));
  await rig.frames(4, [5, 6]);
  rig.end();
  assertEquals(rig.codes("right"), [SILENCE, 8, 8, SILENCE, 9, SILENCE]);
});

Deno.test("recordedLeg() lays late frames by their media time, and keeps what the line played meanwhile", async () => {
  const rig = new Rig();
  await rig.frames(0, [1, 2]);
  rig.leg.play(new Uint8Array(4 * FRAME).fill(8));
  await rig.clock.advance(80);
  for (const n of [2, 3, 4, 5]) rig.frame(n * 20, n + 1);
  rig.end();
  assertEquals(rig.codes("left"), [1, 2, 3, 4, 5, 6]);
  assertEquals(rig.codes("right"), [SILENCE, SILENCE, 8, 8, 8, 8]);
});

Deno.test("recordedLeg() tears no answer when it turns out that the frames so far were late", async () => {
  const rig = new Rig();
  await rig.clock.advance(100);
  for (let n = 0; n < 7; n++) {
    rig.frame(n * 20, 1);
    await rig.clock.advance(20);
  }
  rig.leg.play(new Uint8Array(FRAME).fill(8));
  for (let n = 7; n < 12; n++) rig.frame(n * 20, 2);
  rig.leg.play(new Uint8Array(2 * FRAME).fill(9));
  await rig.clock.advance(60);
  rig.frame(240, 3);
  rig.end();
  assertEquals(rig.codes("right").filter((code) => code !== SILENCE), [8, 9, 9]);
  const first = rig.codes("right").indexOf(8);
  assertEquals(rig.codes("right").slice(first, first + 3), [8, 9, 9]);
});

Deno.test("recordedLeg() begins with the answer, whenever the first frame comes", async () => {
  const rig = new Rig();
  rig.leg.play(new Uint8Array(FRAME).fill(8));
  await rig.clock.advance(60);
  await rig.frames(0, [1, 2]);
  rig.end();
  assertEquals(rig.codes("right"), [8, SILENCE, SILENCE, SILENCE, SILENCE]);
  assertEquals(rig.codes("left"), [SILENCE, SILENCE, SILENCE, 1, 2]);
});

Deno.test("recordedLeg() leaves out frames that are older than the answer", async () => {
  const rig = new Rig();
  for (const [n, code] of [1, 2, 3].entries()) rig.frame(n * 20, code);
  await rig.frames(3, [4, 5]);
  rig.end();
  assertEquals(rig.codes("left").slice(-2), [4, 5]);
  assertEquals(rig.codes("left").length, 2);
});

Deno.test("recordedLeg() goes on where a call came back", async () => {
  const rig = new Rig({ callMs: 70 });
  await rig.frames(0, [1, 2]);
  rig.end();
  // 70 ms lie in the fourth piece, which begins at 60.
  assertEquals(rig.codes("left"), [SILENCE, 1, 2]);
  assertEquals(rig.pieces.map(({ length }) => length / 16), [20, 20, 10]);
});

Deno.test("recordedLeg() drops what had not sounded when the call ended, and keeps nothing after", async () => {
  const rig = new Rig();
  await rig.frames(0, [1]);
  rig.leg.play(new Uint8Array(50 * FRAME).fill(8));
  rig.leg.close();
  rig.leg.play(new Uint8Array(FRAME).fill(9));
  rig.frame(20, 2);
  rig.end();
  assertEquals(rig.codes("left"), [1]);
  assertEquals(rig.codes("right"), [SILENCE]);
});

Deno.test("recordedLeg() holds a few seconds at most, even if frames have stopped", async () => {
  const rig = new Rig();
  await rig.frames(0, [1]);
  for (let n = 0; n < 1_000; n++) {
    rig.leg.play(new Uint8Array(FRAME).fill(8));
    await rig.clock.advance(20);
    assertLessOrEqual(n - rig.pieces.length, 105);
  }
  rig.end();
  assert(rig.codes("right").slice(1).every((code) => code === 8));
});
