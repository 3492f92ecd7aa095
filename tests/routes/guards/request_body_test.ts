import { assertEquals, assertLessOrEqual, assertRejects } from "@std/assert";
import { readBody } from "../../../routes/guards/request_body.ts";
import { FakeClock, settle } from "../../support/fake_clock.ts";

const LIMITS = { maxBytes: 65_536, deadlineMs: 5_000 };

/** A body that hands out `pieces` and then, unless it ends, nothing more; counts what was asked for. */
function bodyOf(pieces: readonly Uint8Array<ArrayBuffer>[], { ends = true } = {}) {
  const waiting = [...pieces];
  const seen = { bytes: 0, cancelled: false };
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      const piece = waiting.shift();
      if (piece) {
        seen.bytes += piece.length;
        controller.enqueue(piece);
      } else if (ends) controller.close();
      else return new Promise(() => {});
    },
    cancel: () => void (seen.cancelled = true),
  }, { highWaterMark: 0 });
  return { seen, stream };
}

function post(body?: BodyInit, headers: HeadersInit = {}): Request {
  return new Request("http://127.0.0.1/", { method: "POST", body: body ?? null, headers });
}

Deno.test("readBody() joins pieces that part a character", async () => {
  const clock = new FakeClock();
  const bytes = new TextEncoder().encode("Zürich");
  const { stream } = bodyOf([bytes.slice(0, 2), bytes.slice(2)]);
  assertEquals(await readBody(post(stream), { clock, ...LIMITS }), { text: "Zürich" });
  assertEquals(clock.pendingTimers, 0);
});

Deno.test("readBody() gives an empty text when there is no body", async () => {
  assertEquals(await readBody(post(), { clock: new FakeClock(), ...LIMITS }), { text: "" });
});

Deno.test("readBody() takes exactly the cap and stops at one byte more [D02]", async () => {
  const clock = new FakeClock();
  const whole = await readBody(post("x".repeat(65_536)), { clock, ...LIMITS });
  assertEquals(whole, { text: "x".repeat(65_536) });
  const more = await readBody(post("x".repeat(65_537)), { clock, ...LIMITS });
  assertEquals(more, { refused: "too-large" });
});

Deno.test("readBody() reads nothing when the declared length is too large [D02]", async () => {
  const { seen, stream } = bodyOf([new Uint8Array(10)]);
  const request = post(stream, { "content-length": "65537" });
  const body = await readBody(request, { clock: new FakeClock(), ...LIMITS });
  assertEquals(body, { refused: "too-large" });
  assertEquals(seen.bytes, 0);
});

Deno.test("readBody() reads at most a piece past 64 KiB of 10 MB, declared falsely or not at all [D02]", async () => {
  for (const headers of [{}, { "content-length": "10" }]) {
    const pieces = Array.from({ length: 10_000 }, () => new Uint8Array(1_000));
    const { seen, stream } = bodyOf(pieces);
    const body = await readBody(post(stream, headers), { clock: new FakeClock(), ...LIMITS });
    assertEquals(body, { refused: "too-large" });
    assertLessOrEqual(seen.bytes, 65_536 + 1_000);
    assertEquals(seen.cancelled, true);
  }
});

Deno.test("readBody() stops after the deadline, however many pieces have come [D02]", async () => {
  const clock = new FakeClock();
  const { seen, stream } = bodyOf([new Uint8Array(1), new Uint8Array(1)], { ends: false });
  const reading = readBody(post(stream), { clock, ...LIMITS });
  await settle();
  await clock.advance(5_000);
  assertEquals(await reading, { refused: "too-slow" });
  assertEquals(seen.cancelled, true);
});

Deno.test("readBody() throws and leaves no timer when the sender goes away", async () => {
  const clock = new FakeClock();
  const stream = new ReadableStream({ pull: () => Promise.reject(new Error("reset")) });
  await assertRejects(() => readBody(post(stream), { clock, ...LIMITS }), Error, "reset");
  assertEquals(clock.pendingTimers, 0);
});
