import { assert, assertEquals } from "@std/assert";
import type { Saying } from "../../lib/gemini/backlog.ts";
import { Outbox } from "../../lib/gemini/outbox.ts";

const GAP_MS = 100;

function outboxOf(): { outbox: Outbox; lost: string[] } {
  const lost: string[] = [];
  return {
    outbox: new Outbox({ activityGapMs: GAP_MS, count: (fault) => lost.push(fault) }),
    lost,
  };
}

const OPEN: Saying = { type: "open-activity" };
const CLOSE: Saying = { type: "close-activity" };
const audio = (n: number): Saying => ({ type: "audio", pcm: Int16Array.of(n) });
const text = (text: string, reply = true): Saying => ({ type: "text", text, reply });

function sayAll(outbox: Outbox, ...sayings: Saying[]): void {
  for (const saying of sayings) outbox.say(saying);
}

/** Sayings in short: `( 1 2 )` is an activity with two frames. */
function short(sayings: readonly Saying[]): string {
  return sayings.map((saying) => {
    if (saying.type === "open-activity") return "(";
    if (saying.type === "close-activity") return ")";
    if (saying.type === "end-audio") return "|";
    if (saying.type === "audio") return saying.pcm[0];
    return "text" in saying ? saying.text : saying.type;
  }).join(" ");
}

Deno.test("Outbox keeps everything in order until there is a connection", () => {
  const { outbox } = outboxOf();
  sayAll(outbox, text("hello"), OPEN, audio(1), CLOSE, text("note", false));
  assertEquals(outbox.take(0), []);
  outbox.connected();
  assertEquals(short(outbox.take(0)), "hello ( 1 ) note");
  assertEquals(outbox.take(0), []);
  assertEquals(outbox.nextMs, undefined);
});

const LOSSES: { name: string; before: (outbox: Outbox) => void; again: string }[] = [
  {
    name: "while the caller speaks",
    before: (outbox) => sayAll(outbox, OPEN, audio(1), audio(2)),
    again: "( 1 2",
  },
  {
    name: "while an answer is owed",
    before: (outbox) => sayAll(outbox, OPEN, audio(1), CLOSE),
    again: "( 1 )",
  },
  {
    name: "while a greeting is owed",
    before: (outbox) => sayAll(outbox, text("greet")),
    again: "greet",
  },
];

for (const { name, before, again } of LOSSES) {
  Deno.test(`Outbox says a turn again when the connection is lost ${name} [G05]`, () => {
    const { outbox } = outboxOf();
    outbox.connected();
    before(outbox);
    outbox.take(0);
    assert(outbox.isOwed === again.endsWith(")") || again === "greet");
    outbox.disconnected();
    assertEquals(outbox.take(0), []);
    outbox.say(audio(9));
    outbox.connected();
    assertEquals(short(outbox.take(0)), `${again} 9`);
  });
}

Deno.test("Outbox says nothing again that has its answer, and all that came after it", () => {
  const { outbox } = outboxOf();
  outbox.connected();
  sayAll(outbox, OPEN, audio(1), CLOSE);
  outbox.take(0);
  outbox.answered();
  assertEquals(outbox.isOwed, false);
  sayAll(outbox, text("note", false));
  outbox.take(0);
  outbox.disconnected();
  outbox.connected();
  assertEquals(short(outbox.take(0)), "note");
});

Deno.test("Outbox keeps a turn that breaks off an answer, whatever still comes of that", () => {
  const { outbox } = outboxOf();
  outbox.connected();
  sayAll(outbox, OPEN, audio(1), CLOSE);
  outbox.take(0);
  outbox.answered();
  sayAll(outbox, OPEN, audio(2));
  outbox.take(500);
  outbox.answered();
  outbox.answerEnded();
  outbox.say(CLOSE);
  outbox.take(600);
  outbox.disconnected();
  outbox.connected();
  assertEquals(short(outbox.take(700)), "( 2 )");
});

Deno.test("Outbox keeps a text that breaks off an answer until it is answered itself", () => {
  const { outbox } = outboxOf();
  outbox.connected();
  sayAll(outbox, OPEN, audio(1), CLOSE);
  outbox.take(0);
  outbox.answered();
  outbox.say(text("keys"));
  outbox.take(0);
  outbox.answered();
  assertEquals(outbox.isOwed, true, "the last sound of the old answer");
  outbox.answerEnded();
  outbox.answered();
  assertEquals(outbox.isOwed, false);
});

Deno.test("Outbox leaves a gap between activities, and makes one of two that wait together", () => {
  const { outbox } = outboxOf();
  outbox.connected();
  sayAll(outbox, OPEN, audio(1), CLOSE, text("between"), OPEN, audio(2), CLOSE);
  assertEquals(short(outbox.take(1_000)), "( 1 ) between");
  assertEquals(outbox.nextMs, 1_000 + GAP_MS);
  sayAll(outbox, OPEN, audio(3), CLOSE);
  assertEquals(short(outbox.take(1_000 + GAP_MS)), "( 2 3 )");
});

Deno.test("repeatTurn() says the last turn again, and only one that is over", () => {
  const { outbox } = outboxOf();
  assertEquals(outbox.repeatTurn(), false);
  outbox.connected();
  sayAll(outbox, OPEN, audio(1));
  outbox.take(0);
  assertEquals(outbox.repeatTurn(), false);
  outbox.say(CLOSE);
  outbox.take(0);
  outbox.answered();
  assertEquals(outbox.repeatTurn(), true);
  assertEquals(outbox.repeatTurn(), true, "it is to be said anyway");
  assertEquals(short(outbox.take(GAP_MS)), "( 1 )");
  assertEquals(outbox.take(GAP_MS), []);
});

Deno.test("Outbox drops and counts the oldest when the model is away too long", () => {
  const { outbox, lost } = outboxOf();
  const second = new Int16Array(16_000);
  outbox.say(OPEN);
  outbox.say({ type: "audio", pcm: second });
  outbox.say({ type: "activity-text", text: "keys" });
  for (let n = 1; n < 61; n++) outbox.say({ type: "audio", pcm: second });
  outbox.say(CLOSE);
  for (let n = 0; n < 101; n++) outbox.say(text(`${n}`));
  outbox.connected();
  const sent = outbox.take(0);
  assertEquals(sent.slice(0, 2).map(({ type }) => type), ["open-activity", "audio"]);
  assertEquals(sent.filter(({ type }) => type === "audio").length, 60);
  assertEquals(sent.filter(({ type }) => type === "text").length, 100);
  assertEquals(lost, ["caller-audio-overflow", "message-overflow", "message-overflow"]);
});

Deno.test("Outbox says the last 10 s again where the service finds the turns by itself", () => {
  const { outbox, lost } = outboxOf();
  outbox.connected();
  for (let n = 0; n < 70; n++) {
    outbox.say({ type: "audio", pcm: new Int16Array(16_000).fill(n) });
    outbox.take(0);
  }
  assertEquals(outbox.repeatTurn(), false);
  outbox.disconnected();
  outbox.connected();
  const again = outbox.take(0).map((saying) => saying.type === "audio" ? saying.pcm[0] : undefined);
  assertEquals(again, [60, 61, 62, 63, 64, 65, 66, 67, 68, 69]);
  assertEquals(lost, []);
});

Deno.test("Outbox counts what a long turn lost only if it had to be said again", () => {
  const { outbox, lost } = outboxOf();
  outbox.connected();
  outbox.say(OPEN);
  for (let n = 0; n < 70; n++) {
    outbox.say({ type: "audio", pcm: new Int16Array(16_000) });
    outbox.take(0);
  }
  assertEquals(lost, []);
  outbox.disconnected();
  assertEquals(lost.length, 10);
});
