import { assert, assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import { z } from "zod";
import { createLog } from "../../lib/log.ts";
import { defineTool, type Tool, ToolError } from "../../lib/tools/tool.ts";
import { declareTool, waitingFor } from "../../lib/tools/tool_declaration.ts";
import { type ToolAnswer, type ToolEvent, ToolRunner } from "../../lib/tools/tool_runner.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";

const CALL = { callSid: "CA1", person: "+15550001111", ours: "+15550002222", agent: "test" };

const never = () => new Promise<never>(() => {});

function tool(name: string, run: Tool["run"], manners: Partial<Tool> = {}): Tool {
  return defineTool({
    name,
    description: "For tests.",
    parameters: z.object({ city: z.string().optional() }),
    run,
    ...manners,
  });
}

/** A runner whose facts are taken as they come. */
function rig(...tools: Tool[]) {
  const clock = new FakeClock();
  const answers: ToolAnswer[] = [];
  const logged: string[] = [];
  const log = createLog({ level: "debug", clock, write: (line) => logged.push(line) });
  const runner: ToolRunner = new ToolRunner({
    tools,
    call: CALL,
    clock,
    log,
    post: (event: ToolEvent) => runner.take(event),
    answer: (answer) => answers.push(answer),
  });
  const ask = (name: string, args = {}, id = "fc_1") => runner.request([{ id, name, args }]);
  return { clock, answers, runner, logged, ask };
}

Deno.test("ToolRunner answers with what the tool gave", async () => {
  const { answers, runner, ask, clock } = rig(
    tool("weather", (args) => ({ args, sky: "grey" }), { scheduling: "interrupt" }),
  );
  ask("weather", { city: "Amsterdam" });
  await settle();
  assertEquals(answers, [{
    id: "fc_1",
    name: "weather",
    response: { output: { args: { city: "Amsterdam" }, sky: "grey" } },
    scheduling: "interrupt",
  }]);
  assertEquals(runner.running, []);
  assertEquals(runner.runs.map(({ ending }) => ending), ["answered"]);
  assertEquals(clock.pendingTimers, 0);
});

Deno.test("ToolRunner says what is wrong with arguments, by the field, and does not run the tool", async () => {
  let ran = false;
  const { answers, ask } = rig(tool("weather", () => ran = true));
  ask("weather", { city: 5 });
  await settle();
  assert(!ran);
  assert(answers[0]?.response.error?.startsWith("Wrong arguments: city: "));
});

Deno.test("ToolRunner answers an unknown name with an error at once [F06]", () => {
  const { answers, ask } = rig();
  ask("dance");
  assertEquals(answers.map(({ id, response }) => ({ id, response })), [
    { id: "fc_1", response: { error: "There is no tool of this name" } },
  ]);
});

Deno.test("ToolRunner ends a tool that never settles when its time is over [F01]", async () => {
  let signal: AbortSignal | undefined;
  const { answers, ask, clock, runner } = rig(
    tool("slow", (_args, context) => {
      signal = context.signal;
      return never();
    }),
  );
  ask("slow");
  await clock.advance(9_999);
  assertEquals(answers, []);
  assertEquals(runner.running.map(({ name, ageMs }) => ({ name, ageMs })), [
    { name: "slow", ageMs: 9_999 },
  ]);
  await clock.advance(1);
  assertEquals(answers[0]?.response, { error: "The tool took longer than 10000 ms" });
  assertEquals(signal?.aborted, true);
});

Deno.test("ToolRunner gives one error and no stack for whatever a tool throws [F02]", async () => {
  const recurse = (): unknown => recurse();
  const broken: readonly Tool["run"][] = [
    () => {
      throw new TypeError("at /secret/place.ts:7");
    },
    () => Promise.reject(new Error("at /secret/place.ts:8")),
    () => {
      throw "no error at all";
    },
    recurse,
    () => ({
      get trap() {
        throw new Error("at /secret/place.ts:9");
      },
    }),
  ];
  for (const run of broken) {
    const { answers, ask, runner } = rig(tool("broken", run));
    ask("broken");
    await settle();
    assertEquals(answers.map(({ response }) => response), [{ error: "The tool failed" }]);
    assertEquals(runner.runs.map(({ ending }) => ending), ["failed"]);
  }
});

Deno.test("ToolRunner passes on the words of a ToolError", async () => {
  const { answers, ask } = rig(tool("book", () => {
    throw new ToolError("There is no table at that time");
  }));
  ask("book");
  await settle();
  assertEquals(answers[0]?.response, { error: "There is no table at that time" });
});

Deno.test("ToolRunner aborts a tool that is taken back and does not answer it [F04]", async () => {
  const done = Promise.withResolvers<string>();
  let signal: AbortSignal | undefined;
  const { answers, ask, runner } = rig(
    tool("look_up", (_args, context) => {
      signal = context.signal;
      return done.promise;
    }),
  );
  ask("look_up");
  runner.cancel(["fc_1", "fc_unknown"]);
  assertEquals(signal?.aborted, true);
  done.resolve("too late");
  await settle();
  assertEquals(answers, []);
  assertEquals(runner.runs.map(({ ending }) => ending), ["cancelled"]);
});

Deno.test("ToolRunner lets a tool finish that must, and records that nobody heard of it [F04]", async () => {
  const done = Promise.withResolvers<string>();
  let signal: AbortSignal | undefined;
  const { answers, ask, runner } = rig(
    tool("pay", (_args, context) => {
      signal = context.signal;
      return done.promise;
    }, { onInterruption: "finish" }),
  );
  ask("pay");
  runner.cancel(["fc_1"]);
  assertEquals(signal?.aborted, false);
  assertEquals(runner.running, []);
  done.resolve("paid");
  await settle();
  assertEquals(answers, []);
  assertEquals(runner.runs.map(({ ending }) => ending), ["done-unheard"]);
});

Deno.test("ToolRunner holds a result back as long as the tool says", async () => {
  const { answers, ask, clock } = rig(tool("news", () => "new", { delayMs: 3_000 }));
  ask("news");
  await clock.advance(2_999);
  assertEquals(answers, []);
  await clock.advance(1);
  assertEquals(answers.length, 1);
});

Deno.test("ToolRunner aborts everything when the call is over [F05]", async () => {
  const signals: AbortSignal[] = [];
  const run: Tool["run"] = (_args, { signal }) => {
    signals.push(signal);
    return never();
  };
  const { answers, ask, runner, clock } = rig(
    tool("one", run),
    tool("two", run, { onInterruption: "finish" }),
  );
  ask("one", {}, "fc_1");
  ask("two", {}, "fc_2");
  runner.cancel(["fc_2"]);
  runner.close();
  await clock.advance(60_000);
  assertEquals(signals.map(({ aborted }) => aborted), [true, true]);
  assertEquals(answers, []);
  assertEquals(clock.pendingTimers, 0);
});

Deno.test("ToolRunner runs ten at once and answers each id once, however often it is asked [F06]", async () => {
  let runs = 0;
  const { answers, runner } = rig(tool("count", () => ++runs));
  const requests = Array.from(
    { length: 10 },
    (_, n) => ({ id: `fc_${n}`, name: "count", args: {} }),
  );
  runner.request(requests);
  runner.request(requests);
  await settle();
  assertEquals(answers.map(({ id }) => id).sort(), requests.map(({ id }) => id).sort());
  assertEquals(runs, 10);
});

Deno.test("ToolRunner says nothing of when the result of a tool is taken up that the model waits for", async () => {
  const { answers, ask } = rig(tool("wait", () => "done", { isBlocking: true }));
  ask("wait");
  await settle();
  assertEquals(answers[0]?.scheduling, undefined);
});

Deno.test("ToolRunner never answers twice, nor what was taken back, in any order of events", async () => {
  const act = fc.record({
    type: fc.constantFrom("ask", "cancel", "settle", "pass"),
    n: fc.nat({ max: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 40 }), async (acts) => {
      const settlers: (() => void)[] = [];
      const { answers, runner, clock } = rig(
        tool("any", () => new Promise((resolve) => settlers.push(() => resolve(1)))),
      );
      const asked: string[] = [];
      const takenBack = new Set<string>();
      for (const { type, n } of acts) {
        const id = `fc_${asked.length}`;
        const past = asked[n % Math.max(asked.length, 1)];
        const isOpen = past !== undefined && !answers.some((answer) => answer.id === past);
        if (type === "ask") {
          asked.push(id);
          runner.request([{ id, name: "any", args: {} }]);
        } else if (type === "cancel" && past && isOpen) {
          takenBack.add(past);
          runner.cancel([past]);
        } else if (type === "settle") settlers[n]?.();
        else await clock.advance(n * 1_000);
        await settle();
      }
      await clock.advance(60_000);
      const ids = answers.map((answer) => answer.id).sort();
      assertEquals(ids, asked.filter((id) => !takenBack.has(id)).sort());
      assertEquals(clock.pendingTimers, 0);
    }),
    { numRuns: 300 },
  );
});

Deno.test("ToolRunner logs neither arguments nor results", async () => {
  const { ask, logged } = rig(tool("whisper", () => "a quiet answer"));
  ask("whisper", { city: "a quiet question" });
  await settle();
  assert(!logged.join("").includes("quiet"));
  assert(logged.join("").includes("tool-ended"));
});

Deno.test("defineTool() refuses a name that no model can ask for", () => {
  assertThrows(() => tool("no spaces", () => 1), RangeError, "name: expected 1 to 64 letters");
});

Deno.test("declareTool() puts the filler into the description, and names tool and field of a fault", () => {
  const slow = tool("slow", () => 1, { filler: "One moment." });
  assertEquals(
    declareTool(slow).description,
    'For tests. Before you call it, say: "One moment."',
  );
  const wrong = { ...slow, parameters: z.object({ when: z.date() }) };
  assertThrows(
    () => declareTool(wrong),
    RangeError,
    '"slow": Cannot describe tool: parameters.when',
  );
});

Deno.test("waitingFor() takes a function that was never declared for one that the model waits for", () => {
  const declared = [tool("one", () => 1), tool("two", () => 2, { isBlocking: true })];
  const isWaited = waitingFor(declared.map(declareTool));
  assertEquals(["one", "two", "three"].map(isWaited), [false, true, true]);
});
