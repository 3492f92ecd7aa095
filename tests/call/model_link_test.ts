import { assertEquals } from "@std/assert";
import type { Model } from "../../lib/call/model.ts";
import { ModelLink } from "../../lib/call/model_link.ts";
import { Timers } from "../../lib/call/timers.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** A model that writes down what it is told. */
function notingModel(): { model: Model; told: string[] } {
  const told: string[] = [];
  const model: Model = {
    state: "connected",
    faults: new Map([["frame-not-json", 2]]),
    openActivity: () => told.push("open"),
    sendAudio: (pcm) => told.push(`audio ${pcm[0]}`),
    endAudio: () => told.push("no more audio"),
    sendActivityText: (text) => told.push(`written ${text}`),
    closeActivity: () => told.push("close"),
    sendText: (text, { reply }) => told.push(`text ${text} ${reply}`),
    answerFunctions: (answers) => told.push(`answers ${answers.map(({ id }) => id)}`),
    rotate: () => told.push("rotate"),
    repeatTurn: () => false,
    close: () => told.push("end"),
  };
  return { model, told };
}

function linkOf(clock = new FakeClock(), isAutomatic = false): ModelLink {
  const link: ModelLink = new ModelLink({
    clock,
    timers: new Timers(clock, () => link.flush()),
    activityGapMs: 100,
    isAutomatic,
  });
  return link;
}

function frame(n: number): Int16Array {
  return Int16Array.of(n);
}

Deno.test("ModelLink tells the model everything in order", () => {
  const { model, told } = notingModel();
  const link = linkOf();
  link.begin(model);
  link.openActivity();
  link.sendAudio(frame(1));
  link.closeActivity();
  link.sendText("later", { reply: false });
  assertEquals(told, ["open", "audio 1", "close", "text later false"]);
  assertEquals(link.wireFaults, [new Map([["frame-not-json", 2]])]);
});

Deno.test("ModelLink never sends an empty activity, nor audio outside one", () => {
  const { model, told } = notingModel();
  const link = linkOf();
  link.begin(model);
  link.sendAudio(frame(1));
  link.openActivity();
  link.closeActivity();
  link.closeActivity();
  link.openActivity();
  link.openActivity();
  link.sendAudio(frame(2));
  link.closeActivity();
  assertEquals(told, ["open", "audio 2", "close"]);
});

Deno.test("ModelLink forgets what waited when it is closed", async () => {
  const clock = new FakeClock();
  const { model, told } = notingModel();
  const link = linkOf(clock);
  link.begin(model);
  for (const n of [1, 2]) {
    link.openActivity();
    link.sendAudio(frame(n));
    link.closeActivity();
  }
  link.close();
  await clock.advance(200);
  assertEquals(told, ["open", "audio 1", "close", "end"]);
});

Deno.test("ModelLink sends what is written inside an activity behind its audio, and by itself outside of one", () => {
  const { model, told } = notingModel();
  const link = linkOf();
  link.begin(model);
  link.openActivity();
  link.sendActivityText("keys");
  link.sendAudio(frame(1));
  link.sendActivityText("more keys");
  link.closeActivity();
  assertEquals(told, ["text keys true", "open", "audio 1", "written more keys", "close"]);
});

Deno.test("ModelLink leaves a gap between activities, on the wire and by its clock", async () => {
  const clock = new FakeClock();
  const { model, told } = notingModel();
  const link = linkOf(clock);
  link.begin(model);
  link.openActivity();
  link.sendAudio(frame(1));
  link.closeActivity();
  link.openActivity();
  link.sendAudio(frame(2));
  link.sendText("in between", { reply: false });
  await clock.advance(99);
  assertEquals(told, ["open", "audio 1", "close"]);
  await clock.advance(1);
  assertEquals(told.slice(3), ["open", "audio 2", "text in between false"]);
});

Deno.test("ModelLink makes one activity of those that wait together", async () => {
  const clock = new FakeClock();
  const { model, told } = notingModel();
  const link = linkOf(clock);
  link.begin(model);
  for (const n of [1, 2, 3]) {
    link.openActivity();
    link.sendAudio(frame(n));
    link.closeActivity();
  }
  await clock.advance(100);
  assertEquals(told, ["open", "audio 1", "close", "open", "audio 2", "audio 3", "close"]);
});

Deno.test("ModelLink sends all audio and says nothing of activities when the service finds the turns", () => {
  const { model, told } = notingModel();
  const link = linkOf(new FakeClock(), true);
  link.begin(model);
  link.sendAudio(frame(1));
  link.openActivity();
  link.sendAudio(frame(2));
  link.sendActivityText("keys");
  link.closeActivity();
  link.sendAudio(frame(3));
  link.endAudio();
  assertEquals(told, [
    "audio 1",
    "audio 2",
    "text keys true",
    "audio 3",
    "no more audio",
  ]);
});
