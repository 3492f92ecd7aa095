import { assertEquals } from "@std/assert";
import { Transcript } from "../../lib/call/transcript.ts";

Deno.test("Transcript joins the pieces of each party in the order in which turns began", () => {
  const transcript = new Transcript();
  transcript.agentWords(" Good", 10);
  transcript.answerBegan(1, 20);
  transcript.agentWords(" evening.", 30);
  transcript.answerCompleted();
  transcript.answerHeard({ answer: 1, spokenMs: 900, heardMs: 900, isCut: false });
  transcript.callerBegan(2_000);
  transcript.callerWords(" A table");
  transcript.answerBegan(2, 3_000);
  transcript.agentWords(" For when?", 3_010);
  transcript.callerWords(", please.");
  assertEquals(transcript.entries(), [
    {
      party: "agent",
      startMs: 10,
      text: "Good evening.",
      spokenMs: 900,
      heardMs: 900,
      heardText: "Good evening.",
      interrupted: false,
    },
    { party: "caller", startMs: 2_000, text: "A table, please." },
    { party: "agent", startMs: 3_000, text: "For when?" },
  ]);
});

Deno.test("Transcript keeps the whole words that fit in what was heard of a broken answer", () => {
  for (
    const [heardMs, heardText] of [
      [0, ""],
      [300, "one"],
      [500, "one two"],
      [599, "one two three"],
      [1_000, "one two three four five"],
    ] as const
  ) {
    const transcript = new Transcript();
    transcript.answerBegan(1, 0);
    transcript.agentWords("one two three four five", 0);
    transcript.answerHeard({ answer: 1, spokenMs: 1_000, heardMs, isCut: true });
    assertEquals(transcript.entries()[0]?.heardText, heardText, `${heardMs} ms`);
  }
});

Deno.test("Transcript drops words of a caller who has not begun to speak", () => {
  const transcript = new Transcript();
  transcript.callerWords("ghost");
  assertEquals(transcript.entries(), []);
});

Deno.test("Transcript bounds the text of one entry", () => {
  const transcript = new Transcript();
  for (let n = 0; n < 100; n++) transcript.agentWords("x".repeat(1_000), 0);
  assertEquals(transcript.entries()[0]?.text.length, 16_384);
});
