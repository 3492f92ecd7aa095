import { assert, assertEquals, assertGreaterOrEqual, assertLessOrEqual } from "@std/assert";
import { FRAME_MS } from "../../audio/rates.ts";
import { decodeDtmf } from "../support/dtmf_decoder.ts";
import { test } from "../support/flights.ts";
import {
  ASKED_AT_MS,
  callAndSpeak,
  good,
  hangUpAfter,
  longestSilenceMs,
  timesHeard,
} from "../support/owed_call.ts";
import { agentVoice, callerVoice, pcmOf, startCall } from "../support/scenario.ts";
import type { ScriptedAnswer } from "../support/scripted_answers.ts";
import { kitOf, toolOf } from "../support/tool_kit.ts";

/** The answer of that number, which asks for functions first. */
function calling(index: number, ...names: readonly string[]): ScriptedAnswer {
  return { ...good(index), calls: names.map((name) => ({ name, args: {} })) };
}

/** A tool that never settles, and the signal that it was given. */
function stuck(manners: { isBlocking?: boolean } = {}) {
  const signals: AbortSignal[] = [];
  const tool = toolOf("stuck", (_args, { signal }) => {
    signals.push(signal);
    return new Promise(() => {});
  }, manners);
  return { tool, signals };
}

for (const isBlocking of [false, true]) {
  const kind = isBlocking ? "blocking" : "non-blocking";
  test(`a ${kind} tool that never settles is bridged, given up after 10 s, and spoken of [F01]`, async () => {
    const { tool, signals } = stuck({ isBlocking });
    const call = await callAndSpeak(
      (index) => index === 1 ? calling(1, "stuck") : good(index),
      { toolKit: kitOf(tool) },
    );
    assertEquals(await hangUpAfter(call, 21_000), "caller-hung-up");
    const [answer] = call.model.functionAnswers;
    assertEquals(call.model.functionAnswers.length, 1);
    assertEquals(answer?.response, { error: "The tool took longer than 10000 ms" });
    assertEquals(answer?.scheduling, isBlocking ? undefined : "when-idle");
    assert(signals[0]?.aborted, "the tool is aborted");
    const answerMs = call.model.firstAudioAtMs[1] ?? 0;
    assertGreaterOrEqual(answerMs, ASKED_AT_MS + 10_000);
    assertLessOrEqual(longestSilenceMs(call, ASKED_AT_MS, answerMs), 1_500, "filler by 1.5 s");
    assertEquals(timesHeard(call, good(1)), 1);
    const { repairs, tools } = call.record();
    assertEquals(repairs, { bridge: 1 }, "nothing is wrong with a model that waits");
    assertEquals(tools?.map(({ name, ending }) => [name, ending]), [["stuck", "timed-out"]]);
    assertEquals(call.model.violations, []);
    assertEquals(call.clock.pendingTimers, 0);
  });
}

test("the ears and the voice keep working while a tool runs [F01 F06]", async () => {
  const { tool, signals } = stuck();
  const call = await startCall({
    toolKit: kitOf(tool),
    model: {
      answers: (index) =>
        index === 1 ? { ...calling(1, "stuck"), speaksMeanwhile: true } : good(index),
    },
  });
  call.line.pause(4_000);
  call.line.say(callerVoice(1_000));
  call.line.pause(3_000);
  call.line.say(callerVoice(1_000, 2));
  assertEquals(await hangUpAfter(call, 13_000), "caller-hung-up");
  assertEquals(timesHeard(call, good(1)), 1, "it speaks meanwhile");
  assertEquals(call.model.turns.length, 2, "what the caller says goes up");
  assertEquals(timesHeard(call, good(2)), 1, "and is answered");
  assert(signals[0]?.aborted, "the model took the call back");
  assertEquals(call.model.functionAnswers, []);
  assertEquals(call.model.violations, []);
});

test("a tool that is taken back is aborted at once and never answered; what it did is kept [F04]", async () => {
  let abortedAtMs: number | undefined;
  const finishing = Promise.withResolvers<string>();
  const call = await startCall({
    toolKit: kitOf(
      toolOf(
        "look",
        (_args, { signal }) =>
          new Promise((_, reject) =>
            signal.addEventListener("abort", () => {
              abortedAtMs = call.clock.nowMs();
              reject(signal.reason);
            })
          ),
      ),
      toolOf("book", () => finishing.promise, { onInterruption: "finish" }),
    ),
    model: { answers: (index) => index === 1 ? calling(1, "look", "book") : good(index) },
  });
  call.line.pause(4_000);
  call.line.say(callerVoice(1_000));
  call.line.pause(2_000);
  call.line.say(callerVoice(1_000, 2));
  await call.clock.advance(8_500);
  finishing.resolve("booked");
  assertEquals(await hangUpAfter(call, 4_500), "caller-hung-up");
  const cancelledMs = call.model.turns[1]?.openedAtMs ?? 0;
  assertLessOrEqual((abortedAtMs ?? Infinity) - cancelledMs, 50);
  assertEquals(call.model.functionAnswers, []);
  assertEquals(call.record().tools?.map(({ name, ending }) => [name, ending]), [
    ["look", "cancelled"],
    ["book", "done-unheard"],
  ]);
  assertEquals(call.clock.pendingTimers, 0);
});

test("a caller who breaks in on a tool and speaks for long is not spoken over [F04]", async () => {
  const { tool, signals } = stuck();
  const call = await startCall({
    toolKit: kitOf(tool),
    model: { answers: (index) => index === 1 ? calling(1, "stuck") : good(index) },
  });
  call.line.pause(4_000);
  call.line.say(callerVoice(1_000));
  call.line.pause(2_000);
  call.line.say(callerVoice(8_000, 2));
  assertEquals(await hangUpAfter(call, 18_000), "caller-hung-up");
  assert(signals[0]?.aborted);
  assertEquals(call.record().repairs, { bridge: 1 }, "only while the tool ran");
  assertEquals(call.model.texts.length, 1, "the greeting is all that was written");
  assertEquals(timesHeard(call, good(2)), 1, "what they said is answered");
});

test("a caller who hangs up during a tool leaves nothing running [F05]", async () => {
  const { tool, signals } = stuck();
  const call = await callAndSpeak(
    (index) => index === 1 ? calling(1, "stuck") : good(index),
    { toolKit: kitOf(tool) },
  );
  assertEquals(await hangUpAfter(call, 8_000), "caller-hung-up");
  assert(signals[0]?.aborted);
  assertEquals(call.record().tools?.map(({ ending }) => ending), ["cancelled"]);
  assertEquals(call.model.functionAnswers, []);
  assertEquals(call.clock.pendingTimers, 0);
});

test("ten calls at once, an unknown name and wrong arguments have one answer each [F06]", async () => {
  const names = Array.from({ length: 8 }, (_, n) => `tool_${n}`);
  const call = await callAndSpeak(
    (index) =>
      index !== 1 ? good(index) : {
        ...calling(1, ...names, "unheard_of"),
        calls: [
          ...calling(1, ...names, "unheard_of").calls ?? [],
          { name: "send_digits", args: { keys: "call 900" } },
        ],
      },
    { toolKit: kitOf(...names.map((name) => toolOf(name, () => Promise.resolve(name)))) },
  );
  assertEquals(await hangUpAfter(call, 9_000), "caller-hung-up");
  const { functionAnswers, violations } = call.model;
  assertEquals(new Set(functionAnswers.map(({ id }) => id)).size, 10);
  assertEquals(functionAnswers.length, 10);
  assertEquals(functionAnswers.filter(({ response }) => "error" in response).length, 2);
  assertEquals(violations, []);
  assertEquals(timesHeard(call, good(1)), 1);
});

test("a model that chooses to wait is not asked for words", async () => {
  const silent = { ...calling(1, "wait_for_user"), pcm: new Int16Array() };
  const call = await callAndSpeak((index) => index === 1 ? silent : good(index), {
    toolKit: kitOf(),
  });
  assertEquals(await hangUpAfter(call, 14_000), "caller-hung-up");
  assertEquals(call.record().repairs, {});
  assertEquals(call.model.functionAnswers.map(({ name }) => name), ["wait_for_user"]);
});

test("hang_up ends the call when the goodbye was heard, and not before", async () => {
  const goodbye = { ...calling(1, "hang_up"), speaksMeanwhile: true };
  const call = await callAndSpeak((index) => index === 1 ? goodbye : good(index), {
    toolKit: kitOf(),
  });
  await call.clock.advance(12_000);
  assertEquals((await call.ended).ending, "agent-hung-up");
  assertEquals(timesHeard(call, good(1)), 1);
  assertEquals(call.clock.pendingTimers, 0);
});

test("hang_up is forgotten when the caller speaks into the goodbye", async () => {
  const goodbye = { ...calling(1, "hang_up"), speaksMeanwhile: true };
  const call = await startCall({
    toolKit: kitOf(),
    model: { answers: (index) => index === 1 ? goodbye : good(index) },
  });
  call.line.pause(4_000);
  call.line.say(callerVoice(1_000));
  call.line.pause(1_200);
  call.line.say(callerVoice(1_000, 2));
  assertEquals(await hangUpAfter(call, 14_000), "caller-hung-up");
  assertEquals(timesHeard(call, good(2)), 1, "what they said is answered");
});

test("transfer_call ends the stream with the words heard, and says to whom", async () => {
  const words: ScriptedAnswer = {
    ...good(1),
    calls: [{ name: "transfer_call", args: { destination: "kitchen" } }],
    speaksMeanwhile: true,
  };
  const call = await callAndSpeak((index) => index === 1 ? words : good(index), {
    toolKit: kitOf(),
  });
  await call.clock.advance(12_000);
  assertEquals(await call.ended, { ending: "transferred", destination: "kitchen" });
  assertEquals(timesHeard(call, good(1)), 1);
  assertEquals(call.snapshots.at(-1)?.transfer, "kitchen");
});

test("transfer_call to a number that was spoken is refused, and the call goes on [A01]", async () => {
  const words: ScriptedAnswer = {
    ...good(1),
    calls: [{ name: "transfer_call", args: { destination: "+19005550000" } }],
  };
  const call = await callAndSpeak((index) => index === 1 ? words : good(index), {
    toolKit: kitOf(),
  });
  assertEquals(await hangUpAfter(call, 10_000), "caller-hung-up");
  assert("error" in (call.model.functionAnswers[0]?.response ?? {}));
  assertEquals(timesHeard(call, good(1)), 1, "the refusal is spoken of");
});

for (const words of ["", " One moment, I am pressing the keys."]) {
  const beside = words === "" ? "" : ", beside what the agent says";
  test(`every key of send_digits is heard on the line by a decoder of its own${beside}`, async () => {
    const keys = "147*2580369#ABCDw11";
    const answer: ScriptedAnswer = {
      pcm: words === "" ? new Int16Array() : good(1).pcm,
      text: words,
      speaksMeanwhile: words !== "",
      calls: [{ name: "send_digits", args: { keys } }],
    };
    const call = await callAndSpeak((index) => index === 1 ? answer : good(index), {
      toolKit: kitOf(),
    });
    assertEquals(await hangUpAfter(call, 12_000), "caller-hung-up");
    const heard = pcmOf(call.line.heard.slice(ASKED_AT_MS / FRAME_MS));
    assertEquals(decodeDtmf(heard), keys.replace("w", ""));
    if (words !== "") assertEquals(timesHeard(call, answer), 1);
    assertEquals(call.record().repairs, {});
  });
}

test("take_message keeps the message with the record", async () => {
  const message = { name: "Ann", callBack: "555 0100", text: "Call me." };
  const call = await callAndSpeak(
    (index) =>
      index === 1 ? { ...good(1), calls: [{ name: "take_message", args: message }] } : good(index),
    { toolKit: kitOf() },
  );
  assertEquals(await hangUpAfter(call, 9_000), "caller-hung-up");
  assertEquals(call.record().messages, [message]);
});

test("a caller who could not be put through is told so by the agent, and not greeted again", async () => {
  const first = await callAndSpeak(good, {});
  await hangUpAfter(first, 8_000);
  const snapshot = first.snapshots.at(-1);
  assert(snapshot);
  const failedTransfer = { destination: "kitchen", reason: "busy" } as const;
  const call = await startCall({
    model: { answers: () => ({ pcm: agentVoice(1_000, 7), text: " They are busy." }) },
    continuity: { term: 2, resumed: { ...snapshot, failedTransfer } },
  });
  assertEquals(await hangUpAfter(call, 4_000), "caller-hung-up");
  assertEquals(call.model.texts, [
    'You tried to put the caller through to "kitchen", but the line was busy. The caller is back ' +
    "with you. Do not greet again. Tell them so in one sentence, and ask how else you can help.",
  ]);
});
