import { assertEquals } from "@std/assert";
import { Faults } from "../../lib/call/faults.ts";
import type { Model } from "../../lib/call/model.ts";
import { ModelLink } from "../../lib/call/model_link.ts";

/** A model that writes down what it is told. */
function notingModel(): { model: Model; told: string[] } {
  const told: string[] = [];
  const model: Model = {
    faults: new Map([["frame-not-json", 2]]),
    openActivity: () => told.push("open"),
    sendAudio: (pcm) => told.push(`audio ${pcm[0]}`),
    sendActivityText: (text) => told.push(`written ${text}`),
    closeActivity: () => told.push("close"),
    sendText: (text, { reply }) => told.push(`text ${text} ${reply}`),
    close: () => told.push("end"),
  };
  return { model, told };
}

function frame(n: number): Int16Array {
  return Int16Array.of(n);
}

Deno.test("ModelLink keeps everything in order until the model is there, behind its cue", () => {
  const { model, told } = notingModel();
  const link = new ModelLink(new Faults());
  link.openActivity();
  link.sendAudio(frame(1));
  link.closeActivity();
  link.sendText("later", { reply: false });
  link.connected(model, "begin");
  link.openActivity();
  link.sendAudio(frame(2));
  assertEquals(told, [
    "text begin true",
    "open",
    "audio 1",
    "close",
    "text later false",
    "open",
    "audio 2",
  ]);
  assertEquals(link.wireFaults, new Map([["frame-not-json", 2]]));
});

Deno.test("ModelLink never sends an empty activity, nor audio outside one", () => {
  const { model, told } = notingModel();
  const link = new ModelLink(new Faults());
  link.connected(model, "begin");
  link.sendAudio(frame(1));
  link.openActivity();
  link.closeActivity();
  link.closeActivity();
  link.openActivity();
  link.openActivity();
  link.sendAudio(frame(2));
  link.closeActivity();
  assertEquals(told.slice(1), ["open", "audio 2", "close"]);
});

Deno.test("ModelLink drops the oldest audio, and nothing else, when the model is away too long", () => {
  const { model, told } = notingModel();
  const faults = new Faults();
  const link = new ModelLink(faults);
  link.openActivity();
  for (let n = 0; n < 1_600; n++) link.sendAudio(frame(n));
  link.closeActivity();
  link.connected(model, "begin");
  assertEquals(told[1], "open");
  assertEquals(told[2], "audio 102");
  assertEquals(told.at(-1), "close");
  assertEquals(faults.with(), { "caller-audio-overflow": 102 });
});

Deno.test("ModelLink forgets what waited when it is closed", () => {
  const { model, told } = notingModel();
  const link = new ModelLink(new Faults());
  link.sendText("never", { reply: true });
  link.close();
  link.connected(model, "begin");
  link.close();
  assertEquals(told, ["text begin true", "end"]);
});

Deno.test("ModelLink sends what is written inside an activity behind its audio, and by itself outside of one", () => {
  const { model, told } = notingModel();
  const link = new ModelLink(new Faults());
  link.connected(model, "begin");
  link.openActivity();
  link.sendActivityText("keys");
  link.sendAudio(frame(1));
  link.sendActivityText("more keys");
  link.closeActivity();
  assertEquals(told.slice(1), ["text keys true", "open", "audio 1", "written more keys", "close"]);
});
