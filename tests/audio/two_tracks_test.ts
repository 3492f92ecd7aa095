import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { TwoTracks } from "../../audio/two_tracks.ts";

const SILENCE = 0xff;

Deno.test("TwoTracks gives whole pieces in which the samples take turns, and the rest at the end", () => {
  const tracks = new TwoTracks(2);
  tracks.write("left", Uint8Array.of(1, 2, 3), 0);
  tracks.write("right", Uint8Array.of(8, 9), 1);
  assertEquals(tracks.take(1), []);
  assertEquals(tracks.take(3), [Uint8Array.of(1, SILENCE, 2, 8)]);
  assertEquals(tracks.takeAll(), [Uint8Array.of(3, 9)]);
  assertEquals(tracks.takeAll(), []);
});

Deno.test("TwoTracks makes silence of what is cut, and takes no sample too late or far too early", () => {
  const tracks = new TwoTracks(4);
  tracks.write("right", Uint8Array.of(1, 2, 3, 4, 5, 6), 0);
  tracks.cut("right", 2);
  assertEquals(tracks.end("right"), 2);
  assertEquals(tracks.take(4), [Uint8Array.of(SILENCE, 1, SILENCE, 2, ...Array(4).fill(SILENCE))]);
  tracks.write("left", Uint8Array.of(7, 8), 3);
  tracks.write("left", Uint8Array.of(9), 4 + 480_000);
  assertEquals(tracks.takeAll(), [Uint8Array.of(8, SILENCE)]);
});

Deno.test("TwoTracks gives the same however it is written and taken", () => {
  const piece = fc.uint8Array({ minLength: 1, maxLength: 20, max: 254 });
  fc.assert(fc.property(fc.array(piece, { maxLength: 20 }), fc.nat(7), (pieces, size) => {
    const whole = pieces.flatMap((part) => [...part]);
    const tracks = new TwoTracks(size + 1);
    const taken: Uint8Array[] = [];
    let at = 0;
    for (const part of pieces) {
      tracks.write("left", part, at);
      at += part.length;
      taken.push(...tracks.take(at));
    }
    taken.push(...tracks.takeAll());
    const bytes = taken.flatMap((part) => [...part]);
    assertEquals(bytes.filter((_, n) => n % 2 === 0), whole);
  }));
});
