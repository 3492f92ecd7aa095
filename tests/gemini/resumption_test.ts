import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import fc from "fast-check";
import { ModelError, type ModelErrorKind } from "../../lib/call/model.ts";
import { Resumption } from "../../lib/gemini/resumption.ts";

const INVALID_HANDLE = new ModelError("invalid-argument", "Invalid session handle", {
  closeCode: 1007,
  retryable: true,
});
const INVALID = new ModelError("invalid-argument", "invalid", { closeCode: 1007 });
const INTERNAL = new ModelError("unavailable", "Internal error", { closeCode: 1011 });
const RESET = new ModelError("unavailable", "reset", { closeCode: 1006 });
const SILENT = new ModelError("unavailable", "no answer");
const QUOTA = new ModelError("quota", "quota", { closeCode: 1011 });

/** One conversation and what became of its failures: times to the next attempt, or the end. */
class Course {
  readonly policy: Resumption;
  /** Waits, in ms, and what was tried with. */
  readonly steps: string[] = [];
  nowMs = 0;

  constructor(handle?: string) {
    this.policy = new Resumption({ nowMs: 0, handle });
  }

  /** An attempt that is set up, and gives a handle. */
  connect(handle?: string): this {
    this.policy.connected(this.nowMs);
    this.policy.update(handle);
    return this;
  }

  fail(error: ModelError, options: { afterMs?: number; chance?: number } = {}): this {
    this.nowMs += options.afterMs ?? 0;
    const next = this.policy.failed(error, { nowMs: this.nowMs, chance: options.chance ?? 0.5 });
    if (next.type === "connect") {
      this.steps.push(`${next.atMs - this.nowMs} ${this.policy.handle ?? "fresh"}`);
      this.nowMs = next.atMs;
    } else this.steps.push("over");
    return this;
  }
}

Deno.test("Resumption tries a first connection again at once, and is over within 8 s [G03]", () => {
  const { steps, nowMs } = new Course().fail(SILENT, { afterMs: 3_000 })
    .fail(SILENT, { afterMs: 3_000 });
  assertEquals(steps, ["0 fresh", "over"]);
  assertEquals(nowMs, 6_000);
});

for (const kind of ["authentication", "model-not-found"] as const) {
  Deno.test(`Resumption gives up at once for want of ${kind} [G01]`, () => {
    const error = new ModelError(kind, "refused");
    assertEquals(new Course().fail(error).steps, ["over"]);
    assertEquals(new Course().connect("h").fail(error).steps, ["over"]);
  });
}

Deno.test("Resumption tries once more without quota, half a second to two later [G02]", () => {
  for (const chance of [0, 0.5, 0.999]) {
    const course = new Course().fail(QUOTA, { chance });
    assert(course.nowMs >= 500 && course.nowMs <= 2_000, `${course.nowMs}`);
    assertEquals(course.fail(QUOTA).steps.at(-1), "over");
  }
});

Deno.test("Resumption gets a lost connection back by five tries, 0, 1, 2, 4 and 8 s apart", () => {
  const course = new Course().connect("h");
  for (let n = 0; n < 6; n++) course.fail(RESET);
  const waits = ["0 h", "1000 h", "2000 h", "4000 h", "8000 h"];
  assertEquals(course.steps, [...waits, "over"]);
});

Deno.test("Resumption spreads its waits by a quarter and counts anew once the model has worked", () => {
  const course = new Course().connect("h").fail(RESET).fail(RESET, { chance: 0 });
  course.connect("h2").policy.worked();
  course.fail(RESET).fail(RESET, { chance: 1 });
  assertEquals(course.steps, ["0 h", "750 h", "0 h2", "1250 h2"]);
});

Deno.test("Resumption counts on while connections are lost before they worked", () => {
  const course = new Course();
  for (let n = 0; n < 6; n++) course.connect().fail(RESET, { afterMs: 1_000 });
  assertEquals(course.steps.at(-1), "over");
  const steady = new Course();
  for (let n = 0; n < 20; n++) steady.connect().fail(RESET, { afterMs: 10_000 });
  assertEquals(steady.steps, Array(20).fill("0 fresh"));
});

Deno.test("Resumption forgets a handle that is refused and begins anew at once [G12]", () => {
  const course = new Course().connect("h").fail(RESET).fail(INVALID_HANDLE);
  assertEquals(course.steps, ["0 h", "0 fresh"]);
});

Deno.test("Resumption takes no more than three connections that are refused as invalid [G07]", () => {
  const course = new Course().connect("h").fail(RESET).fail(INVALID).fail(INVALID).fail(INVALID);
  assertEquals(course.steps, ["0 h", "0 fresh", "1000 fresh", "over"]);
  assertEquals(new Course().fail(INVALID).steps, ["over"], "nor one of a first setup");
});

Deno.test("Resumption tries a handle twice that fails with the service's own error, then no more [G11]", () => {
  const course = new Course().connect("h").fail(INTERNAL).fail(INTERNAL).fail(INTERNAL);
  assertEquals(course.steps, ["0 h", "1000 h", "2000 fresh"]);
});

Deno.test("Resumption keeps a handle through any number of broken lines and through moments without one", () => {
  const course = new Course().connect("h");
  course.policy.update(undefined);
  course.fail(RESET).fail(SILENT).fail(RESET).fail(SILENT);
  assertEquals(course.policy.handle, "h");
});

Deno.test("Resumption forgets the handle of a connection that is left because it says nothing", () => {
  const course = new Course().connect("h").fail(RESET).connect("h");
  course.policy.left(false);
  assertEquals(course.policy.handle, "h", "nothing was asked");
  course.connect("h").policy.left(true);
  assertEquals(course.policy.handle, undefined);
});

Deno.test("Resumption begins with a handle of an earlier process, and without one if that is refused", () => {
  const course = new Course("old");
  assertEquals(course.policy.handle, "old");
  assertEquals(course.fail(INVALID_HANDLE).steps, ["0 fresh"]);
});

Deno.test("Resumption never waits longer than 30 s nor tries for ever", () => {
  const kind = fc.constantFrom<ModelErrorKind>("quota", "invalid-argument", "unavailable");
  const failure = fc.record({
    kind,
    closeCode: fc.constantFrom(1006, 1007, 1011),
    chance: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(failure, { minLength: 12, maxLength: 12 }), (failures) => {
      const policy = new Resumption({ nowMs: 0, handle: undefined });
      policy.connected(0);
      policy.update("h");
      let nowMs = 0;
      const isOver = failures.some(({ kind, closeCode, chance }) => {
        const next = policy.failed(new ModelError(kind, "", { closeCode }), { nowMs, chance });
        if (next.type === "give-up") return true;
        assert(next.atMs - nowMs <= 30_000);
        nowMs = next.atMs;
        return false;
      });
      assert(isOver);
    }),
    { seed: 20_261_121 },
  );
  assertAlmostEquals(new Course().connect().fail(RESET).nowMs, 0);
});
