import { assertEquals } from "@std/assert";
import { Faults } from "../../lib/call/faults.ts";
import type { Model } from "../../lib/call/model.ts";
import { ModelLink } from "../../lib/call/model_link.ts";
import { Timers } from "../../lib/call/timers.ts";
import { FakeClock } from "../support/fake_clock.ts";

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

function linkOf(faults = new Faults(), clock = new FakeClock()): ModelLink {
  const link: ModelLink = new ModelLink({
    faults,
    clock,
    timers: new Timers(clock, () => link.flush()),
    activityGapMs: 100,
  });
  return link;
}

function frame(n: number): Int16Array {
  return Int16Array.of(n);
}

Deno.test("ModelLink keeps everything in order until the model is there, behind its cue", () => {
  const { model, told } = notingModel();
  const link = linkOf();
  link.openActivity();
  link.sendAudio(frame(1));
  link.closeActivity();
  link.sendText("later", { reply: false });
  link.connected(model, "begin");
  assertEquals(told, [
    "text begin true",
    "open",
    "audio 1",
    "close",
    "text later false",
  ]);
  assertEquals(link.wireFaults, new Map([["frame-not-json", 2]]));
});

Deno.test("ModelLink never sends an empty activity, nor audio outside one", () => {
  const { model, told } = notingModel();
  const link = linkOf();
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
  const link = linkOf(faults);
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
  const link = linkOf();
  link.sendText("never", { reply: true });
  link.close();
  link.connected(model, "begin");
  link.close();
  assertEquals(told, ["text begin true", "end"]);
});

Deno.test("ModelLink sends what is written inside an activity behind its audio, and by itself outside of one", () => {
  const { model, told } = notingModel();
  const link = linkOf();
  link.connected(model, "begin");
  link.openActivity();
  link.sendActivityText("keys");
  link.sendAudio(frame(1));
  link.sendActivityText("more keys");
  link.closeActivity();
  assertEquals(told.slice(1), ["text keys true", "open", "audio 1", "written more keys", "close"]);
});

Deno.test("ModelLink leaves a gap between activities, on the wire and by its clock", async () => {
  const clock = new FakeClock();
  const { model, told } = notingModel();
  const link = linkOf(new Faults(), clock);
  link.connected(model, "begin");
  link.openActivity();
  link.sendAudio(frame(1));
  link.closeActivity();
  link.openActivity();
  link.sendAudio(frame(2));
  link.sendText("in between", { reply: false });
  await clock.advance(99);
  assertEquals(told.slice(1), ["open", "audio 1", "close"]);
  await clock.advance(1);
  assertEquals(told.slice(4), ["open", "audio 2", "text in between false"]);
});

Deno.test("ModelLink makes one activity of those that wait together", () => {
  const { model, told } = notingModel();
  const link = linkOf();
  for (const n of [1, 2, 3]) {
    link.openActivity();
    link.sendAudio(frame(n));
    link.closeActivity();
  }
  link.connected(model, "begin");
  assertEquals(told.slice(1), ["open", "audio 1", "audio 2", "audio 3", "close"]);
});
