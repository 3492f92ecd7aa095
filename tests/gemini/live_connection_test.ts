import { assert, assertEquals, assertGreater, assertObjectMatch, assertRejects } from "@std/assert";
import spoken38 from "../fixtures/gemini/live_3_8_spoken_turn.json" with { type: "json" };
import { FakeClock } from "../support/fake_clock.ts";
import { CallSide, environment, KEY } from "./call_side.ts";
import { LiveServer } from "./live_server.ts";

const PATH = "//ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";

Deno.test("connectLive() sends a turn exactly so", async () => {
  await using server = await LiveServer.start();
  const call = new CallSide(server.url);
  const model = await call.connect();
  model.openActivity();
  const pcm = Int16Array.from({ length: 320 }, (_, index) => index - 160);
  model.sendAudio(pcm);
  model.sendAudio(pcm.subarray(2, 4));
  model.closeActivity();
  model.sendText("The call begins.", { reply: true });
  model.sendText("The caller pressed 1.", { reply: false });
  const peer = await server.peer;
  await peer.framesCame(7);
  const mimeType = "audio/pcm;rate=16000";
  const said = (text: string) => [{ role: "user", parts: [{ text }] }];
  assertEquals(peer.frames.slice(1), [
    { realtimeInput: { activityStart: {} } },
    { realtimeInput: { audio: { data: new Uint8Array(pcm.buffer).toBase64(), mimeType } } },
    { realtimeInput: { audio: { data: "Yv9j/w==", mimeType } } },
    { realtimeInput: { activityEnd: {} } },
    { clientContent: { turns: said("The call begins."), turnComplete: true } },
    { clientContent: { turns: said("The caller pressed 1."), turnComplete: false } },
  ]);
  assertEquals(peer.violations, []);
  assert(peer.path.startsWith(`${PATH}?key=`), peer.path);
  model.close();
  assertEquals(await peer.closed, 1005);
  assertEquals(model.faults, new Map());
  assertEquals(call.events, []);
});

Deno.test("connectLive() uses Vertex AI and its own version when it has no key", async () => {
  using _ = environment({ GOOGLE_API_KEY: KEY, GOOGLE_CLOUD_PROJECT: "" });
  await using server = await LiveServer.start();
  const call = new CallSide(server.url, { apiKey: undefined });
  const model = await call.connect();
  const peer = await server.peer;
  assertEquals(
    peer.path,
    "//ws/google.cloud.aiplatform.v1beta1.LlmBidiService/BidiGenerateContent",
  );
  assertObjectMatch(peer.frames[0] ?? {}, {
    setup: { model: "publishers/google/models/gemini-3.8-live" },
  });
  peer.send({
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 2, totalTokenCount: 3 },
  });
  assertEquals(await call.came(1), [
    { type: "usage-reported", usage: { promptTokens: 1, responseTokens: 2, totalTokens: 3 } },
  ]);
  model.close();
  await peer.closed;
});

Deno.test("connectLive() posts what came before it was ready, in order", async () => {
  await using server = await LiveServer.start({
    onSetup(peer) {
      for (const message of spoken38) peer.send(message);
    },
  });
  const call = new CallSide(server.url);
  const model = await call.connect();
  const events = await call.came(15);
  assertEquals(events.map(({ type }) => type), [
    "resumption-updated",
    "caller-activity-started",
    "caller-words-received",
    "caller-activity-ended",
    "agent-audio-received",
    "agent-words-received",
    "agent-audio-received",
    "agent-audio-received",
    "agent-words-received",
    "agent-audio-received",
    "agent-words-received",
    "agent-audio-received",
    "generation-completed",
    "model-turn-completed",
    "usage-reported",
  ]);
  assertEquals(model.faults, new Map());
  model.close();
  await (await server.peer).closed;
});

Deno.test("connectLive() logs once how long it took, and no word of anybody", async () => {
  await using server = await LiveServer.start();
  const clock = new FakeClock();
  const call = new CallSide(server.url, { clock });
  const model = await call.connect();
  const peer = await server.peer;
  peer.send({ serverContent: { outputTranscription: { text: "private words" } } });
  await call.came(1);
  model.close();
  await peer.closed;
  assertEquals(call.lines.map((line) => JSON.parse(line)), [{
    time: "2026-01-05T09:00:00.000Z",
    level: "info",
    event: "model-connected",
    model: "gemini-3.8-live",
    connectMs: 0,
  }]);
});

Deno.test("close() posts nothing more, and twice is as good as once", async () => {
  await using server = await LiveServer.start();
  const call = new CallSide(server.url);
  const model = await call.connect();
  const peer = await server.peer;
  model.close();
  peer.send({ serverContent: { turnComplete: true } });
  model.close();
  await peer.closed;
  model.close();
  assertEquals(call.events, []);
});

Deno.test("close() inside a handler keeps back the rest of the message", async () => {
  await using server = await LiveServer.start();
  const call = new CallSide(server.url);
  const model = await call.connect((event) => {
    call.post(event);
    model.close();
  });
  const peer = await server.peer;
  peer.send({ serverContent: { generationComplete: true, turnComplete: true } });
  await peer.closed;
  assertEquals(call.events, [{ type: "generation-completed" }]);
});

Deno.test("sendAudio() and the others drop and count what comes after the end", async () => {
  await using server = await LiveServer.start();
  const model = await new CallSide(server.url).connect();
  const peer = await server.peer;
  model.close();
  model.openActivity();
  model.sendAudio(new Int16Array(320));
  model.closeActivity();
  model.sendText("Are you there?", { reply: true });
  await peer.closed;
  model.sendAudio(new Int16Array(320));
  assertEquals(model.faults, new Map([["sent-after-close", 5]]));
  assertEquals(peer.frames.length, 1);
});

Deno.test("sendAudio() drops and counts audio when the service has stopped reading", async () => {
  await using server = await LiveServer.start();
  const model = await new CallSide(server.url).connect();
  const peer = await server.peer;
  peer.freeze();
  const second = new Int16Array(16_000);
  let sent = 0;
  while (!model.faults.has("audio-dropped-on-backlog") && sent < 2_000) {
    model.sendAudio(second);
    sent++;
    if (sent % 50 === 0) await turnOfTheLoop();
  }
  assertGreater(sent, 1024 * 1024 / 43_000);
  assertEquals(model.faults, new Map([["audio-dropped-on-backlog", 1]]));
  peer.reset();
  model.close();
  await peer.closed;
});

Deno.test("the signal closes a connection that is ready", async () => {
  await using server = await LiveServer.start();
  const call = new CallSide(server.url);
  const model = await call.connect();
  call.abort.abort();
  assertEquals(await (await server.peer).closed, 1005);
  assertEquals(call.events, []);
  model.close();
});

for (
  const [title, end, closeCode, kind, retryable] of [
    ["says 1011", "Internal error encountered.", 1011, "unavailable", true],
    ["is out of quota", "You exceeded your current quota", 1011, "quota", true],
    ["says 1007", "Precondition check failed.", 1007, "invalid-argument", false],
    ["ends normally", "", 1000, "unavailable", true],
    ["is cut off", undefined, 1006, "unavailable", true],
  ] as const
) {
  Deno.test(`connectLive() posts model-lost once when a ready connection ${title}`, async () => {
    await using server = await LiveServer.start();
    const call = new CallSide(server.url);
    const model = await call.connect();
    const peer = await server.peer;
    peer.send({ serverContent: { generationComplete: true } });
    await call.came(1);
    if (end === undefined) peer.reset();
    else peer.close(closeCode, end);
    const [, lost] = await call.came(2);
    assert(lost?.type === "model-lost");
    assertEquals(
      { kind: lost.error.kind, retryable: lost.error.retryable, closeCode: lost.error.closeCode },
      { kind, retryable, closeCode },
    );
    model.close();
    call.abort.abort();
    await peer.closed;
    assertEquals(call.events.length, 2);
  });
}

Deno.test("connectLive() does nothing when the signal was already given", async () => {
  await using server = await LiveServer.start();
  const call = new CallSide(server.url);
  call.abort.abort();
  const error = await assertRejects(() => call.connect(), DOMException);
  assertEquals(error.name, "AbortError");
  assertEquals(server.upgrades, 0);
});

/** Lets sockets do their work. */
function turnOfTheLoop(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
