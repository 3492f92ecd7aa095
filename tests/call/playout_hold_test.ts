import { assert, assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { encodeMulaw } from "../../audio/mulaw.ts";
import { Playout, type PlayoutOrder } from "../../lib/call/playout.ts";
import { quietestPlace } from "../../lib/call/resume_point.ts";
import { joined } from "../support/joined.ts";

const MOST_SAID_TWICE_MS = 300;
const LARGEST_ERROR_MS = 100;

/** Speech of a sort: 300 ms of a moving tone, 120 ms of almost nothing, and so on; no two stretches alike. */
function speech(ms: number): Uint8Array {
  const pcm = Int16Array.from({ length: ms * 8 }, (_, i) => {
    const level = i / 8 % 420 < 300 ? 8_000 : 30;
    return level * Math.sin(i * (0.2 + 0.1 * Math.sin(i / 3_000)) + i * i / 4e6);
  });
  const mulaw = new Uint8Array(pcm.length);
  encodeMulaw(pcm, mulaw);
  return mulaw;
}

/** Plays what is due until a time, and gives what went out. */
function playTo(playout: Playout, span: { nowMs: number; untilMs: number }): Uint8Array[] {
  const sent: Uint8Array[] = [];
  for (let next = playout.nextTickMs; next !== undefined && next <= span.untilMs;) {
    take(playout.tick(Math.max(next, span.nowMs)), sent);
    next = playout.nextTickMs;
    if (playout.finished(Math.max(next ?? 0, span.nowMs)).length > 0) break;
  }
  return sent;
}

function take(orders: readonly PlayoutOrder[], sent: Uint8Array[]): void {
  for (const order of orders) if (order.type === "send-media") sent.push(order.mulaw);
}

Deno.test("Playout goes on after a hold with the same bytes, nothing lost and little said twice [C02]", () => {
  const answer = speech(8_000);
  fc.assert(
    fc.property(
      fc.integer({ min: 60, max: 7_500 }),
      fc.integer({ min: 20, max: 900 }),
      fc.boolean(),
      (holdAtMs, heldMs, isComplete) => {
        const playout = new Playout();
        playout.begin();
        const before: Uint8Array[] = [];
        take(playout.push(answer, 0), before);
        if (isComplete) take(playout.complete(0), before);
        before.push(...playTo(playout, { nowMs: 0, untilMs: holdAtMs }));
        assertEquals(playout.hold(holdAtMs), [{ type: "send-clear" }]);
        assertEquals(playout.hold(holdAtMs), []);
        assertEquals(playout.nextTickMs, undefined);
        assertEquals(playout.tick(holdAtMs + heldMs), []);

        const after: Uint8Array[] = [];
        const resumedMs = holdAtMs + heldMs;
        take(playout.resume(resumedMs), after);
        if (!isComplete) take(playout.complete(resumedMs), after);
        after.push(...playTo(playout, { nowMs: resumedMs, untilMs: resumedMs + 20_000 }));
        const tail = joined(after);
        const heardBytes = holdAtMs * 8;
        // Silence may fill the last frame.
        const spoken = tail.length - answer.length;
        const place = [...Array(160).keys()].map((pad) => pad - spoken)
          .find((from) => answer.subarray(from).every((byte, i) => tail[i] === byte));
        assert(place !== undefined, "the rest is not the rest of the answer");
        assertLessOrEqual(place, heardBytes, "nothing is lost");
        assertLessOrEqual(heardBytes - place, MOST_SAID_TWICE_MS * 8, "little is said twice");
      },
    ),
    { numRuns: 1_000 },
  );
});

Deno.test("Playout goes no further back when it is held again before it got anywhere [C02]", () => {
  const answer = speech(8_000);
  const hold = fc.record({
    playsMs: fc.integer({ min: 0, max: 400 }),
    heldMs: fc.integer({ min: 0, max: 900 }),
  });
  fc.assert(
    fc.property(
      fc.integer({ min: 60, max: 3_000 }),
      fc.array(hold, { minLength: 2, maxLength: 8 }),
      (firstMs, holds) => {
        const playout = new Playout();
        playout.begin();
        playout.push(answer, 0);
        playTo(playout, { nowMs: 0, untilMs: firstMs });
        let nowMs = firstMs;
        for (const { playsMs, heldMs } of holds) {
          playout.hold(nowMs);
          const resumedMs = nowMs + heldMs;
          playout.resume(resumedMs);
          nowMs = resumedMs + playsMs;
          playTo(playout, { nowMs: resumedMs, untilMs: nowMs });
        }
        const [heard] = playout.clear(nowMs).answers;
        assertGreaterOrEqual(heard?.heardMs ?? 0, firstMs - MOST_SAID_TWICE_MS);
      },
    ),
    { numRuns: 1_000 },
  );
});

Deno.test("Playout knows what was heard although it was held in between", () => {
  const playout = new Playout();
  playout.begin();
  playout.push(speech(5_000), 0);
  playTo(playout, { nowMs: 0, untilMs: 1_000 });
  playout.hold(1_000);
  assertEquals(playout.clear(3_000).answers, [
    { answer: 1, spokenMs: 5_000, heardMs: 1_000, isCut: true },
  ]);
});

Deno.test("Playout sends no second clear for an answer that was held", () => {
  const playout = new Playout();
  playout.begin();
  playout.push(speech(2_000), 0);
  playout.hold(500);
  assertEquals(playout.clear(600).orders, []);
});

Deno.test("quietestPlace() finds the gap between two words, and the end of what has none to choose", () => {
  const loud = speech(200);
  const quiet = new Uint8Array(50 * 8).fill(0xff);
  const place = quietestPlace(joined([loud, quiet, loud]));
  assert(place >= 200 * 8 && place <= 250 * 8, `${place / 8} ms`);
  assertEquals(quietestPlace(new Uint8Array(40)), 40);
});

Deno.test("Playout knows what was heard to 100 ms, whatever becomes of the marks [T12]", () => {
  const echo = fc.record({ isLost: fc.boolean(), lateMs: fc.integer({ min: 0, max: 1_500 }) });
  fc.assert(
    fc.property(
      fc.integer({ min: 100, max: 9_000 }),
      fc.record({
        thereMs: fc.integer({ max: 40, min: 0 }),
        backMs: fc.integer({ max: 40, min: 0 }),
      }),
      fc.array(echo, { minLength: 60, maxLength: 60 }),
      (clearAtMs, wayMs, echoes) => {
        const playout = new Playout();
        const arrivals: { atMs: number; name: string }[] = [];
        let sentMs = 0;
        const note = (orders: readonly PlayoutOrder[]) => {
          for (const order of orders) {
            if (order.type === "send-media") sentMs += order.mulaw.length / 8;
            if (order.type !== "send-mark") continue;
            const { isLost, lateMs } = echoes[arrivals.length] ?? { isLost: true, lateMs: 0 };
            const playedMs = sentMs + wayMs.thereMs;
            const atMs = isLost ? Infinity : playedMs + wayMs.backMs + lateMs;
            arrivals.push({ atMs, name: order.name });
          }
        };
        playout.begin();
        note(playout.push(speech(10_000), 0));
        for (let nowMs = 0; nowMs < clearAtMs; nowMs += 10) {
          for (
            const { name } of arrivals.filter(({ atMs }) => atMs > nowMs - 10 && atMs <= nowMs)
          ) {
            playout.markReached(name);
          }
          note(playout.tick(nowMs));
        }
        const [answer] = playout.clear(clearAtMs).answers;
        // The clear is as long on its way as the audio was: what has sounded by then is what was due when it was sent.
        assertLessOrEqual(Math.abs((answer?.heardMs ?? -1) - clearAtMs), LARGEST_ERROR_MS);
      },
    ),
    { numRuns: 1_000 },
  );
});
