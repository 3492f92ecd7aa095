import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type CallEntry,
  ended,
  isFurther,
  over,
  phaseOf,
  readmitted,
  started,
} from "../../lib/admission/call_entry.ts";

const ADMITTED: CallEntry = {
  phase: "admitted",
  term: 1,
  caller: "+15550001111",
  document: "<Response/>",
  untilMs: 60_000,
  slot: 3,
  cameBackAtMs: [],
};

/** What may be asked of a call, in any order. */
const STEPS: readonly ((entry: CallEntry | undefined) => CallEntry | undefined)[] = [
  (entry) => started(entry, { term: 1, caller: "", nowMs: 0 }),
  (entry) => started(entry, { term: 2, caller: "", nowMs: 0 }),
  (entry) => ended(entry, { term: 1, ending: "line-lost", mayComeBack: true }),
  (entry) => ended(entry, { term: 1, ending: "agent-hung-up", mayComeBack: false }),
  (entry) => ended(entry, { term: 2, ending: "caller-hung-up", mayComeBack: false }),
  (entry) => readmitted(entry, { document: String, nowMs: 0, untilMs: 60_000 }),
  over,
];

Deno.test("a call only goes forward, whatever comes doubled, reversed or after the end [K04]", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(STEPS.length - 1), { maxLength: 30 }), (chosen) => {
      let entry = ADMITTED, ends = 0;
      for (const step of chosen) {
        const next = STEPS[step]?.(entry);
        if (!next) continue;
        assertEquals(isFurther(next, entry), true, `${entry.phase} to ${next.phase}`);
        if (next.phase === "over") ends++;
        entry = next;
      }
      assertEquals(ends, entry.phase === "over" ? 1 : 0);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("a call that is over keeps its place's number and forgets who called", () => {
  const running = started(ADMITTED, { term: 1, caller: "", nowMs: 0 });
  const last = ended(running, { term: 1, ending: "agent-hung-up", mayComeBack: false });
  assertEquals([last?.slot, last?.ending, last?.caller, last?.document], [
    3,
    "agent-hung-up",
    "",
    undefined,
  ]);
});

Deno.test("phaseOf() says that an admission has run out", () => {
  assertEquals(phaseOf(undefined, 0), "unknown");
  assertEquals(phaseOf(ADMITTED, 59_999), "admitted");
  assertEquals(phaseOf(ADMITTED, 60_000), "over");
});
