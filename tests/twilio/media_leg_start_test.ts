import { assert, assertEquals } from "@std/assert";
import { randomIds } from "../../lib/ids.ts";
import { StreamTokens } from "../../lib/twilio/stream_token.ts";
import type { CallFacts, LegEvent } from "../../lib/call/leg.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { createRig, FACTS, heard, mediaMessage, openRig, startMessage } from "./stream_rig.ts";

const STREAM = { term: 1, accountSid: "AC1" };

Deno.test("MediaStream.opened gives the verified leg after a good start", async () => {
  const admitted: unknown[] = [];
  const rig = createRig({
    accountSid: "AC1",
    admit: (start) => {
      admitted.push(start);
      return Promise.resolve(FACTS);
    },
  });
  rig.say({ event: "connected", protocol: "Call", version: "1.0.0" });
  rig.say(startMessage());
  const opened = await rig.stream.opened;
  assertEquals(opened?.facts, FACTS);
  assertEquals(opened?.streamSid, "MZ1");
  assertEquals(opened?.leg.faults.size, 0);
  assertEquals(admitted, [{ callSid: "CA1", accountSid: "AC1", token: "good" }]);
  assertEquals(rig.socket.closes, []);
  rig.stream.closed();
});

Deno.test("MediaStream closes with 1008 when no start comes within 5 s [T01]", async () => {
  for (const chatter of [false, true]) {
    const rig = createRig();
    for (let second = 0; second < 5; second++) {
      assertEquals(rig.socket.closes, []);
      if (chatter) rig.say({ event: "connected" });
      if (chatter) rig.say(mediaMessage(1));
      await rig.clock.advance(second === 4 ? 999 : 1_000);
    }
    assertEquals(rig.socket.closes, []);
    await rig.clock.advance(1);
    assertEquals(rig.socket.closes, [1008]);
    assertEquals(await rig.stream.opened, undefined);
    assertEquals(rig.clock.pendingTimers, 0);
    assertEquals(rig.lines.at(-1)?.reason, "start-missing");
  }
});

Deno.test("MediaStream closes with 1008 on a start that is not to be served [S06]", async () => {
  const format = { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 };
  const cases: [object, string][] = [
    [{ accountSid: "AC2" }, "other-account"],
    [{ accountSid: "" }, "other-account"],
    [{ mediaFormat: { ...format, encoding: "audio/l16" } }, "other-media-format"],
    [{ mediaFormat: { ...format, sampleRate: 16000 } }, "other-media-format"],
    [{ mediaFormat: { ...format, channels: 2 } }, "other-media-format"],
    [{ customParameters: { token: "bad" } }, "not-admitted"],
    [{ customParameters: {} }, "not-admitted"],
    [{ customParameters: undefined }, "not-admitted"],
  ];
  for (const [change, reason] of cases) {
    const rig = createRig({ accountSid: "AC1" });
    rig.say(startMessage(change));
    assertEquals(await rig.stream.opened, undefined);
    assertEquals(rig.socket.closes, [1008], reason);
    assertEquals(rig.lines.at(-1), {
      time: "2026-01-05T09:00:00.000Z",
      level: "warn",
      event: "media-stream-refused",
      reason,
    });
    rig.say(startMessage());
    rig.say(mediaMessage(1));
    rig.stream.closed();
    rig.stream.closed();
    assertEquals(rig.socket.closes, [1008]);
    assertEquals(rig.socket.sent, []);
    assertEquals(rig.clock.pendingTimers, 0);
  }
});

Deno.test("MediaStream lets one stream in per token, of the right call, in time [S06]", async () => {
  const clock = new FakeClock();
  const tokens = new StreamTokens({ secret: "12345", clock, ids: randomIds });
  const opens = async (callSid: string, token: string) => {
    const rig = createRig({
      admit: (start) => {
        const redeemed = tokens.redeem(start.token ?? "", start);
        return Promise.resolve("facts" in redeemed ? redeemed.facts : undefined);
      },
    });
    rig.say(startMessage({ callSid, customParameters: { token } }));
    const opened = await rig.stream.opened;
    rig.stream.closed();
    return opened !== undefined;
  };
  const token = tokens.issue(FACTS, STREAM);
  assertEquals(await opens("CA2", token), false);
  assertEquals(await opens("CA1", token), true);
  assertEquals(await opens("CA1", token), false);
  const late = tokens.issue(FACTS, STREAM);
  await clock.advance(60_000);
  assertEquals(await opens("CA1", late), false);
  assertEquals(await opens("CA1", tokens.issue(FACTS, STREAM)), true);
});

Deno.test("MediaStream.opened is undefined when the socket dies before start", async () => {
  const rig = createRig();
  rig.stream.closed(1006);
  rig.stream.closed(1005);
  assertEquals(await rig.stream.opened, undefined);
  assertEquals(rig.clock.pendingTimers, 0);
  rig.say(startMessage());
  assertEquals(rig.socket.sent, []);
});

Deno.test("MediaStream drops and counts what comes before start, and serves the call [T02]", async () => {
  const rig = createRig();
  rig.say({ event: "connected" });
  for (let chunk = 1; chunk <= 5; chunk++) rig.say(mediaMessage(chunk));
  rig.say({ event: "stop", streamSid: "MZ1" });
  rig.say(startMessage());
  const opened = await rig.stream.opened;
  assert(opened);
  assertEquals([...opened.leg.faults], [["message-before-start", 6]]);
  const events: unknown[] = [];
  opened.leg.listen((event) => events.push(event));
  for (let chunk = 6; chunk <= 10; chunk++) rig.say(mediaMessage(chunk));
  assertEquals(events.length, 5);
  rig.stream.closed();
});

Deno.test("MediaStream counts a second start and keeps to the first", async () => {
  const { say, leg, events, stream, socket } = await openRig();
  say({ ...startMessage({ callSid: "CA2" }), streamSid: "MZ2" });
  say(startMessage({ mediaFormat: { encoding: "audio/l16", sampleRate: 8000, channels: 1 } }));
  say(mediaMessage(1));
  assertEquals([...leg.faults], [["start-again", 2]]);
  assertEquals(events.length, 1);
  assertEquals(socket.closes, []);
  stream.closed();
});

Deno.test("MediaStream counts a start that cannot be read, and waits for a better one", async () => {
  const rig = createRig();
  rig.say(startMessage({ callSid: 5 }));
  rig.say(startMessage());
  const opened = await rig.stream.opened;
  assertEquals([...opened?.leg.faults ?? []], [["message-unreadable", 1]]);
  rig.stream.closed();
});

Deno.test("MediaStream survives an admit that throws, and admits nobody", async () => {
  const rig = createRig({
    admit: () => {
      throw new Error("no store");
    },
  });
  rig.say(startMessage());
  assertEquals(rig.lines.at(-1)?.event, "media-stream-handler-failed");
  await rig.clock.advance(5_000);
  assertEquals(await rig.stream.opened, undefined);
  assertEquals(rig.socket.closes, [1008]);
});

Deno.test("MediaStream keeps what comes while it is being admitted, in order, and sends nothing", async () => {
  const admission = Promise.withResolvers<CallFacts | undefined>();
  const rig = createRig({ admit: () => admission.promise });
  rig.say(startMessage());
  for (let chunk = 1; chunk <= 100; chunk++) rig.say(mediaMessage(chunk));
  await rig.clock.advance(2_000);
  assertEquals(rig.socket.sent, []);
  admission.resolve(FACTS);
  const opened = await rig.stream.opened;
  assert(opened);
  const events: LegEvent[] = [];
  opened.leg.listen((event) => events.push(event));
  rig.say(mediaMessage(101));
  assertEquals(heard(events), Array.from({ length: 101 }, (_, n) => (n + 1) % 200));
  rig.stream.closed();
});

Deno.test("MediaStream closes with 1008 when it is not admitted in time, and lets nobody in later", async () => {
  const admission = Promise.withResolvers<CallFacts | undefined>();
  const rig = createRig({ admit: () => admission.promise });
  rig.say(startMessage());
  await rig.clock.advance(5_000);
  assertEquals(rig.socket.closes, [1008]);
  assertEquals(rig.lines.at(-1)?.reason, "admission-late");
  admission.resolve(FACTS);
  assertEquals(await rig.stream.opened, undefined);
  assert(rig.stream.isOver);
  assertEquals(rig.clock.pendingTimers, 0);
});

Deno.test("MediaStream drops what is more than can come while it is being admitted", async () => {
  const admission = Promise.withResolvers<CallFacts | undefined>();
  const rig = createRig({ admit: () => admission.promise });
  rig.say(startMessage());
  for (let chunk = 1; chunk <= 510; chunk++) rig.say(mediaMessage(chunk));
  admission.resolve(FACTS);
  const opened = await rig.stream.opened;
  assertEquals(opened?.leg.faults.get("message-before-admission"), 10);
  rig.stream.closed();
});
