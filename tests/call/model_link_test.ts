import { assertEquals } from "@std/assert";
import type { Model } from "../../lib/call/model.ts";
import { ModelLink } from "../../lib/call/model_link.ts";

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

function frame(n: number): Int16Array {
  return Int16Array.of(n);
}

Deno.test("ModelLink tells the model everything in order", () => {
  const { model, told } = notingModel();
  const link = new ModelLink({ isAutomatic: false });
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
  const link = new ModelLink({ isAutomatic: false });
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

Deno.test("ModelLink opens an activity that goes on for the model that takes over, if more is said in it", () => {
  const link = new ModelLink({ isAutomatic: false });
  const [first, second, third] = [notingModel(), notingModel(), notingModel()];
  link.begin(first.model);
  link.openActivity();
  link.sendAudio(frame(1));
  link.begin(second.model);
  link.sendAudio(frame(2));
  link.begin(third.model);
  link.closeActivity();
  assertEquals(first.told, ["open", "audio 1", "end"]);
  assertEquals(second.told, ["open", "audio 2", "end"]);
  assertEquals(third.told, []);
});

Deno.test("ModelLink sends what is written inside an activity behind its audio, and by itself outside of one", () => {
  const { model, told } = notingModel();
  const link = new ModelLink({ isAutomatic: false });
  link.begin(model);
  link.openActivity();
  link.sendActivityText("keys");
  link.sendAudio(frame(1));
  link.sendActivityText("more keys");
  link.closeActivity();
  assertEquals(told, ["text keys true", "open", "audio 1", "written more keys", "close"]);
});

Deno.test("ModelLink sends all audio and says nothing of activities when the service finds the turns", () => {
  const { model, told } = notingModel();
  const link = new ModelLink({ isAutomatic: true });
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
