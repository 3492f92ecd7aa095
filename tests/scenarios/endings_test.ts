import { assert, assertAlmostEquals, assertEquals, assertLessOrEqual } from "@std/assert";
import type { Vad } from "../../audio/vad.ts";
import type { CallParts } from "../../lib/call/call.ts";
import type { Leg } from "../../lib/call/leg.ts";
import { type Model, ModelError } from "../../lib/call/model.ts";
import { test } from "../support/flights.ts";
import { agentVoice, callerVoice, startCall } from "../support/scenario.ts";

const answers = (index: number) => ({
  pcm: agentVoice(2_000, index + 1),
  text: ` answer ${index}`,
});

test("a call that reaches its limit says goodbye and ends on time", async () => {
  const { clock, line, model, ended } = await startCall({
    model: { answers },
    agent: { limits: { maxCallSeconds: 60 } },
  });
  await clock.advance(62_000);
  assertEquals((await ended).ending, "time-limit-reached");
  assertEquals(model.texts.length, 2);
  assert(model.texts[1]?.includes("goodbye"));
  const goodbyeMs = model.firstAudioAtMs[1] ?? 0;
  assertAlmostEquals(goodbyeMs, 45_000 + 200, 20);
  const lastSoundMs = line.heard.findLastIndex((frame) => frame[0] !== 0xff) * 20;
  assertAlmostEquals(lastSoundMs, goodbyeMs + 2_000, 60, "the goodbye was heard to its end");
  assertAlmostEquals(line.heard.length * 20, 60_000, 1_000);
  assertEquals(line.closeCode, 1000);
  assertEquals(clock.pendingTimers, 0);
});

test("a call waits with its goodbye until the caller has finished", async () => {
  const { clock, line, model, ended } = await startCall({
    model: { answers },
    maxCallSeconds: 60,
  });
  line.pause(44_000);
  line.say(callerVoice(3_000));
  await clock.advance(62_000);
  await ended;
  assertEquals(model.violations, []);
  assertEquals(model.texts.length, 2);
});

test("a call ends as dead when the line falls silent for good", async () => {
  const { clock, line, ended, model } = await startCall({ model: { answers } });
  line.pause(1_000);
  line.stall(60_000);
  await clock.advance(20_000);
  assertEquals((await ended).ending, "line-dead");
  assert(model.isClosed);
  assertEquals(clock.pendingTimers, 0);
});

test("a call ends within its words when the server stops", async () => {
  const { clock, line, ended, stop } = await startCall({ model: { answers } });
  line.pause(60_000);
  await clock.advance(1_400);
  stop.abort();
  await clock.advance(4_000);
  assertEquals((await ended).ending, "server-stopped");
  const lastSoundMs = line.heard.findLastIndex((frame) => frame[0] !== 0xff) * 20;
  assertAlmostEquals(lastSoundMs, 300 + 2_000, 60, "the greeting was heard to its end");
});

test("a call whose model cannot be reached ends with that outcome, and no secret", async () => {
  const error = new ModelError("authentication", "Cannot connect to the model: bad key");
  const { clock, ended, line } = await startCall({
    model: { answers },
    tamper: (parts) => ({
      ...parts,
      openModel(post, options) {
        post({ type: "model-lost", error });
        return parts.openModel(post, options);
      },
    }),
  });
  await clock.advance(100);
  assertEquals(await ended, {
    ending: "model-failed",
    detail: "Cannot connect to the model: bad key",
  });
  assertEquals(line.closeCode, 1000);
  assertEquals(clock.pendingTimers, 0);
});

test("a call whose model is lost lets the caller hear what was already said", async () => {
  const { clock, model, ended, line } = await startCall({ model: { answers, pace: 50 } });
  await clock.advance(1_000);
  model.post({ type: "model-lost", error: new ModelError("unavailable", "gone") });
  await clock.advance(4_000);
  assertEquals((await ended).ending, "model-failed");
  const lastSoundMs = line.heard.findLastIndex((frame) => frame[0] !== 0xff) * 20;
  assertAlmostEquals(lastSoundMs, 300 + 2_000, 60);
});

test("a call that ends while the model is being set up leaves nothing behind", async () => {
  const { clock, model, ended, line } = await startCall({ model: { answers, setupMs: 5_000 } });
  line.pause(500);
  line.hangUp();
  await clock.advance(1_000);
  assertEquals((await ended).ending, "caller-hung-up");
  assertEquals(clock.pendingTimers, 0);
  assertEquals(model.texts, []);
});

test("a call whose goodbye marks never come back ends by its own clock", async () => {
  const { clock, ended, line, stop } = await startCall({ model: { answers } });
  line.echoesMarks = false;
  line.pause(60_000);
  await clock.advance(1_000);
  stop.abort();
  await clock.advance(3_000);
  assertEquals((await ended).ending, "server-stopped");
});

const boom = () => {
  throw new Error("injected");
};

/** A leg that fails in one of its methods. */
function brokenLeg(leg: Leg, method: "listen" | "play" | "mark" | "clear" | "close"): Leg {
  return {
    faults: leg.faults,
    listen: (post) => leg.listen(post),
    play: (mulaw) => leg.play(mulaw),
    mark: (name) => leg.mark(name),
    clear: () => leg.clear(),
    close: () => leg.close(),
    [method]: boom,
  };
}

/** A model that fails in one of its methods. */
function brokenModel(
  model: Model,
  method: "openActivity" | "sendAudio" | "closeActivity" | "sendText" | "close",
): Model {
  return {
    state: model.state,
    faults: model.faults,
    openActivity: () => model.openActivity(),
    sendAudio: (pcm) => model.sendAudio(pcm),
    endAudio: () => model.endAudio(),
    sendActivityText: (text) => model.sendActivityText(text),
    closeActivity: () => model.closeActivity(),
    sendText: (text, options) => model.sendText(text, options),
    answerFunctions: (answers) => model.answerFunctions(answers),
    rotate: () => model.rotate(),
    repeatTurn: () => model.repeatTurn(),
    close: () => model.close(),
    [method]: boom,
  };
}

const deaf: Vad = { score: () => Promise.reject(new Error("injected")) };

/** Each callback of a call that can fail, and how it is made to. */
const FAULTS: Record<string, (parts: CallParts) => Partial<CallParts>> = {
  "leg.listen": ({ leg }) => ({ leg: brokenLeg(leg, "listen") }),
  "leg.play": ({ leg }) => ({ leg: brokenLeg(leg, "play") }),
  "leg.mark": ({ leg }) => ({ leg: brokenLeg(leg, "mark") }),
  "leg.clear": ({ leg }) => ({ leg: brokenLeg(leg, "clear") }),
  "leg.close": ({ leg }) => ({ leg: brokenLeg(leg, "close") }),
  "openModel": () => ({ openModel: boom }),
  "model.openActivity": broken("openActivity"),
  "model.sendAudio": broken("sendAudio"),
  "model.closeActivity": broken("closeActivity"),
  "model.sendText": broken("sendText"),
  "model.close": broken("close"),
  "vad.score": () => ({ vad: deaf }),
};

/** What those end as that are not simply failed calls: a part that fails to close hurts nobody. */
const ENDINGS: Record<string, string> = {
  "leg.close": "time-limit-reached",
  "model.close": "time-limit-reached",
};

function broken(method: Parameters<typeof brokenModel>[1]) {
  return ({ openModel }: CallParts): Partial<CallParts> => ({
    openModel: (post, options) => brokenModel(openModel(post, options), method),
  });
}

for (const [name, fault] of Object.entries(FAULTS)) {
  test(`a call ends by itself and closes everything when ${name} fails [P01]`, async () => {
    const { clock, line, model, ended } = await startCall({
      model: { answers },
      maxCallSeconds: 25,
      tamper: (parts) => ({ ...parts, ...fault(parts) }),
    });
    line.pause(500);
    line.say(callerVoice(1_000));
    line.pause(3_000);
    line.say(callerVoice(1_000, 2));
    await clock.advance(32_000);
    assertEquals((await ended).ending, ENDINGS[name] ?? "call-failed");
    const wasConnected = name !== "openModel";
    if (wasConnected && name !== "model.close") assert(model.isClosed);
    if (name !== "leg.close") assertEquals(line.closeCode, 1000);
    assertLessOrEqual(clock.pendingTimers, name === "leg.close" ? 2 : 0);
  });
}
