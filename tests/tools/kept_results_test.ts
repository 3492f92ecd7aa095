import { assertEquals } from "@std/assert";
import { z } from "zod";
import { createLog } from "../../lib/log.ts";
import { KeptResults, wishOf } from "../../lib/tools/kept_results.ts";
import { defineTool, type Tool } from "../../lib/tools/tool.ts";
import { type ToolAnswer, ToolRunner } from "../../lib/tools/tool_runner.ts";
import { FakeClock } from "../support/fake_clock.ts";

const BOOKING = { day: "2026-11-22", guests: 4 };

/** A runner with one tool that must finish, takes a second, and counts how often it did its work. */
function rig(manners: Partial<Tool> = {}) {
  const clock = new FakeClock();
  const answers: ToolAnswer[] = [];
  let done = 0;
  const book = defineTool({
    name: "book",
    description: "For tests.",
    parameters: z.object({ day: z.string(), guests: z.number() }),
    onInterruption: "finish",
    run: (_args, { signal }) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const timer = clock.at(clock.nowMs() + 1_000, () => resolve(`booked ${++done}`));
      signal.addEventListener("abort", () => {
        timer.cancel();
        reject(signal.reason);
      });
      return promise;
    },
    ...manners,
  });
  const runner: ToolRunner = new ToolRunner({
    tools: [book],
    call: { callSid: "CA1", person: "", ours: "", agent: "test" },
    clock,
    log: createLog({ level: "error", clock, write: () => {} }),
    post: (event) => runner.take(event),
    answer: (answer) => answers.push(answer),
  });
  const ask = (id: string, args: Record<string, unknown> = BOOKING) =>
    runner.request([{ id, name: "book", args }]);
  return { clock, answers, runner, ask, timesDone: () => done };
}

/** What was answered, by id. */
function outputs(answers: readonly ToolAnswer[]): unknown[] {
  return answers.map(({ id, response }) => [id, response.output]);
}

Deno.test("a tool that runs on when it was taken back answers whoever asks for the same meanwhile, and works once", async () => {
  const { clock, answers, runner, ask, timesDone } = rig();
  ask("old");
  await clock.advance(300);
  runner.cancel(["old"]);
  ask("new", { guests: 4, day: BOOKING.day });
  assertEquals(runner.running.map(({ id, ageMs }) => [id, ageMs]), [["new", 300]]);
  await clock.advance(700);
  assertEquals(outputs(answers), [["new", "booked 1"]]);
  assertEquals(timesDone(), 1);
  assertEquals(runner.runs.map(({ ending }) => ending), ["answered"]);
  assertEquals(clock.pendingTimers, 0);
});

Deno.test("a tool that has finished unheard answers whoever asks for the same within a minute, once", async () => {
  const { clock, answers, runner, ask, timesDone } = rig();
  ask("old");
  runner.cancel(["old"]);
  await clock.advance(1_000);
  assertEquals(outputs(answers), []);
  await clock.advance(59_000);
  ask("new");
  assertEquals(outputs(answers), [["new", "booked 1"]]);
  ask("newer");
  await clock.advance(1_000);
  assertEquals(outputs(answers).slice(1), [["newer", "booked 2"]], "that is meant anew");
  assertEquals(timesDone(), 2);
  assertEquals(runner.runs.map(({ ending }) => ending), ["done-unheard", "answered"]);
});

Deno.test("a result that is held back when its call is taken back is kept too", async () => {
  const { clock, answers, runner, ask, timesDone } = rig({ delayMs: 5_000 });
  ask("old");
  await clock.advance(2_000);
  runner.cancel(["old"]);
  assertEquals(runner.runs.map(({ ending }) => ending), ["done-unheard"]);
  ask("new");
  assertEquals(outputs(answers), [["new", "booked 1"]]);
  assertEquals(timesDone(), 1);
  assertEquals(clock.pendingTimers, 0);
});

Deno.test("a tool is run again for other arguments, after a minute, after it failed, and if it may be aborted", async () => {
  const other = rig();
  other.ask("old");
  other.runner.cancel(["old"]);
  other.ask("new", { ...BOOKING, guests: 5 });
  await other.clock.advance(1_000);
  assertEquals(other.timesDone(), 2);

  const late = rig();
  late.ask("old");
  late.runner.cancel(["old"]);
  await late.clock.advance(61_001);
  late.ask("new");
  await late.clock.advance(1_000);
  assertEquals(late.timesDone(), 2);

  const slow = rig({ timeoutMs: 500 });
  slow.ask("old");
  slow.runner.cancel(["old"]);
  await slow.clock.advance(600);
  slow.ask("new");
  await slow.clock.advance(600);
  assertEquals(slow.answers.map(({ id, response }) => [id, "error" in response]), [["new", true]]);

  const abortable = rig({ onInterruption: "abort" });
  abortable.ask("old");
  abortable.runner.cancel(["old"]);
  abortable.ask("new");
  await abortable.clock.advance(1_000);
  assertEquals(abortable.timesDone(), 1);
  assertEquals(abortable.runner.runs.map(({ ending }) => ending), ["cancelled", "answered"]);
});

Deno.test("a call that was answered for another can be taken back in its turn", async () => {
  const { clock, answers, runner, ask, timesDone } = rig();
  ask("first");
  runner.cancel(["first"]);
  ask("second");
  runner.cancel(["second"]);
  ask("third");
  await clock.advance(1_000);
  assertEquals(outputs(answers), [["third", "booked 1"]]);
  assertEquals(timesDone(), 1);
});

Deno.test("wishOf() is the same for the same arguments in any order, and for nothing else", () => {
  const nested = { b: [1, { d: 2, c: 3 }], a: null };
  assertEquals(wishOf("x", nested), wishOf("x", { a: null, b: [1, { c: 3, d: 2 }] }));
  const others = [["y", nested], ["x", { ...nested, a: "" }], ["x", { ...nested, b: [] }]] as const;
  for (const [name, args] of others) {
    assertEquals(wishOf(name, args) === wishOf("x", nested), false);
  }
});

Deno.test("KeptResults keeps the latest of a wish for a minute", () => {
  const kept = new KeptResults();
  kept.keep("a", { output: 1 }, 0);
  kept.keep("a", { output: 2 }, 10);
  assertEquals(kept.take("b", 20), undefined);
  assertEquals(kept.take("a", 60_010), { output: 2 });
  assertEquals(kept.take("a", 60_010), undefined);
  kept.keep("a", { output: 3 }, 0);
  assertEquals(kept.take("a", 60_001), undefined);
});
