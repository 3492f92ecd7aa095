import { assert, assertEquals, assertRejects } from "@std/assert";
import { SessionClosedError } from "../../lib/session/session_errors.ts";
import { callLess } from "../../lib/tools/call_less.ts";
import { HttpClient } from "../../lib/tools/http_client.ts";
import { ToolBox } from "../../lib/tools/tool_box.ts";
import { chat, linesOf } from "../../tasks/chat_loop.ts";
import { spoken, startRig } from "../session/session_rig.ts";

const ECHO = {
  script: {
    answers: ({ words }: { words: string }) => spoken(` You said: ${words}`, 50),
  },
};

async function* typed(...lines: string[]): AsyncGenerator<string> {
  for (const line of lines) yield await Promise.resolve(line);
}

Deno.test("chat() greets, prints answers as they come, and leaves at quit [E05 E63 P31 W27]", async () => {
  await using rig = await startRig(ECHO);
  await rig.session.connect();
  let shown = "";
  await chat({
    session: rig.session,
    lines: typed("Hello", "", "  quit ", "never sent"),
    write: (text) => shown += text,
    opening: "Greet them",
  });
  assertEquals(shown, " You said: Greet them\n>  You said: Hello\n> > ");
  assertEquals(rig.service.sessions[0]?.texts.map(({ text }) => text), ["Greet them", "Hello"]);
});

Deno.test("chat() uses the agent's tools, refuses what needs a call, and ends when the agent hangs up [E05 E09]", async () => {
  const said: string[] = [];
  let isLeft = false;
  const wishes = {
    tools: [{ use: "take_message" }, { use: "hang_up" }],
    destinations: {},
    smsRecipients: {},
  };
  const toolBox = new ToolBox({ client: new HttpClient(), secrets: new Map(), own: [] });
  const message = { name: "Ada", callBack: "", text: "Hello" };
  await using rig = await startRig({
    tools: toolBox.tools(wishes, "either", callLess(() => isLeft = true)),
    script: {
      answers: ({ index }) => ({
        ...spoken(` Answer ${index}.`, 50),
        calls: [
          index === 0 ? { name: "take_message", args: message } : { name: "hang_up", args: {} },
        ],
      }),
    },
  });
  await rig.session.connect();
  await chat({
    session: rig.session,
    lines: typed("Tell them hello", "Bye", "never sent"),
    write: (text) => void said.push(text),
    isLeft: () => isLeft,
  });
  assertEquals(said.join(""), ">  Answer 0.\n>  Answer 1.\n");
  const responses = rig.service.sessions[0]?.toolResponses.map(({ response }) => response);
  assertEquals(responses?.[0], {
    error: "This is no telephone call: no message is kept",
  });
  assertEquals(Object.keys(responses?.[1] ?? {}), ["output"]);
  await toolBox.close();
});

Deno.test("chat() says that texts come too fast, and goes on", async () => {
  await using rig = await startRig({ ...ECHO, textsPerMinute: 1 });
  await rig.session.connect();
  let shown = "";
  await chat({ session: rig.session, lines: typed("One", "Two"), write: (text) => shown += text });
  assert(shown.includes("too many texts within a minute"));
});

Deno.test("chat() ends when the session does", async () => {
  await using rig = await startRig(ECHO);
  await rig.session.connect();
  rig.session.on("output-transcription", () => rig.session.close());
  await assertRejects(
    () => chat({ session: rig.session, lines: typed("One", "Two"), write: () => {} }),
    SessionClosedError,
  );
});

Deno.test("linesOf() gives lines however they are cut", async () => {
  const bytes = new TextEncoder().encode("one\ntwo\nünd");
  const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
  assertEquals(await Array.fromAsync(linesOf(ReadableStream.from(pieces))), ["one", "two", "ünd"]);
});
