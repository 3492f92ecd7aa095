import { assertEquals } from "@std/assert";
import type { Answer, Fault } from "../../emulators/model_script.ts";
import { sleep } from "../../lib/clock.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { test } from "../support/flights.ts";
import { MemoryService } from "../support/memory_service.ts";
import { agentVoice, callerVoice, startCall } from "../support/scenario.ts";
import { kitOf, toolOf } from "../support/tool_kit.ts";

const MODEL = "gemini-3.8-live";
const GREETING: Answer = { text: "Hello.", pcm: agentVoice(600) };
const BOOKED: Answer = {
  text: "It is booked.",
  pcm: agentVoice(900, 2),
  calls: [{ name: "book", args: {} }],
};
/** The caller asks once; the model begins to think when they have finished, and calls 150 ms later. */
const ASKED_TURN = 1;

/** A call in which the connection is lost `afterMs` behind the caller's turn; the tool takes 1 s. */
async function callWithLoss(afterMs: number) {
  const clock = new FakeClock();
  const lost: Fault = {
    type: "reset",
    connection: 0,
    when: { at: "turn", turn: ASKED_TURN, afterMs },
  };
  const service = new MemoryService({
    clock,
    wayMs: () => 10,
    script: {
      answers: ({ type }) => type === "written" ? GREETING : BOOKED,
      hear: () => "Book it.",
      faults: [lost],
    },
  });
  let done = 0;
  const book = toolOf("book", async () => {
    await sleep(clock, 1_000);
    return `number ${++done}`;
  }, { onInterruption: "finish" });
  const call = await startCall({
    clock,
    model: { answers: () => undefined },
    openModel: () => service.opener({ model: MODEL, tools: [book] }),
    toolKit: kitOf(book),
  });
  call.line.pause(2_000);
  call.line.say(callerVoice(1_000));
  call.line.pause(7_000);
  call.line.hangUp();
  await clock.advance(11_000);
  assertEquals((await call.ended).ending, "caller-hung-up");
  assertEquals(service.violations, []);
  return { call, service, timesDone: done };
}

for (
  const [when, afterMs] of [
    ["still runs", 600],
    // The next connection takes longer than the rest of it.
    ["is all but done", 1_140],
  ] as const
) {
  test(`a tool that must finish works once when the connection is lost while it ${when}: the next one gets its result`, async () => {
    const { call, service, timesDone } = await callWithLoss(afterMs);
    assertEquals(service.sessions.length, 2);
    const answers = service.sessions.map(({ toolResponses }) =>
      toolResponses.map(({ response }) => response)
    );
    assertEquals(answers, [[], [{ output: "number 1" }]]);
    assertEquals(timesDone, 1);
    const said = call.record().transcript.filter(({ party }) => party === "agent");
    assertEquals(said.map(({ text }) => text.trim()), ["Hello.", "It is booked."]);
  });
}
