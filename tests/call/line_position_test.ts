import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { BYTES_PER_MS, LinePosition } from "../../lib/call/line_position.ts";

/** A line that plays a byte after the other, and what the caller heard of it: the place of each byte. */
class PlainLine {
  nowMs = 0;
  sentTo = 0;
  heardTo = 0;
  marks: { name: string; place: number }[] = [];
  #queue: number[] = [];

  send(bytes: number): void {
    for (let n = 0; n < bytes; n++) this.#queue.push(++this.sentTo);
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.heardTo = this.#queue.splice(0, ms * BYTES_PER_MS).at(-1) ?? this.heardTo;
  }

  get leadMs(): number {
    return this.#queue.length / BYTES_PER_MS;
  }

  clear(place: number): void {
    this.#queue = [];
    this.marks = [];
    this.sentTo = this.heardTo = place;
  }
}

type Deed =
  | { type: "send"; frames: number }
  | { type: "pass"; ms: number }
  | { type: "mark" }
  | { type: "echo"; which: number }
  | { type: "clear"; backMs: number };

const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ type: fc.constant("send"), frames: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ type: fc.constant("pass"), ms: fc.integer({ min: 1, max: 90 }) }),
  fc.record({ type: fc.constant("mark") }),
  fc.record({ type: fc.constant("echo"), which: fc.nat(15) }),
  fc.record({ type: fc.constant("clear"), backMs: fc.nat(300) }),
);

/** Does the same to both; an echo may be of any mark that was ever set. */
function carryOut(deed: Deed, both: { line: PlainLine; position: LinePosition; names: string[] }) {
  const { line, position, names } = both;
  switch (deed.type) {
    case "send":
      line.send(deed.frames * 160);
      return position.send(deed.frames * 160, line.nowMs);
    case "pass":
      return line.pass(deed.ms);
    case "mark": {
      const name = position.mark(line.nowMs);
      assertEquals(names.includes(name), false, "a name is used once");
      line.marks.push({ name, place: line.sentTo });
      return names.push(name);
    }
    case "echo": {
      const name = names[deed.which] ?? "nobody's";
      const known = line.marks.find((mark) => mark.name === name);
      assertEquals(position.marks.reached(name), known !== undefined);
      if (known) line.marks = line.marks.filter(({ place }) => place > known.place);
      return;
    }
    case "clear": {
      const place = Math.max(0, line.heardTo - deed.backMs * BYTES_PER_MS);
      line.clear(place);
      return position.clear(place);
    }
    default:
      return deed satisfies never;
  }
}

Deno.test("LinePosition is where a line is that plays a byte after the other", () => {
  fc.assert(
    fc.property(fc.array(deed, { minLength: 1, maxLength: 60, size: "max" }), (deeds) => {
      const [line, position] = [new PlainLine(), new LinePosition()];
      const names: string[] = [];
      for (const deed of deeds) {
        carryOut(deed, { line, position, names });
        assertEquals(position.sentTo, line.sentTo);
        assertEquals(position.leadMs(line.nowMs), line.leadMs);
        assertEquals(position.heardTo(line.nowMs), line.heardTo);
        assertEquals(position.marks.isConfirmed, line.marks.length === 0);
        if (line.leadMs > 0) assertEquals(position.emptyAtMs, line.nowMs + line.leadMs);
      }
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("LinePosition does not hear a mark that comes back because of a clear", () => {
  const position = new LinePosition();
  position.send(160, 0);
  const before = position.mark(0);
  position.clear(0);
  position.send(160, 5);
  const after = position.mark(5);
  assertEquals(position.marks.reached(before), false);
  assertEquals(position.marks.isConfirmed, false);
  assertEquals(position.marks.reached(after), true);
  assertEquals(position.marks.reached(after), false);
});

Deno.test("LinePosition knows where the line is when no mark ever comes back, and waits for 64 at most [T12]", () => {
  const position = new LinePosition();
  const names: string[] = [];
  for (let n = 0; n < 1_000; n++) {
    position.send(1_600, n * 200);
    names.push(position.mark(n * 200));
  }
  assertEquals(position.heardTo(999 * 200 + 50), 999 * 1_600 + 400);
  assertEquals(names.filter((name) => position.marks.reached(name)), names.slice(-64));
  assertEquals(position.marks.isConfirmed, true);
});
