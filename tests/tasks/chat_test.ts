import { assert, assertEquals, assertRejects } from "@std/assert";
import { SessionClosedError } from "../../lib/session/session_errors.ts";
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
