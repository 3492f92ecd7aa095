import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { ModelLink } from "../../lib/call/model_link.ts";
import type { ModelEvent } from "../../lib/call/model.ts";
import { ToolDesk } from "../../lib/call/tool_desk.ts";
import { sleep } from "../../lib/clock.ts";
import { ModelCircuit } from "../../lib/gemini/circuit.ts";
import { openLive } from "../../lib/gemini/live_session.ts";
import { liveSetup } from "../../lib/gemini/live_setup.ts";
import { createLog } from "../../lib/log.ts";
import { ToolError } from "../../lib/tools/tool.ts";
import type { ToolEvent } from "../../lib/tools/tool_runner.ts";
import { countingIds } from "../support/counting_ids.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { toolOf } from "../support/tool_kit.ts";
import { ToolService } from "../support/tool_service.ts";
import { AGENT } from "./call_side.ts";

const MODEL = "gemini-3.8-live";
const NAMES = ["quick", "slow", "stuck", "broken", "waited", "booking", "unknown"] as const;
const BLOCKING: ReadonlySet<string> = new Set(["waited"]);

/** One thing that happens. */
const step = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("speak", "pause", "answer") },
  { weight: 3, arbitrary: fc.subarray([...NAMES], { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constantFrom("go-away", "drop", "rotate", "write") },
  { weight: 3, arbitrary: fc.integer({ min: 10, max: 4_000 }) },
);

/** A conversation with tools and a service, and nothing else of a call. */
class Conversation {
  readonly clock = new FakeClock();
  readonly service = new ToolService(this.clock);
  readonly desk: ToolDesk;
  readonly link: ModelLink;
  readonly signals: AbortSignal[] = [];
  #isOver = false;

  constructor() {
    const { clock } = this;
    const log = createLog({ level: "error", clock, write: () => {} });
    this.link = new ModelLink({ isAutomatic: false });
    const none = () => {};
    this.desk = new ToolDesk({
      tools: this.#tools(),
      facts: { callSid: "CA1", from: "", to: "", direction: "inbound", agent: "test" },
      link: this.link,
      answers: {
        toolsCalled: none,
        toolsAnswered: none,
        toolsTakenBack: none,
        silenceChosen: none,
      },
      post: (event: ToolEvent) => this.#isOver ? undefined : this.desk.take(event),
      clock,
      log,
    });
    const open = openLive({
      apiKey: "key",
      model: MODEL,
      setup: (begin) => liveSetup(AGENT, { ...begin, instructions: "Be brief.", model: MODEL }),
      activityGapMs: 100,
      isBlocking: (name) => BLOCKING.has(name),
      connect: this.service.connect,
      circuit: new ModelCircuit(clock),
      ids: countingIds(),
      clock,
      log,
    });
    const take = (event: ModelEvent) => this.desk.takeFromModel(event);
    this.link.begin(open(take, { recap: () => "" }));
  }

  async do(what: string | string[] | number): Promise<void> {
    if (typeof what === "number") return await this.clock.advance(what);
    if (typeof what !== "string") {
      this.service.call(...what.map((name) => ({ name, isBlocking: BLOCKING.has(name) })));
    } else this.#act(what);
    await settle();
  }

  async end(): Promise<void> {
    this.desk.close();
    this.#isOver = true;
    this.link.close();
    await this.clock.advance(5_000);
  }

  #act(what: string): void {
    switch (what) {
      case "speak":
        this.link.openActivity();
        for (let n = 0; n < 3; n++) this.link.sendAudio(new Int16Array(320));
        return;
      case "pause":
        return this.link.closeActivity();
      case "answer":
        return this.service.speak();
      case "go-away":
        return this.service.goAway(2_000);
      case "drop":
        return this.service.drop();
      case "rotate":
        return this.link.rotate();
      case "write":
        return this.link.sendText("Are you there?", { reply: true });
    }
  }

  #tools() {
    const later = (ms: number) => (_args: unknown, { signal }: { signal: AbortSignal }) => {
      this.signals.push(signal);
      return sleep(this.clock, ms);
    };
    return [
      toolOf("quick", () => "done"),
      toolOf("slow", later(1_500)),
      toolOf("stuck", later(60_000), { timeoutMs: 3_000 }),
      toolOf("broken", () => {
        throw new ToolError("out of order");
      }),
      toolOf("waited", later(700), { isBlocking: true }),
      toolOf("booking", later(900), { onInterruption: "finish", delayMs: 300 }),
    ];
  }
}

Deno.test("10,000 interleavings of audio, calls, cancellations, lost and rotated connections, barge-in and hang-up break no rule; each id is answered once [F04 F05 F06]", async () => {
  const seen = { answered: 0, cancelled: 0, died: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 24 }), async (steps) => {
      const conversation = new Conversation();
      await conversation.do(400);
      for (const what of steps) await conversation.do(what);
      const { service, desk, clock } = conversation;
      // Whatever is still asked for gets its answer in time, if its connection lives.
      if (steps.length % 2 === 0) {
        await clock.advance(4_500);
        assertEquals([...service.fates.values()].filter((fate) => fate === "open"), []);
      }
      await conversation.end();
      assertEquals(service.violations, []);
      assertEquals(desk.running, []);
      for (const fate of service.fates.values()) if (fate !== "open") seen[fate]++;
    }),
    { numRuns: 10_000 },
  );
  // Every fate was met often.
  for (const [fate, times] of Object.entries(seen)) {
    assertEquals(times > 500, true, `${fate}: ${times}`);
  }
});
