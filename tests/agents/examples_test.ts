import { assert, assertEquals } from "@std/assert";
import { parseAgentFile } from "../../lib/agents/agent_file.ts";
import { modelRefusals } from "../../lib/agents/model_refusals.ts";
import { HttpClient } from "../../lib/tools/http_client.ts";
import { ownTools } from "../../lib/tools/own_tools.ts";
import { ToolBox } from "../../lib/tools/tool_box.ts";

const FOLDER = new URL("../../agents/examples/", import.meta.url);
/** The agent of the page on tools, as a newcomer writes it. */
const PAGE = new URL("../../docs/tools.md", import.meta.url);

function toolBox(): ToolBox {
  const secrets = new Map([["WEATHER", "open sesame"]]);
  return new ToolBox({ client: new HttpClient(), secrets, own: ownTools() });
}

Deno.test("every example agent can be read, its tools made, and its model refuses nothing of it", async () => {
  const box = toolBox();
  const names: string[] = [];
  const outbound: string[] = [];
  for await (const { name } of Deno.readDir(FOLDER)) {
    const agent = parseAgentFile(await Deno.readTextFile(new URL(name, FOLDER)), name);
    assertEquals(box.problems(agent), [], name);
    for (const model of ["gemini-3.8-live", "gemini-3.1-flash-live-preview"]) {
      assertEquals(modelRefusals(agent, model), [], name);
    }
    assert(agent.tools.length > 0);
    names.push(agent.name);
    if (agent.outbound) outbound.push(agent.name);
  }
  assertEquals(names.sort(), ["after-hours", "reminder", "restaurant"]);
  assertEquals(outbound, ["reminder"], "who calls people");
  await box.close();
});

Deno.test("the agent in docs/tools.md can be read as it stands", async () => {
  const [, text = ""] = /```jsonc\n(\{[^]*?\n\})\n```/.exec(await Deno.readTextFile(PAGE)) ?? [];
  const agent = parseAgentFile(text, "docs/tools.md");
  const box = toolBox();
  assertEquals(box.problems(agent), []);
  assertEquals(agent.tools.map((tool) => "name" in tool ? tool.name : tool.use), [
    "weather",
    "hang_up",
  ]);
  await box.close();
});

Deno.test("ToolBox tells what is wrong with tools, by the field", async () => {
  const box = toolBox();
  const wishes = { destinations: {}, smsRecipients: {} };
  const http = { method: "GET", url: "https://x.example/{city}", headers: {} } as const;
  const object = { type: "object", properties: { town: { type: "string" } } };
  const problems = box.problems({
    ...wishes,
    tools: [
      { use: "hang_up" },
      { use: "hang_up" },
      { use: "fly" },
      { use: "transfer_call" },
      { name: "a", description: "b", parameters: object, http },
      {
        name: "c",
        description: "d",
        parameters: { type: "object", properties: {} },
        http: { ...http, url: "https://x.example", headers: { authorization: "{{secret:NONE}}" } },
      },
    ],
  });
  assertEquals(problems.map((line) => line.slice(0, 60)), [
    "tools.1: another one is named hang_up too",
    "tools.2.use: fly is unknown; known are hang_up, transfer_cal",
    "tools.3.use: transfer_call needs somebody in destinations",
    "tools.4.http.url: {city} is unknown; expected a name of para",
    "tools.5.http.headers.authorization: expected a secret NONE i",
  ]);
  await box.close();
});
