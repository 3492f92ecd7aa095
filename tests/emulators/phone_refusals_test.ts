import { assertEquals, assertStringIncludes } from "@std/assert";
import { hangUp, wait } from "../../emulators/caller_script.ts";
import { withoutStart } from "../../emulators/line_faults.ts";
import { readServerMessage } from "../../emulators/stream_rules.ts";
import { Rig, type ServerStream, sound } from "./phone_server.ts";

const STREAM_SID = `MZ${"5".repeat(32)}`;
const media = (payload: unknown) => ({ event: "media", streamSid: STREAM_SID, media: { payload } });

Deno.test("readServerMessage() takes media, mark and clear as Twilio documents them", () => {
  const audio = sound(480);
  const read = (message: unknown) => readServerMessage(JSON.stringify(message), STREAM_SID);
  assertEquals(read(media(audio.toBase64())), { type: "media", mulaw: audio });
  assertEquals(
    read({ event: "mark", streamSid: STREAM_SID, mark: { name: "m" } }),
    { type: "mark", name: "m" },
  );
  assertEquals(read({ event: "clear", streamSid: STREAM_SID }), { type: "clear" });
});

const REFUSED: readonly [what: string, message: unknown, reason: string][] = [
  ["an unknown event", { event: "dtmf", streamSid: STREAM_SID }, "event is unknown"],
  ["no event", { streamSid: STREAM_SID }, "event is unknown"],
  ["an event of Object's prototype", { event: "constructor" }, "event is unknown"],
  ["an array", [], "not an object"],
  ["null", null, "not an object"],
  ["no streamSid", { event: "clear" }, "streamSid is missing"],
  ["another streamSid", { ...media("/w=="), streamSid: "MZ" }, "not that of the stream"],
  ["an extra field", { ...media("/w=="), sequenceNumber: "1" }, "sequenceNumber has no place"],
  ["media on clear", { event: "clear", streamSid: STREAM_SID, media: {} }, "media has no place"],
  ["no payload", { ...media(""), media: {} }, "payload is missing"],
  ["a track", { ...media(""), media: { payload: "/w==", track: "x" } }, "track has no place"],
  ["a mark without a mark", { event: "mark", streamSid: STREAM_SID }, "mark is missing"],
  [
    "a mark without a name",
    { event: "mark", streamSid: STREAM_SID, mark: {} },
    "name is missing",
  ],
  [
    "a mark with a number",
    { event: "mark", streamSid: STREAM_SID, mark: { name: 1 } },
    "mark.name is no name",
  ],
  ["bad base64", media("*"), "not base64"],
  ["base64 without padding", media("/w"), "not base64"],
  ["base64 of URLs", media("_-_-"), "not base64"],
  ["a number as payload", media(160), "not base64"],
  ["no audio", media(""), "is empty"],
  [
    "base64 twice",
    media(new TextEncoder().encode(sound(480).toBase64()).toBase64()),
    "base64 twice",
  ],
];

for (const [what, message, reason] of REFUSED) {
  Deno.test(`readServerMessage() refuses ${what}`, () => {
    const read = readServerMessage(JSON.stringify(message), STREAM_SID);
    assertStringIncludes(read.type === "refused" ? read.reason : "it was taken", reason);
  });
}

Deno.test("readServerMessage() refuses what is not JSON, and everything before start", () => {
  assertEquals(readServerMessage("{", STREAM_SID), { type: "refused", reason: "it is not JSON" });
  assertEquals(readServerMessage(JSON.stringify(media("/w==")), undefined), {
    type: "refused",
    reason: "it came before start",
  });
});

/** Runs a short call in which the server does something wrong at once, then plays 100 ms of sound. */
async function callWith(misbehave: (stream: ServerStream) => void) {
  await using rig = await Rig.start({
    onStart: (stream) => {
      misbehave(stream);
      stream.media(sound(800));
    },
  });
  return await rig.dial([wait(2000), hangUp()]).ended;
}

Deno.test("the debugger warns of invalid messages once per stream, and the call goes on [T04]", async () => {
  const report = await callWith((stream) => {
    stream.socket.send("{");
    stream.send({ event: "telepathy", streamSid: stream.streamSid });
    stream.send({ event: "clear", streamSid: STREAM_SID });
  });
  assertEquals(report.warnings.map(({ code }) => code), [31951]);
  assertStringIncludes(report.warnings[0]?.text ?? "", "it is not JSON");
  assertEquals(
    report.messages.map(({ event, note }) => [event, note]),
    [
      ["refused", "it is not JSON"],
      ["refused", "its event is unknown"],
      ["refused", "its streamSid is not that of the stream"],
      ["media", ""],
    ],
  );
  assertEquals(report.heard.filter((code) => code !== 0xff).length, 800);
});

Deno.test("the debugger warns of binary frames with a code of their own", async () => {
  const report = await callWith((stream) => {
    stream.socket.send(sound(160));
    stream.socket.send(sound(160));
    stream.socket.send("nonsense");
  });
  assertEquals(report.warnings.map(({ code }) => code), [31950, 31951]);
  assertEquals(report.messages.filter(({ note }) => note === "it is binary").length, 2);
});

Deno.test("the report tells the size of every media message", async () => {
  const report = await callWith((stream) => {
    for (const bytes of [160, 100, 4800]) stream.media(sound(bytes));
  });
  assertEquals(report.messages.map(({ bytes }) => bytes), [160, 100, 4800, 800]);
  assertEquals(report.warnings, []);
});

Deno.test("media that the server sends before start is refused", async () => {
  await using rig = await Rig.start({
    onMessage: (message, stream) => message.event === "connected" && stream.media(sound(160)),
  });
  const report = await rig.dial([wait(1000), hangUp()], { faults: { tamper: withoutStart() } })
    .ended;
  assertEquals(report.messages.map(({ note }) => note), ["it came before start"]);
  assertEquals(report.warnings.map(({ code }) => code), [31951]);
});
