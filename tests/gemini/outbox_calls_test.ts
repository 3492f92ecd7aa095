import { assertEquals } from "@std/assert";
import { Outbox } from "../../lib/gemini/outbox.ts";

/** An outbox with a connection; `waited` is a function that the model waits for. */
function connected(): { outbox: Outbox; faults: string[]; sent: () => string[] } {
  const faults: string[] = [];
  const outbox = new Outbox({
    activityGapMs: 0,
    count: (fault) => faults.push(fault),
    isBlocking: (name) => name === "waited",
  });
  outbox.connected();
  const sent = () =>
    outbox.take(0).map((saying) =>
      saying.type === "function-results" ? saying.results.map(({ id }) => id).join() : saying.type
    );
  return { outbox, faults, sent };
}

function call(outbox: Outbox, name: string, id: string): void {
  outbox.hear({ type: "functions-called", calls: [{ id, name, args: {} }] });
}

function answer(outbox: Outbox, ...ids: string[]): void {
  const results = ids.map((id) => ({ id, name: "f", response: {} }));
  outbox.say({ type: "function-results", results });
}

function speak(outbox: Outbox): void {
  outbox.say({ type: "open-activity" });
  outbox.say({ type: "audio", pcm: new Int16Array(320) });
  outbox.say({ type: "close-activity" });
}

const TURN = ["open-activity", "audio", "close-activity"];

Deno.test("Outbox holds all that the caller says while the model waits for a function, and lets it follow the answer [F06]", () => {
  const { outbox, sent } = connected();
  call(outbox, "waited", "fc_1");
  call(outbox, "free", "fc_2");
  speak(outbox);
  assertEquals(sent(), []);
  assertEquals(outbox.nextMs, undefined);
  answer(outbox, "fc_2");
  assertEquals(sent(), ["fc_2"]);
  answer(outbox, "fc_1");
  assertEquals(sent(), ["fc_1", ...TURN]);
});

Deno.test("Outbox holds nothing while the model goes on beside a function", () => {
  const { outbox, sent } = connected();
  call(outbox, "free", "fc_1");
  speak(outbox);
  assertEquals(sent(), TURN);
  answer(outbox, "fc_1");
  assertEquals(sent(), ["fc_1"]);
});

Deno.test("Outbox answers each call once, none that was taken back, and none of another connection [F04]", () => {
  const { outbox, faults, sent } = connected();
  call(outbox, "free", "fc_1");
  answer(outbox, "fc_1");
  answer(outbox, "fc_1", "fc_9");
  assertEquals(sent(), ["fc_1"]);
  call(outbox, "waited", "fc_2");
  outbox.hear({ type: "functions-cancelled", ids: ["fc_2"] });
  answer(outbox, "fc_2");
  speak(outbox);
  assertEquals(sent(), TURN);
  call(outbox, "waited", "fc_3");
  answer(outbox, "fc_3");
  outbox.disconnected();
  answer(outbox, "fc_3");
  outbox.connected();
  assertEquals(sent(), TURN, "what has no answer is said again");
  assertEquals(faults, Array(4).fill("function-answer-late"));
});
