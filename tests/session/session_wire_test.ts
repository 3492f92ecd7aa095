/** What a session says on the wire, and what can be seen and set of that. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import WebSocket from "ws";
import type { WebSocketFactory } from "../../lib/gemini/live_socket.ts";
import { Session } from "../../lib/session/session.ts";
import { InvalidMessageError, SessionError } from "../../lib/session/session_errors.ts";
import type { SessionOptions } from "../../lib/session/session_options.ts";
import { spoken, startRig } from "./session_rig.ts";

Deno.test("with TEXT the model speaks, as all there are do, and its words alone are told [P06 J15 E05]", async () => {
  await using rig = await startRig({ config: { responseModalities: ["TEXT"] } });
  await rig.session.connect();
  const turn = await rig.session.ask("One");
  assertEquals([turn.text, turn.pcm.length], ["answer 0", 0]);
  assertEquals((await rig.session.ask("Two")).text, "answer 1");
  const told = new Set(rig.events.map(({ type }) => type));
  assert(told.has("text") && !told.has("audio") && !told.has("output-transcription"));
  const [record] = rig.service.sessions;
  assertEquals(record?.setup?.generationConfig?.responseModalities, ["AUDIO"]);
  assertEquals(rig.session.journal.map(({ role }) => role), ["user", "model", "user", "model"]);
});

Deno.test("generation, safety, thinking and what belongs to a turn reach the setup [E36 L71 P03]", async () => {
  const sent: string[] = [];
  await using rig = await startRig({
    model: "gemini-3.8-live-extended-thinking",
    watch: (_, message) => void sent.push(message),
    config: {
      generationConfig: {
        topK: 3,
        thinking: { level: "low" },
        safety: { harassment: "only-high" },
        turnCoverage: "activity-and-all-video",
      },
      search: true,
    },
  });
  await rig.session.connect();
  const setup = rig.service.sessions[0]?.setup;
  assertEquals(
    setup?.realtimeInputConfig?.turnCoverage,
    "TURN_INCLUDES_AUDIO_ACTIVITY_AND_ALL_VIDEO",
  );
  assertEquals(setup?.generationConfig, {
    topK: 3,
    thinkingConfig: { thinkingLevel: "LOW" },
    responseModalities: ["AUDIO"],
    speechConfig: {},
  });
  const { tools, safetySettings } = JSON.parse(sent[0] ?? "").setup;
  assertEquals(tools, [{ googleSearch: {} }]);
  assertEquals(safetySettings, [
    { category: "HARM_CATEGORY_HARASSMENT", threshold: "BLOCK_ONLY_HIGH" },
  ]);
});

Deno.test("the version of the interface is v1beta unless another one is given [W30]", async () => {
  for (const apiVersion of [undefined, "v1alpha"]) {
    await using rig = await startRig({ apiVersion });
    await rig.session.connect();
    const path = rig.service.sessions[0]?.path ?? "";
    assert(path.includes(`generativelanguage.${apiVersion ?? "v1beta"}.`), path);
  }
});

Deno.test("messages, interruptions and calls of functions are counted [L61 L62 L63 L64]", async () => {
  const calls = ["One", "Two"].map((city) => ({ name: "get_tides", args: { city } }));
  await using rig = await startRig({
    script: {
      answers: ({ index }) =>
        index === 0
          ? spoken(" long", 4_000)
          : { ...spoken(" done"), ...(index === 1 && { calls }) },
    },
  });
  const { session } = rig;
  assertEquals(session.counts, { sent: 0, received: 0, interruptions: 0, functionCalls: 0 });
  await session.connect();
  assertEquals(session.counts.sent, 1);
  session.send("A long story");
  await rig.told("audio");
  await session.ask("How high?");
  const { sent, received, interruptions, functionCalls } = session.counts;
  assertEquals([interruptions, functionCalls], [1, 2]);
  // The setup, two texts, and two results in one or two messages.
  assert(sent === 4 || sent === 5, `${sent}`);
  assert(received > 10, `${received}`);
});

Deno.test("watch() sees every message whole, both ways, and may throw [E62]", async () => {
  const seen: { direction: string; message: string }[] = [];
  await using rig = await startRig({
    watch(direction, message) {
      seen.push({ direction, message });
      throw new Error("broken watcher");
    },
  });
  await rig.session.connect();
  const text = "long ".repeat(5_000);
  await rig.session.ask(text);
  assertEquals(
    [seen.filter(({ direction }) => direction === "sent").length, seen.length],
    [rig.session.counts.sent, rig.session.counts.sent + rig.session.counts.received],
  );
  const messages = seen.map(({ message }) => JSON.parse(message));
  assert("setup" in messages[0]);
  assertEquals(messages.find((message) => "clientContent" in message)?.clientContent.turns, [
    { role: "user", parts: [{ text }] },
  ]);
  assert(messages.some(({ serverContent }) => serverContent?.modelTurn?.parts[0].inlineData));
  assert(!seen.some(({ message }) => message.includes("secret-of-tests")));
});

Deno.test("a lost connection is tried for as often as was said, and then it is one error [L04 L08]", async () => {
  await using rig = await startRig({
    mostReconnects: 2,
    script: {
      faults: [
        { when: { at: "turn", turn: 0 }, type: "reset", connection: 0 },
        ...[1, 2, 3].map((connection) => ({
          when: { at: "upgrade" } as const,
          type: "refuse-upgrade" as const,
          status: 503,
          connection,
        })),
      ],
    },
  });
  await rig.session.connect();
  const error = await assertRejects(() => rig.session.ask("One"), SessionError);
  assertEquals(error.code, "unavailable");
  const errors = rig.events.filter((event) => event.type === "error");
  assertEquals(errors.map(({ willRetry }) => willRetry), [true, true, false]);
  assertEquals(rig.session.status, "error");
});

/** Sockets that let one kind of message overtake the other, as the service itself may. */
function overtaking(late: "clientContent" | "realtimeInput"): WebSocketFactory {
  return {
    create(url, _headers, callbacks) {
      const ws = new WebSocket(url);
      const held: string[] = [];
      let isHolding = true;
      ws.on("open", callbacks.onopen);
      ws.on("message", (data) => callbacks.onmessage({ data: String(data) }));
      ws.on("error", ({ message }) => callbacks.onerror({ message }));
      ws.on("close", (code, reason) => callbacks.onclose({ code, reason: String(reason) }));
      return {
        connect() {},
        send(frame) {
          if (isHolding && frame.startsWith(`{"${late}"`)) held.push(frame);
          else ws.send(frame);
          if (!frame.includes("activityEnd")) return;
          isHolding = false;
          for (const old of held.splice(0)) ws.send(old);
        },
        close: () => ws.close(),
        ws,
      };
    },
  };
}

for (const late of ["clientContent", "realtimeInput"] as const) {
  Deno.test(`all is heard and answered when ${late} is overtaken by the other [J20]`, async () => {
    await using rig = await startRig({
      config: { activityDetection: "manual" },
      webSocketFactory: overtaking(late),
    });
    const { session, service } = rig;
    await session.connect();
    session.sendClientContent({ turns: "A fact." });
    for (let n = 0; n < 5; n++) session.sendAudio(new Int16Array(320).fill(n));
    session.sendClientContent({ turns: "Another." });
    session.endActivity();
    await rig.told("turn-complete");
    assertEquals((await session.ask("And?")).isInterrupted, false);
    const [record] = service.sessions;
    assertEquals(record?.windows.map(({ pcm }) => [pcm.length, pcm.at(-1)]), [[1_600, 4]]);
    assertEquals(record?.texts.map(({ text }) => text), ["A fact.", "Another.", "And?"]);
    assertEquals(record?.violations, []);
  });
}

Deno.test("numbers that cannot be are refused, with the field", () => {
  const wrong: SessionOptions[] = [{ mostChunks: 0 }, { mostReconnects: -1 }];
  for (const options of wrong) {
    const error = assertThrows(() => new Session(options), InvalidMessageError);
    assertEquals(error.field, Object.keys(options)[0]);
  }
});
