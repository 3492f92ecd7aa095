import { assertEquals, assertGreater } from "@std/assert";
import { convertRate } from "../../audio/file_to_pcm.ts";
import { demoScript, echoScript } from "../../emulators/demo_script.ts";
import type { Answer, ModelScript, ModelTurn } from "../../emulators/model_script.ts";
import { agentLine, callerLine, type CallerLineName } from "../../emulators/speech.ts";

const WRITTEN: ModelTurn = {
  type: "written",
  index: 0,
  connection: 0,
  words: "The caller is here.",
};

function spoken(pcm: Int16Array, words: string): ModelTurn {
  return { type: "spoken", index: 1, connection: 0, words, pcm };
}

function answer(script: ModelScript, turn: ModelTurn): Answer | undefined {
  return typeof script.answers === "function" ? script.answers(turn) : undefined;
}

Deno.test("demoScript() greets, and answers each line of the caller by its words", () => {
  assertEquals(answer(demoScript(), WRITTEN)?.text, agentLine("greeting").text);
  const talk: [CallerLineName, string][] = [
    ["table", agentLine("which-day").text],
    ["tomorrow", agentLine("table-is-free").text],
    ["window", agentLine("by-the-window").text],
    ["wait", agentLine("of-course").text],
    ["goodbye", agentLine("goodbye").text],
  ];
  for (const [name, reply] of talk) {
    const { text, pcm16k } = callerLine(name);
    assertEquals(answer(demoScript(), spoken(pcm16k, text))?.text, reply);
  }
});

Deno.test("demoScript() says that it heard nothing when no line was recognised", () => {
  const said = answer(demoScript(), spoken(new Int16Array(16_000), ""));
  assertEquals(said?.text, agentLine("nothing-heard").text);
});

Deno.test("echoScript() says the caller's own sound back", () => {
  const { pcm16k } = callerLine("tomorrow");
  const said = answer(echoScript(), spoken(pcm16k, "(2.3 s of sound)"));
  assertEquals(said?.text, "You said: (2.3 s of sound)");
  const phrase = agentLine("you-said").pcm24k;
  const echo = convertRate(pcm16k, { fromHz: 16_000, toHz: 24_000 });
  assertGreater(echo.length, 1.49 * pcm16k.length);
  assertEquals(said?.pcm.slice(0, phrase.length), phrase);
  assertEquals(said?.pcm.slice(phrase.length), echo);
});

Deno.test("echoScript() says that it heard nothing when the turn is quiet", () => {
  const hiss = Int16Array.from({ length: 16_000 }, (_, i) => (i * 7919) % 41 - 20);
  const said = answer(echoScript(), spoken(hiss, ""));
  assertEquals(said?.text, agentLine("nothing-heard").text);
});

Deno.test("echoScript() hears words in the bundled recordings, and a length in all else", () => {
  const { text, pcm16k } = callerLine("tomorrow");
  assertEquals(echoScript().hear?.(pcm16k, 0), text);
  assertEquals(echoScript().hear?.(new Int16Array(24_000), 0), "(1.5 s of sound)");
});
