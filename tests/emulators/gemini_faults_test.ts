import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import { startGeminiLive } from "../../emulators/gemini_live.ts";
import type { Fault, ModelScript } from "../../emulators/model_script.ts";
import { assertBetween, GeminiClient, scaledClock, SETUP, tone } from "./gemini_client.ts";

const SPEED = 10;
const clock = scaledClock(SPEED);
const ANSWER = { text: "One two three", pcm: tone(30_000, 24_000) };

function script(...faults: Fault[]): ModelScript {
  return { answers: () => ANSWER, faults, delivery: { thinkMs: 20 } };
}

/** Milliseconds of the emulator's time since a moment of the host's. */
function since(startMs: number): number {
  return (performance.now() - startMs) * SPEED;
}

Deno.test("startGeminiLive() drops connections in mid-answer when it is closed", async () => {
  const emulator = await startGeminiLive({ clock, script: script() });
  const client = await GeminiClient.ready(emulator.url);
  client.write("Begin.");
  await client.next((m) => m.serverContent?.modelTurn);
  await emulator.close();
  assertEquals((await client.closed).code, 1006);
});

Deno.test("startGeminiLive() never upgrades when told to", async () => {
  const script_ = script({ type: "never-upgrade", when: { at: "upgrade" } });
  const emulator = await startGeminiLive({ clock, script: script_ });
  const connecting = GeminiClient.connect(emulator.url);
  const first = await Promise.race([
    connecting.then(() => "answered"),
    new Promise((resolve) => clock.at(clock.nowMs() + 1_000, () => resolve("silent"))),
  ]);
  assertEquals([first, emulator.connects, emulator.sessions.length], ["silent", 1, 0]);
  await emulator.close();
  assertEquals((await (await connecting).closed).code, 1006);
});

Deno.test("startGeminiLive() refuses the upgrade with a status, on the connection that is named", async () => {
  const fault = { type: "refuse-upgrade", when: { at: "upgrade" }, status: 429 } as const;
  await using emulator = await startGeminiLive({
    clock,
    script: script({ ...fault, connection: 0 }),
  });
  const refused = await GeminiClient.connect(emulator.url);
  assertEquals((await refused.closed).code, 1006);
  assertEquals(refused.status, 429);
  const client = await GeminiClient.ready(emulator.url);
  await client.close();
  assertEquals([emulator.connects, emulator.sessions[0]?.connection], [2, 1]);
});

Deno.test("startGeminiLive() delays setupComplete when told to", async () => {
  const fault = { type: "delay-setup", when: { at: "setup" }, ms: 1_500 } as const;
  await using emulator = await startGeminiLive({ clock, script: script(fault) });
  const startMs = performance.now();
  const client = await GeminiClient.ready(emulator.url);
  assertBetween(since(startMs), 1_490, 4_000);
  await client.close();
});

Deno.test("startGeminiLive() never answers setup when it is mute", async () => {
  const script_ = script({ type: "mute", when: { at: "setup" } });
  await using emulator = await startGeminiLive({ clock, script: script_ });
  const client = await GeminiClient.connect(emulator.url);
  client.send({ setup: SETUP });
  await new Promise<void>((resolve) => clock.at(clock.nowMs() + 1_000, resolve));
  await client.close();
  assertEquals(client.frames, []);
});

/** Faults that end the socket, how it ends, and what the client has seen of the answer by then. */
const ENDS: { when: string; fault: Fault; code: number; saw: string[] }[] = [
  {
    when: "before setupComplete",
    fault: { type: "close", when: { at: "setup" }, code: 1011, reason: "Internal" },
    code: 1011,
    saw: [],
  },
  {
    when: "after setupComplete",
    fault: {
      type: "close",
      when: { at: "ready" },
      code: 1008,
      reason: "The operation was aborted",
    },
    code: 1008,
    saw: [],
  },
  {
    when: "at a turn",
    fault: { type: "close", when: { at: "turn", turn: 0 }, code: 1011, reason: "Quota" },
    code: 1011,
    saw: [],
  },
  {
    when: "in mid-answer",
    fault: { type: "close", when: { at: "answer", turn: 0, afterMs: 300 }, code: 1011, reason: "" },
    code: 1011,
    saw: ["audio"],
  },
  {
    when: "without a close frame",
    fault: { type: "reset", when: { at: "answer", turn: 0, afterMs: 300 } },
    code: 1006,
    saw: ["audio"],
  },
];

for (const { when, fault, code, saw } of ENDS) {
  Deno.test(`startGeminiLive() ends the socket ${when} when told to`, async () => {
    await using emulator = await startGeminiLive({ clock, script: script(fault) });
    const client = await GeminiClient.connect(emulator.url);
    client.send({ setup: SETUP });
    await Promise.race([client.next((m) => m.setupComplete).catch(() => {}), client.closed]);
    client.write("Begin.");
    assertEquals((await client.closed).code, code);
    assertEquals(client.story, saw);
    assertLess(client.heard.length, ANSWER.pcm.length);
    assertEquals(emulator.sessions[0]?.closeCode, code);
  });
}

Deno.test("startGeminiLive() falls silent in mid-answer when told to, and knows what it sent", async () => {
  const script_ = script({ type: "mute", when: { at: "answer", turn: 0, afterMs: 300 } });
  await using emulator = await startGeminiLive({ clock, script: script_ });
  const client = await GeminiClient.ready(emulator.url);
  client.write("Begin.");
  await client.next((m) => m.serverContent?.modelTurn);
  await new Promise<void>((resolve) => clock.at(clock.nowMs() + 4_000, resolve));
  await client.close();
  assertEquals(client.story, ["audio"]);
  assertEquals(client.heard.length, emulator.sessions[0]?.sent[0]?.samplesSent);
  assertLess(client.heard.length, ANSWER.pcm.length);
});

Deno.test("startGeminiLive() sends any frame when told to", async () => {
  const megabytes = JSON.stringify({ serverContent: {}, padding: "x".repeat(5_000_000) });
  const script_ = script(
    { type: "send", when: { at: "ready" }, frame: "no JSON" },
    { type: "send", when: { at: "ready" }, frame: Uint8Array.of(0xff, 0x00) },
    { type: "send", when: { at: "ready" }, frame: megabytes },
  );
  await using emulator = await startGeminiLive({ clock, script: script_ });
  const client = await GeminiClient.ready(emulator.url);
  client.write("Begin.");
  await client.next((m) => m.serverContent?.modelTurn);
  await client.close();
  const [bad, bytes, large] = client.frames.slice(2);
  assertEquals([bad?.text, bad?.isBinary, bytes?.isBinary], ["no JSON", false, true]);
  assertEquals(large?.text.length, megabytes.length);
});

Deno.test("startGeminiLive() announces the end and comes to it when told to go away", async () => {
  const script_ = script({
    type: "go-away",
    when: { at: "ready", afterMs: 500 },
    timeLeftMs: 2_000,
  });
  await using emulator = await startGeminiLive({ clock, script: script_ });
  const client = await GeminiClient.ready(emulator.url);
  const goAway = await client.next((m) => m.goAway);
  const announcedMs = performance.now();
  assertEquals(goAway, { timeLeft: "2s" });
  const reason = "Deadline expired before operation could complete.";
  assertEquals(await client.closed, { code: 1011, reason });
  assertBetween(since(announcedMs), 1_800, 4_000);
});

Deno.test("startGeminiLive() never answers a close when told to", async () => {
  const script_ = script({ type: "ignore-close", when: { at: "ready" } });
  const emulator = await startGeminiLive({ clock, script: script_ });
  const client = await GeminiClient.ready(emulator.url);
  client.socket.close();
  await new Promise<void>((resolve) => clock.at(clock.nowMs() + 1_000, resolve));
  assertEquals(client.socket.readyState, client.socket.CLOSING);
  await emulator.close();
  assertEquals((await client.closed).code, 1006);
});

Deno.test("startGeminiLive() answers a close late when told to, and talks on until then", async () => {
  const late = { type: "late-close", ms: 500, frames: ['{"novelty":1}'] } as const;
  await using emulator = await startGeminiLive({
    clock,
    script: script({ ...late, when: { at: "ready" } }),
  });
  const client = await GeminiClient.ready(emulator.url);
  const startMs = performance.now();
  client.socket.close(1000);
  assertEquals(await client.next((m) => "novelty" in m ? m : undefined), { novelty: 1 });
  assertEquals(await client.closed, { code: 1000, reason: "" });
  assertBetween(since(startMs), 500, 3_000);
});

Deno.test("startGeminiLive() lets data pile up when it stops reading", async () => {
  const script_ = script({ type: "stop-reading", when: { at: "ready" } });
  const emulator = await startGeminiLive({ clock, script: script_ });
  const client = await GeminiClient.ready(emulator.url);
  for (let i = 0; i < 200; i++) client.send("x".repeat(100_000));
  await new Promise<void>((resolve) => clock.at(clock.nowMs() + 1_000, resolve));
  assertGreater(client.socket.bufferedAmount, 5_000_000);
  await emulator.close();
  await client.closed;
});

Deno.test("startGeminiLive() answers pings late when told to", async () => {
  const script_ = script({ type: "late-pongs", when: { at: "ready" }, ms: 2_000 });
  await using emulator = await startGeminiLive({ clock, script: script_ });
  const client = await GeminiClient.ready(emulator.url);
  const startMs = performance.now();
  client.socket.ping();
  await new Promise((resolve) => client.socket.on("pong", resolve));
  assertBetween(since(startMs), 1_990, 4_000);
  await client.close();
});

/** How audio may be spoilt, and how that shows. */
const DISTORTIONS = {
  "odd-length": { mimeType: "audio/pcm;rate=24000", bytes: 1_919, loudest: undefined },
  "empty-data": { mimeType: "audio/pcm;rate=24000", bytes: 0, loudest: undefined },
  "no-rate": { mimeType: "audio/pcm", bytes: 1_920, loudest: 8_000 },
  "wrong-rate": { mimeType: "audio/pcm;rate=48000", bytes: 1_920, loudest: 8_000 },
  "near-silence": { mimeType: "audio/pcm;rate=24000", bytes: 1_920, loudest: 1 },
  "unknown-fields": { mimeType: "audio/pcm;rate=24000", bytes: 1_920, loudest: 8_000 },
} as const;

for (const [how, { mimeType, bytes, loudest }] of Object.entries(DISTORTIONS)) {
  Deno.test(`startGeminiLive() spoils the audio of one turn by ${how} when told to`, async () => {
    const distortion = how as keyof typeof DISTORTIONS;
    const when = { at: "answer", turn: 0 } as const;
    const script_ = script({ type: "distort", when, how: distortion });
    await using emulator = await startGeminiLive({ clock, script: script_ });
    const client = await GeminiClient.ready(emulator.url);
    client.write("Begin.");
    const message = await client.next((m) => m.serverContent?.modelTurn ? m : undefined);
    const inlineData = message.serverContent?.modelTurn?.parts[0]?.inlineData;
    assertEquals(inlineData?.mimeType, mimeType);
    const data = Uint8Array.fromBase64(inlineData?.data ?? "");
    assertEquals(data.length, bytes);
    assertEquals(message.novelty !== undefined, how === "unknown-fields");
    if (loudest !== undefined) {
      const loud = Math.max(...new Int16Array(data.buffer).map(Math.abs));
      assert(loud <= loudest && loud > loudest / 2);
    }
    client.write("Again.");
    await client.turnComplete();
    const healthy = await client.next((m) => m.serverContent?.modelTurn);
    const again = healthy.parts[0]?.inlineData;
    assertEquals(again?.mimeType, "audio/pcm;rate=24000");
    assertEquals(Uint8Array.fromBase64(again?.data ?? "").length, 1_920);
    await client.close();
  });
}
