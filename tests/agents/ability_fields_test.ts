import { assertEquals, assertThrows } from "@std/assert";
import { AgentFileError, parseAgentFile } from "../../lib/agents/agent_file.ts";

const SHORTEST = { name: "default", instructions: "Help.", greeting: "Hello." };

const WRONG: [fields: Record<string, unknown>, line: string][] = [
  [{ numbers: ["5551234567"] }, "numbers.0: expected a number in E.164, such as +15551234567"],
  [
    { greeting: "{{shop}}" },
    "greeting: {{shop}} is unknown; known are {{caller}}, {{called}}, {{time}}",
  ],
  [
    { variables: { shop: "x" }, greeting: "{{ship}}" },
    "greeting: {{ship}} is unknown; known are {{caller}}, {{called}}, {{time}}, {{shop}}",
  ],
  [
    { outbound: { allow: ["+1"], voicemail: { message: "For {{name}}." } } },
    "outbound.voicemail.message: {{name}} is unknown; known are {{caller}}, {{called}}, {{time}}",
  ],
  [
    { generation: { safety: { harassment: "some" } } },
    "generation.safety.harassment: expected off, none, only-high, medium-and-above or low-and-above",
  ],
  [
    { generation: { safety: { politics: "off" } } },
    "generation.safety.politics: unknown; known are harassment, hate-speech, sexually-explicit, dangerous-content",
  ],
  [
    { generation: { thinking: { budget: 1, level: "low" } } },
    "generation.thinking: expected either budget or level",
  ],
  [
    { tools: [1] },
    "tools.0: expected the name of a tool, or an object with use, or with name and http",
  ],
  [{ tools: [{ use: "hang_up", blocking: 1 }] }, "tools.0.blocking: expected true or false"],
  [
    { tools: [{ name: "a", description: "b", http: { url: "http://x.example" } }] },
    "tools.0.http.url: expected an https address",
  ],
  [
    { destinations: { desk: { number: "desk", description: "d" } } },
    "destinations.desk.number: expected a number in E.164, such as +15551234567",
  ],
  [
    { smsRecipients: { me: "" } },
    "smsRecipients.me: expected a number in E.164, such as +15551234567",
  ],
  [
    { callers: { rate: { calls: 0, minutes: 10 } } },
    "callers.rate.calls: expected a whole number from 1 to 1000",
  ],
  [{ records: { keepDays: 0 } }, "records.keepDays: expected a whole number from 1 to 3650"],
  [{ records: { redact: ["names"] } }, "records.redact.0: expected digits, cards or emails"],
  [{ records: { recording: "yes" } }, "records.recording: expected true or false"],
  [
    { prices: { textIn: -1, audioIn: 1, textOut: 1, audioOut: 1 } },
    "prices.textIn: expected a number from 0 to 100000",
  ],
];

for (const [fields, line] of WRONG) {
  Deno.test(`parseAgentFile() says "${line}" when an ability is wrong`, () => {
    const text = JSON.stringify({ ...SHORTEST, ...fields });
    const error = assertThrows(() => parseAgentFile(text, "a.jsonc"), AgentFileError);
    assertEquals(error.lines, [`a.jsonc: ${line}`]);
  });
}

Deno.test("parseAgentFile() takes instructions as text, as lines and as a content", () => {
  const forms = ["Be kind.\nBe brief.", ["Be kind.", "Be brief."], {
    role: "user",
    parts: [{ text: "Be kind." }, { text: "Be brief." }],
  }];
  for (const instructions of forms) {
    const text = JSON.stringify({ ...SHORTEST, instructions });
    assertEquals(parseAgentFile(text, "a.jsonc").instructions, "Be kind.\nBe brief.");
  }
});

Deno.test("parseAgentFile() reads whom an agent may call, and refuses what is no number", () => {
  const file = (outbound: unknown) =>
    JSON.stringify({ name: "caller", instructions: "Call.", greeting: "Hello.", outbound });
  const { outbound } = parseAgentFile(file({ allow: ["+49"] }), "caller.jsonc");
  assertEquals(outbound, {
    allow: ["+49"],
    callsPerHour: 20,
    ringSeconds: 30,
    voicemail: "hang-up",
  });
  const cases: [string, unknown][] = [
    ["outbound.allow", {}],
    ["outbound.allow", { allow: [] }],
    ["outbound.allow.0", { allow: ["49"] }],
    ["outbound.allow.0", { allow: [""] }],
    ["outbound.from", { allow: ["+49"], from: "me" }],
    ["outbound.callsPerHour", { allow: ["+49"], callsPerHour: 0 }],
    ["outbound.voicemail", { allow: ["+49"], voicemail: "shout" }],
    ["outbound.speed", { allow: ["+49"], speed: 1 }],
  ];
  for (const [field, given] of cases) {
    const error = assertThrows(() => parseAgentFile(file(given), "caller.jsonc"), AgentFileError);
    assertEquals(error.lines.map((line) => line.split(": ")[1]), [field]);
  }
});
