import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { AudioTape } from "../../lib/call/audio_tape.ts";

type Deed =
  | { type: "write"; length: number }
  | { type: "forget"; share: number }
  | { type: "read"; from: number; to: number };

const share = fc.double({ min: 0, max: 1, noNaN: true });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant("write"), length: fc.nat(4_000) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("forget"), share }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant("read"), from: share, to: share }) },
);

Deno.test("AudioTape gives back what was written and not forgotten, and nothing else", () => {
  fc.assert(
    fc.property(fc.array(deed, { minLength: 1, maxLength: 40, size: "max" }), (deeds) => {
      const tape = new AudioTape();
      const written: number[] = [];
      let forgotten = 0;
      for (const deed of deeds) {
        if (deed.type === "write") {
          const bytes = Uint8Array.from({ length: deed.length }, (_, i) => i * 7 + written.length);
          tape.write(bytes);
          for (const byte of bytes) written.push(byte);
        } else if (deed.type === "forget") {
          const before = Math.floor(deed.share * written.length);
          tape.forget(before);
          forgotten = Math.max(forgotten, before);
        } else {
          const kept = written.length - forgotten;
          const [from = 0, to = 0] = [deed.from, deed.to].toSorted()
            .map((part) => forgotten + Math.floor(part * kept));
          assertEquals(tape.read(from, to), Uint8Array.from(written.slice(from, to)));
        }
        assertEquals(tape.end, written.length);
        if (forgotten > 0) assertThrows(() => tape.read(forgotten - 1, forgotten), RangeError);
        assertThrows(() => tape.read(forgotten, written.length + 1), RangeError);
      }
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("AudioTape gives copies and takes copies", () => {
  const tape = new AudioTape();
  const bytes = Uint8Array.of(1, 2, 3);
  tape.write(bytes);
  bytes.fill(9);
  tape.read(0, 3).fill(8);
  assertEquals(tape.read(0, 3), Uint8Array.of(1, 2, 3));
});

Deno.test("AudioTape does not fall out of step when more is forgotten than there is", () => {
  const tape = new AudioTape();
  tape.write(new Uint8Array(20_000).fill(1));
  tape.forget(-100);
  assertEquals(tape.read(0, 1), Uint8Array.of(1));
  tape.forget(100_000);
  tape.write(Uint8Array.of(2, 3));
  assertEquals(tape.end, 20_002);
  assertEquals(tape.read(20_000, 20_002), Uint8Array.of(2, 3));
});

Deno.test("AudioTape keeps the last half second of an hour", () => {
  const tape = new AudioTape();
  const frame = new Uint8Array(160);
  for (let n = 0; n < 180_000; n++) {
    frame.fill(n);
    tape.write(frame);
    tape.forget(tape.end - 4_000);
  }
  assertEquals(tape.end, 28_800_000);
  const last = tape.read(tape.end - 4_000, tape.end);
  assert(last.every((byte, i) => byte === ((180_000 - 25 + Math.floor(i / 160)) & 255)));
});
