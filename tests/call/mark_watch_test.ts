import { assertEquals } from "@std/assert";
import { MarkWatch } from "../../lib/call/mark_watch.ts";

/** What happens on a line, in order: frames that come, a mark behind so much audio, a mark that comes back. */
type Happening = { frames: number } | { mark: string; leadMs?: number } | { back: string };

/** Lets it happen; marks are a thousand bytes apart. */
function watching(...happenings: readonly Happening[]): MarkWatch {
  const marks = new MarkWatch();
  let place = 0;
  for (const one of happenings) {
    if ("frames" in one) { for (let n = 0; n < one.frames; n++) marks.frameCame(); }
    else if ("mark" in one) {
      marks.sent(one.mark, { place: place += 1_000, leadMs: one.leadMs ?? 0 });
    } else marks.reached(one.back);
  }
  return marks;
}

const CASES: [string, Happening[], boolean][] = [
  ["a mark that is a second overdue", [{ mark: "b" }, { frames: 51 }], true],
  ["a mark that is not a second overdue", [{ mark: "b" }, { frames: 50 }], false],
  ["a mark behind audio", [{ mark: "b", leadMs: 400 }, { frames: 70 }], false],
  ["a mark that is overdue behind audio", [{ mark: "b", leadMs: 400 }, { frames: 71 }], true],
  ["a mark that was lost before one that came", [
    { mark: "b" },
    { frames: 40 },
    { mark: "c" },
    { back: "c" },
    { frames: 60 },
  ], false],
  ["no mark", [{ frames: 500 }], false],
];

for (const [name, happenings, isStale] of CASES) {
  Deno.test(`MarkWatch takes the line ${isStale ? "not to read" : "to read"} by ${name} [T13]`, () => {
    assertEquals(watching({ mark: "a" }, { back: "a" }, ...happenings).isStale, isStale);
  });
}

Deno.test("MarkWatch knows nothing of a line that never sent a mark back [T12]", () => {
  assertEquals(watching({ mark: "a" }, { frames: 10_000 }).isStale, false);
});

Deno.test("MarkWatch is used to marks that always come late, and not to early ones", () => {
  const late = watching({ mark: "a" }, { frames: 80 }, { back: "a" }, { mark: "b" });
  for (const [frames, isStale] of [[130, false], [1, true]] as const) {
    for (let n = 0; n < frames; n++) late.frameCame();
    assertEquals(late.isStale, isStale);
  }
  const early = watching({ mark: "a", leadMs: 900 }, { back: "a" }, { mark: "b" }, { frames: 45 });
  assertEquals(early.isStale, false);
});

Deno.test("MarkWatch says what was not heard when the line reads again, and catches up once more [T13]", () => {
  const marks = watching({ mark: "a" }, { back: "a" }, { mark: "b" }, { frames: 51 });
  marks.cleared();
  assertEquals(marks.caughtUp(9_000), undefined);
  assertEquals([marks.isDeaf, marks.isStale, marks.reachedTo], [true, false, 1_000]);
  marks.sent("c", { place: 9_500, leadMs: 0 });
  for (let n = 0; n < 21; n++) marks.frameCame();
  assertEquals(marks.isStale, true, "the next piece is out of date sooner");
  marks.cleared();
  assertEquals(marks.caughtUp(12_000), undefined);
  marks.sent("d", { place: 12_500, leadMs: 0 });
  assertEquals(marks.reached("c"), false, "what was dropped was not heard");
  assertEquals(marks.reached("d"), true);
  assertEquals(marks.isStale, true);
  assertEquals(marks.caughtUp(13_000), { from: 1_000, to: 13_000 });
  assertEquals([marks.isDeaf, marks.isStale, marks.reachedTo], [false, false, 13_000]);
});

Deno.test("MarkWatch asks no more of a line that sends no marks back for ten seconds, until one comes", () => {
  const marks = watching({ mark: "a" }, { back: "a" }, { mark: "b" }, { frames: 51 });
  marks.caughtUp(1_000);
  for (let n = 0; n < 501; n++) marks.frameCame();
  marks.caughtUp(2_000);
  assertEquals([marks.isDeaf, marks.isStale], [false, false]);
});
