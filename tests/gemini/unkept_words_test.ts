import { assertEquals } from "@std/assert";
import { UnkeptWords } from "../../lib/gemini/unkept_words.ts";

function spoken(words: UnkeptWords): void {
  words.take({ type: "caller-words-received", text: " What" });
  words.take({ type: "caller-words-received", text: " day?" });
  words.take({ type: "agent-words-received", text: "Tuesday." });
}

Deno.test("UnkeptWords tells what was said since the last handle", () => {
  const words = new UnkeptWords();
  assertEquals(words.note, undefined);
  words.take({ type: "resumption-updated", handle: "at the start" });
  spoken(words);
  const note =
    "The line to you was changed. Since then was said:\nCaller: What day?\nYou: Tuesday.";
  assertEquals(words.note, note);
  words.take({ type: "resumption-updated", handle: undefined });
  words.take({ type: "resumption-updated", handle: "knows no more" });
  assertEquals(words.note, note);
  words.take({ type: "model-turn-completed", reason: undefined });
  words.take({ type: "resumption-updated", handle: "knows all" });
  assertEquals(words.note, undefined);
});

Deno.test("UnkeptWords leaves out a turn that has no answer: it is said again", () => {
  const words = new UnkeptWords();
  words.take({ type: "caller-words-received", text: "Hello?" });
  assertEquals(words.note, undefined);
});

Deno.test("UnkeptWords keeps the newest when much was said", () => {
  const words = new UnkeptWords();
  for (let n = 0; n < 500; n++) spoken(words);
  assertEquals((words.note ?? "").length < 4_100, true);
  assertEquals(words.note?.endsWith("You: Tuesday."), true);
});
