import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import fc from "fast-check";
import { REPAIRS } from "../../lib/turns/owed_settings.ts";
import { runWorld, type Whim, type Whims } from "./owed_world.ts";

const SEED = 20_261_120;
const RUNS = { numRuns: 3_000, seed: SEED };
const LONGEST_MS = 2_000;

const whim: fc.Arbitrary<Whim> = fc.record({
  what: fc.constantFrom<Whim["what"]>(
    ...["audible", "audible", "near-silent", "text", "empty", "rejected"] as const,
    ...["absent", "stall", "cut", "break"] as const,
  ),
  thinkMs: fc.integer({ min: 1, max: 4_500 }),
  chunks: fc.integer({ min: 1, max: 60 }),
  gapMs: fc.constantFrom(5, 13, 40, 90, 700, 2_300),
});

const whims: fc.Arbitrary<Whims> = fc.record({
  answers: fc.array(whim, { minLength: 1, maxLength: 8 }),
  asked: fc.constantFrom("interrupts", "queues"),
  hasSecondModel: fc.boolean(),
  happenings: fc.array(
    fc.record({ atMs: fc.nat(30_000), what: fc.constantFrom("speak", "lose") }),
    { maxLength: 5 },
  ),
});

Deno.test(`stepOwed() never leaves a caller in silence for more than 2 s, whatever happens [I6] (seed ${SEED})`, () => {
  fc.assert(
    fc.property(whims, (world) => {
      assertLessOrEqual(runWorld(world, 60_000).longestSilenceMs, LONGEST_MS);
    }),
    RUNS,
  );
});

Deno.test(`stepOwed() repairs in one order, none of them twice (seed ${SEED})`, () => {
  let repaired = 0;
  fc.assert(
    fc.property(whims, (world) => {
      for (const repairs of runWorld(world, 60_000).repairs) {
        const rungs = repairs.map((repair) => REPAIRS.indexOf(repair));
        assertEquals(rungs, [...new Set(rungs)].sort((a, b) => a - b));
        repaired += repairs.length;
      }
    }),
    RUNS,
  );
  assert(repaired > RUNS.numRuns, `only ${repaired} repairs`);
});

Deno.test(`stepOwed() lets at most one whole answer to a question be heard (seed ${SEED})`, () => {
  let whole = 0;
  fc.assert(
    fc.property(whims, (world) => {
      for (const [question, heard] of runWorld(world, 60_000).wholeAnswers) {
        assertLessOrEqual(heard, 1, `question ${question}`);
        whole += heard;
      }
    }),
    RUNS,
  );
  assert(whole > RUNS.numRuns / 10, `only ${whole} answers`);
});

Deno.test("stepOwed() gives a model up that stays silent, ten seconds after the question", () => {
  const silent: Whims = {
    answers: [{ what: "absent", thinkMs: 1, chunks: 1, gapMs: 1 }],
    asked: "interrupts",
    hasSecondModel: false,
    happenings: [],
  };
  const { isGivenUp, endedAtMs } = runWorld(silent, 60_000);
  assert(isGivenUp);
  assertEquals(endedAtMs, 10_300, "the connection takes 0.3 s to come back");
});
