import { assert, assertEquals } from "@std/assert";
import { createLog } from "../../lib/log.ts";
import type { CallControl } from "../../lib/tools/call_control.ts";
import type { Destination } from "../../lib/tools/tool_wishes.ts";
import {
  continueSpeakingTool,
  hangUpTool,
  rememberTool,
  sendDigitsTool,
  sendSmsTool,
  takeMessageTool,
  transferCallTool,
  waitForUserTool,
} from "../../lib/tools/call_tools.ts";
import type { Tool } from "../../lib/tools/tool.ts";
import { declareTool } from "../../lib/tools/tool_declaration.ts";
import { type ToolAnswer, ToolRunner } from "../../lib/tools/tool_runner.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";

const CALL = { callSid: "CA1", person: "+15550001111", ours: "+15550002222", agent: "test" };
const DESK: Destination = {
  number: "+15553334444",
  description: "opening hours and complaints",
  ringSeconds: 20,
  whisper: "",
};

/** A call that writes down what is asked of it. */
function control(): CallControl & { asked: unknown[] } {
  const asked: unknown[] = [];
  return {
    asked,
    hangUp: () => void asked.push("hang-up"),
    transfer: (name, { number }) => void asked.push(["transfer", name, number]),
    sendDigits: (keys) => void asked.push(["keys", keys]),
    takeMessage: (message) => void asked.push(["message", message]),
    sendMessage: (to, text) => Promise.resolve(void asked.push(["sms", to, text])),
    remember: (fact) => Promise.resolve(void asked.push(["fact", fact])),
  };
}

/** Has a tool run as a model would. */
async function run(tool: Tool, args: Record<string, unknown>): Promise<ToolAnswer | undefined> {
  const answers: ToolAnswer[] = [];
  const clock = new FakeClock();
  const log = createLog({ level: "error", clock, write: () => {} });
  const runner: ToolRunner = new ToolRunner({
    tools: [tool],
    call: CALL,
    clock,
    log,
    post: (event) => runner.take(event),
    answer: (answer) => answers.push(answer),
  });
  runner.request([{ id: "fc_1", name: tool.name, args }]);
  await settle();
  return answers[0];
}

Deno.test("the tools of a call ask it for what they say", async () => {
  const call = control();
  await run(hangUpTool(call), {});
  await run(transferCallTool(call, { desk: DESK }), { destination: "desk" });
  await run(sendDigitsTool(call), { keys: "1w2#" });
  await run(takeMessageTool(call), { name: "Ana", callBack: "", text: "Call me." });
  await run(sendSmsTool(call, {}), { to: "caller", text: "Table at seven." });
  await run(rememberTool(call), { fact: "Likes the window." });
  assertEquals(call.asked, [
    "hang-up",
    ["transfer", "desk", "+15553334444"],
    ["keys", "1w2#"],
    ["message", { name: "Ana", callBack: "", text: "Call me." }],
    ["sms", "+15550001111", "Table at seven."],
    ["fact", "Likes the window."],
  ]);
});

Deno.test("transfer_call knows names only: 200 hostile targets are refused [A01]", async () => {
  const call = control();
  const tool = transferCallTool(call, { desk: DESK });
  const prefixes = ["+1900", "+1976", "+979", "+882", "+883", "sip:x@", "client:", "tel:", "desk "];
  const ends = [
    "5551234",
    "5551234w9",
    "５５５１２３４",
    "555 12 34",
    "ABC",
    "0".repeat(40),
    "",
    "#",
    "*",
  ];
  const others = ["+15553334444", "Desk", "DESK", "toString", "__proto__", "constructor", "dеsk"];
  const hostile = [...prefixes.flatMap((a) => ends.map((b) => a + b)), ...others, ...prefixes];
  const objects = [null, 7, {}, [], ["desk"], { desk: 1 }, true];
  const targets: unknown[] = [...hostile, ...hostile.map((text) => `${text} `), ...objects];
  assert(targets.length >= 200, `${targets.length}`);
  for (const destination of targets) {
    const answer = await run(tool, { destination });
    assert(answer?.response.error?.startsWith("Wrong arguments: destination"), `${destination}`);
  }
  assertEquals(call.asked, []);
});

Deno.test("send_sms knows the caller and listed names only [A03]", async () => {
  const call = control();
  const tool = sendSmsTool(call, { owner: "+15557778888" });
  await run(tool, { to: "owner", text: "A message was left." });
  assertEquals(call.asked, [["sms", "+15557778888", "A message was left."]]);
  for (const to of ["+15559990000", "caller ", "toString", ""]) {
    assert((await run(tool, { to, text: "x" }))?.response.error, to);
  }
  assertEquals(call.asked.length, 1);
});

Deno.test("send_digits takes keys and waits, nothing else", async () => {
  const call = control();
  for (const keys of ["", "1,2", "+1", "x", "1".repeat(33)]) {
    assert((await run(sendDigitsTool(call), { keys }))?.response.error, keys);
  }
  assertEquals(call.asked, []);
});

Deno.test("wait_for_user is answered with nothing, in silence [L31]", async () => {
  const answer = await run(waitForUserTool(), {});
  assertEquals([answer?.response, answer?.scheduling], [{ output: "" }, "silent"]);
});

Deno.test("continue_speaking has the model speak at once [L30]", async () => {
  const answer = await run(continueSpeakingTool(), { about: "the second dish" });
  assertEquals(answer?.scheduling, "interrupt");
});

Deno.test("all tools of a call can be declared, names and all", () => {
  const call = control();
  const declared = declareTool(transferCallTool(call, { desk: DESK, chef: DESK }));
  assertEquals(declared.parameters.properties?.destination?.enum, ["desk", "chef"]);
  assert(declared.description.includes("desk: opening hours"));
  for (
    const tool of [
      hangUpTool(call),
      sendDigitsTool(call),
      waitForUserTool(),
      continueSpeakingTool(),
      takeMessageTool(call),
      sendSmsTool(call, {}),
      rememberTool(call),
    ]
  ) assertEquals(declareTool(tool).parameters.type, "OBJECT");
});
