import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { CallSide } from "./call_side.ts";
import { LiveServer, type Peer } from "./live_server.ts";

const SOUND = {
  modelTurn: { parts: [{ inlineData: { mimeType: "audio/pcm", data: "AQACAA==" } }] },
};

/** Sends a sign of life and waits until it was heard. */
async function signOfLife(peer: Peer, call: CallSide, sign = "alive"): Promise<void> {
  peer.send({ serverContent: { turnComplete: true, turnCompleteReason: sign } });
  await call.turnCompleted(sign);
}

for (
  const [title, frame, fault] of [
    ["not JSON", "<html>502</html>", "frame-not-json"],
    ["empty", "", "frame-not-json"],
    ["binary rubbish", Uint8Array.of(0, 255, 254, 7), "frame-not-json"],
    [
      "5 MB of audio",
      JSON.stringify({ serverContent: { a: "A".repeat(5_000_000) } }),
      "frame-too-large",
    ],
    ["null", "null", "message-not-an-object"],
    ["JSON that the SDK's own reader dies of", `{"text":"","data":""}`, undefined],
    ["full of unknown fields", `{"a":1,"serverContent":{"b":{"c":2}}}`, undefined],
    ["full of wrong types", `{"serverContent":{"modelTurn":7},"toolCall":"x"}`, undefined],
    ["another setupComplete", `{"setupComplete":{}}`, undefined],
  ] as const
) {
  for (const when of ["before setupComplete", "later"] as const) {
    Deno.test(`a connection survives a frame that is ${title}, ${when} [G15] [P02]`, async () => {
      await using server = await LiveServer.start({
        onSetup(peer) {
          if (when === "before setupComplete") peer.sendRaw(frame);
          peer.send({ setupComplete: {} });
        },
      });
      const call = new CallSide(server.url);
      const model = await call.connect();
      const peer = await server.peer;
      if (when === "later") peer.sendRaw(frame);
      await signOfLife(peer, call);
      assertEquals(model.faults, new Map(fault === undefined ? [] : [[fault, 1]]));
      model.close();
      await peer.closed;
    });
  }
}

Deno.test("a connection survives 1,000 fuzzed frames and hears the message behind each [G15]", async () => {
  await using server = await LiveServer.start();
  const call = new CallSide(server.url);
  const model = await call.connect();
  const peer = await server.peer;
  const field = fc.constantFrom("serverContent", "toolCall", "goAway", "usageMetadata", "text");
  const frame = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.json(),
    fc.uint8Array({ maxLength: 500 }),
    fc.dictionary(field, fc.jsonValue()).map((message) => JSON.stringify(message)),
  );
  let round = 0;
  await fc.assert(
    fc.asyncProperty(frame, async (data) => {
      peer.sendRaw(data);
      await signOfLife(peer, call, `round ${round++}`);
      call.events.length = 0;
    }),
    { numRuns: 1_000 },
  );
  assert(model.faults.has("frame-not-json"));
  assert(call.lines.length < 40, `${call.lines.length} lines`);
  model.close();
  await peer.closed;
});

Deno.test("a connection survives a handler that throws, and counts it [P02]", async () => {
  await using server = await LiveServer.start({
    onSetup: (peer) => peer.send({ setupComplete: {}, goAway: { timeLeft: "50s" } }),
  });
  const call = new CallSide(server.url);
  const model = await call.connect((event) => {
    call.post(event);
    throw new Error("a bug of ours");
  });
  const peer = await server.peer;
  peer.send({ serverContent: { ...SOUND, generationComplete: true } });
  assertEquals((await call.came(3)).map(({ type }) => type), [
    "model-going-away",
    "agent-audio-received",
    "generation-completed",
  ]);
  peer.close(1011, "");
  assertEquals((await call.came(4)).at(-1)?.type, "model-lost");
  assertEquals(model.faults, new Map([["handler-threw", 4]]));
  const faults = call.lines.map((line) => JSON.parse(line)).filter((line) => line.fault);
  assertEquals(faults.map(({ fault, type, error }) => [fault, type, error.message]), [
    ["handler-threw", "model-going-away", "a bug of ours"],
  ]);
});

Deno.test("a connection logs each unknown field once, and no more than 20", async () => {
  await using server = await LiveServer.start();
  const call = new CallSide(server.url);
  const model = await call.connect();
  const peer = await server.peer;
  for (let round = 0; round < 3; round++) {
    peer.send({ serverContent: { mood: "SECRET" } });
    for (let n = 0; n < 30; n++) peer.send({ [`field${n}`]: "SECRET" });
  }
  await signOfLife(peer, call);
  const fields = call.lines.map((line) => JSON.parse(line).field).filter(Boolean);
  const expected = ["serverContent.mood", ...Array.from({ length: 19 }, (_, n) => `field${n}`)];
  assertEquals(fields, expected);
  assert(!call.lines.join().includes("SECRET"));
  model.close();
  await peer.closed;
});

Deno.test("a connection takes text frames as well as binary ones", async () => {
  await using server = await LiveServer.start({
    onSetup: (peer) => peer.sendRaw(`{"setupComplete":{}}`),
  });
  const call = new CallSide(server.url);
  const model = await call.connect();
  const peer = await server.peer;
  peer.sendRaw(JSON.stringify({ serverContent: SOUND }));
  assertEquals(await call.came(1), [
    { type: "agent-audio-received", pcm: Int16Array.of(1, 2) },
  ]);
  model.close();
  await peer.closed;
});
