import { assertEquals } from "@std/assert";
import { HttpClient } from "../../lib/tools/http_client.ts";
import { ownTools } from "../../lib/tools/own_tools.ts";
import type { ToolManners } from "../../lib/tools/tool.ts";
import { ToolBox, type ToolModel } from "../../lib/tools/tool_box.ts";
import type { WishedTool } from "../../lib/tools/tool_wishes.ts";
import { NO_CALL } from "../support/tool_kit.ts";

const HTTP = {
  name: "weather",
  description: "Says the weather.",
  parameters: { type: "object", properties: {} },
  http: { method: "GET", url: "https://weather.example.com", headers: {} },
} as const;

/** How tools of an agent file are treated. */
async function mannersOf(tools: readonly WishedTool[], model: ToolModel = "either") {
  const box = new ToolBox({ client: new HttpClient(), secrets: new Map(), own: ownTools() });
  const made = box.tools({ tools, destinations: {}, smsRecipients: {} }, model, NO_CALL);
  await box.close();
  return made.map(({ isBlocking, scheduling, delayMs, timeoutMs, filler, onInterruption }) => ({
    ...{ isBlocking, scheduling, delayMs, timeoutMs, filler, onInterruption },
  }));
}

/** What a tool is that says nothing of it, one over HTTPS unless given. */
function plain(changed: Partial<ToolManners> = {}): ToolManners {
  return {
    isBlocking: false,
    scheduling: "when-idle",
    delayMs: 0,
    timeoutMs: 5_000,
    filler: undefined,
    onInterruption: "abort",
    ...changed,
  };
}

Deno.test("ToolBox treats a tool as the agent file says, and else as the tool does itself", async () => {
  const wishes = {
    blocking: true,
    scheduling: "silent",
    delaySeconds: 1.5,
    timeoutSeconds: 3,
    filler: "One moment.",
    onInterruption: "finish",
  } as const;
  const asWished: ToolManners = {
    isBlocking: true,
    scheduling: "silent",
    delayMs: 1_500,
    timeoutMs: 3_000,
    filler: "One moment.",
    onInterruption: "finish",
  };
  assertEquals(await mannersOf([{ ...HTTP, ...wishes }, { use: "find_table", ...wishes }]), [
    asWished,
    asWished,
  ]);
  assertEquals(await mannersOf([HTTP, { use: "hang_up" }, { use: "take_message" }]), [
    plain(),
    plain({ timeoutMs: 10_000, scheduling: "silent" }),
    plain({ timeoutMs: 10_000, onInterruption: "finish" }),
  ]);
});

Deno.test("ToolBox takes immediate for interrupt, which is what the service calls it", async () => {
  const [manners] = await mannersOf([{ ...HTTP, scheduling: "immediate" }]);
  assertEquals(manners?.scheduling, "interrupt");
});

Deno.test("ToolBox has a model wait for all tools, or for none, where it cannot be told", async () => {
  const tools = [HTTP, { use: "hang_up", blocking: true }];
  const waits = async (model: ToolModel) =>
    (await mannersOf(tools, model)).map(({ isBlocking }) => isBlocking);
  assertEquals(await waits("either"), [false, true]);
  assertEquals(await waits("blocking"), [true, true]);
  assertEquals(await waits("non-blocking"), [false, false]);
});
