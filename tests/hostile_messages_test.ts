/** Messages that mean harm, or make no sense: they cost little, and nothing of them gets through. */
import {
  assert,
  assertEquals,
  assertGreater,
  assertLessOrEqual,
  assertStringIncludes,
} from "@std/assert";
import fc from "fast-check";
import { ClientMessageError, parseClientMessage } from "../lib/gateway/client_messages.ts";
import { MediaStreamMessageError, parseInbound } from "../lib/twilio/media_messages.ts";
import { MAX_LARGE_MESSAGE_BYTES, MAX_MESSAGE_BYTES } from "../routes/listeners/listener.ts";
import { CallSide } from "./gemini/call_side.ts";
import { LiveServer } from "./gemini/live_server.ts";
import { ServedApp, STREAM_SID } from "./routes/served_app.ts";
import { print } from "../tasks/terminal.ts";

const LONGEST_LAG_MS = 50;
const TRIES = 5;

/** Deep, wide and long JSON, each just as long as a socket takes it. */
function hostileFrames(bytes: number, field: string): string[] {
  const fill = (part: string, end = "") => part.repeat(Math.floor(bytes / 2 / part.length)) + end;
  const frames = [
    fill("[") + fill("]"),
    `{"${field}":${fill('{"a":')}1${fill("}")}}`.slice(0, bytes),
    `{${fill('"k":1,')}"${field}":"x"}`,
    `{"${field}":[${fill("1,", "1")}]}`,
    `{"${field}":"${fill("\\u0000")}"}`,
    fill('{"a":1}'),
  ];
  for (const frame of frames) assertLessOrEqual(frame.length, bytes);
  return frames;
}

/** Whether a frame is read; it may be refused in one way alone. */
function parses(
  frame: string,
  { parse, refusal }: {
    parse: (frame: string) => unknown;
    refusal: abstract new (...args: never[]) => Error;
  },
): boolean {
  try {
    parse(frame);
    return true;
  } catch (error) {
    assert(error instanceof refusal, String(error));
    return false;
  }
}

Deno.test("no message that a socket takes holds the loop for more than 50 ms [D05]", () => {
  const protocols = [
    [parseInbound, hostileFrames(MAX_MESSAGE_BYTES, "event"), MediaStreamMessageError],
    [parseClientMessage, hostileFrames(MAX_LARGE_MESSAGE_BYTES, "type"), ClientMessageError],
  ] as const;
  for (const [parse, frames, refusal] of protocols) {
    for (const frame of frames) {
      let bestMs = Infinity;
      for (let n = 0; n < TRIES; n++) {
        const sinceMs = performance.now();
        if (parses(frame, { parse, refusal })) assertStringIncludes(frame, '"event":"');
        bestMs = Math.min(bestMs, performance.now() - sinceMs);
      }
      assertLessOrEqual(bestMs, LONGEST_LAG_MS, frame.slice(0, 20));
    }
  }
});

const MESSAGES = 50_000;
const LONGEST_MEAN_MS = 1;

const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, -1, 1e308, "", "0", "1", "\u0000", "__proto__", "\ud83d"),
    fc.string({ unit: "binary", maxLength: 12 }),
    fc.double(),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("event", "data", "parts", "constructor", "x"), tie("value"), {
      maxKeys: 3,
    }),
  ),
}));

/** Often what the grammar says, now and then something else, or nothing at all. */
function slot<T>(right: fc.Arbitrary<T>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 6, arbitrary: right },
    { weight: 1, arbitrary: value },
    { weight: 1, arbitrary: fc.constant(undefined) },
  );
}

function message(fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<object> {
  const slots = Object.entries(fields).map(([name, field]) => [name, slot(field)]);
  return fc.record(Object.fromEntries(slots), { noNullPrototype: true });
}

/** The text of a message, once in a while cut off. */
function textOf(grammar: fc.Arbitrary<object>): fc.Arbitrary<string> {
  return fc.tuple(grammar, fc.nat(20)).map(([said, cut]) => {
    const text = JSON.stringify(said) ?? "";
    return cut === 0 ? text.slice(0, text.length >> 1) : text;
  });
}

const sid = fc.constant(STREAM_SID);
const count = fc.nat(100_000).map(String);
const payload = fc.uint8Array({ maxLength: 200 }).map((bytes) => bytes.toBase64());
const ofTheLine = textOf(fc.oneof(
  message({
    event: fc.constant("media"),
    streamSid: sid,
    media: message({ track: fc.constant("inbound"), chunk: count, timestamp: count, payload }),
  }),
  message({
    event: fc.constant("mark"),
    streamSid: sid,
    mark: message({ name: fc.string({ maxLength: 20 }) }),
  }),
  message({
    event: fc.constant("dtmf"),
    streamSid: sid,
    dtmf: message({ digit: fc.constantFrom("1", "#", "Z") }),
  }),
  message({
    event: fc.constantFrom("connected", "start", "mystery"),
    streamSid: sid,
    start: message({
      callSid: sid,
      mediaFormat: message({ encoding: fc.string(), channels: count }),
    }),
  }),
));
const words = message({ text: fc.string({ maxLength: 30 }), finished: fc.boolean() });
const part = message({
  text: fc.string({ maxLength: 30 }),
  thought: fc.boolean(),
  inlineData: message({
    mimeType: fc.constantFrom("audio/pcm;rate=24000", "audio/pcm;rate=x", "image/png"),
    data: payload,
  }),
});
const call = message({
  id: fc.string({ maxLength: 8 }),
  name: fc.string({ maxLength: 8 }),
  args: value,
});
const ofTheModel = textOf(message({
  serverContent: message({
    modelTurn: message({ parts: fc.array(part, { maxLength: 3 }) }),
    inputTranscription: words,
    outputTranscription: words,
    interrupted: fc.boolean(),
    generationComplete: fc.boolean(),
    turnComplete: fc.boolean(),
  }),
  toolCall: message({ functionCalls: fc.array(call, { maxLength: 3 }) }),
  toolCallCancellation: message({ ids: fc.array(fc.string(), { maxLength: 3 }) }),
  usageMetadata: message({ promptTokenCount: fc.nat(), totalTokenCount: fc.double() }),
  sessionResumptionUpdate: message({ newHandle: fc.string(), resumable: fc.boolean() }),
}));

/** So many texts of a grammar; the seed is told. */
function sample(grammar: fc.Arbitrary<string>): string[] {
  const seed = Math.floor(Math.random() * 2 ** 31);
  print(`  seed ${seed}`);
  return fc.sample(grammar, { numRuns: MESSAGES, seed });
}

/** Says how long each message took, until a sign of life that followed them. */
function assertQuick(sinceMs: number): void {
  const meanMs = (performance.now() - sinceMs) / MESSAGES;
  print(`  ${MESSAGES} messages, ${meanMs.toFixed(3)} ms each`);
  assertLessOrEqual(meanMs, LONGEST_MEAN_MS);
}

Deno.test("a stream takes 50,000 messages by the telephone's grammar and lives [C03]", async () => {
  const frames = sample(ofTheLine);
  await using app = await ServedApp.start();
  const socket = await app.openStream();
  socket.start(await app.admit());
  await app.until(() => app.calls.running === 1);
  const [served] = app.answered;
  assert(served);
  const sinceMs = performance.now();
  for (const frame of frames) socket.send(frame);
  socket.stop();
  assertEquals(await socket.closed, 1000);
  assertQuick(sinceMs);
  const faults = served.leg.faults.values().reduce((sum, times) => sum + times, 0);
  assertGreater(faults, MESSAGES / 10);
  assertEquals(app.logged.filter((line) => /"level":"error"|failed/.test(line)), []);
  assertEquals(app.calls.running, 0);
});

Deno.test("a connection takes 50,000 messages by the model's grammar and lives [C03]", async () => {
  const frames = sample(ofTheModel);
  await using server = await LiveServer.start();
  const side = new CallSide(server.url);
  const model = await side.connect();
  const peer = await server.peer;
  const sinceMs = performance.now();
  for (const frame of frames) peer.sendRaw(frame);
  peer.send({ serverContent: { turnComplete: true, turnCompleteReason: "alive" } });
  await side.turnCompleted("alive");
  assertQuick(sinceMs);
  assertGreater(model.faults.size, 1);
  assertEquals(model.faults.get("handler-threw"), undefined);
  assertEquals(side.lines.filter((line) => /"level":"error"/.test(line)), []);
  model.close();
  await peer.closed;
});
