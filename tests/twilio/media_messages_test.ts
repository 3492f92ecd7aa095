import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  MediaStreamMessageError,
  parseInbound,
  StreamMessageWriter,
} from "../../lib/twilio/media_messages.ts";

const MULAW = Uint8Array.from({ length: 160 }, (_, i) => i);

/** One of each, as the reference has them, with keys that we do not use. */
const START = {
  event: "start",
  sequenceNumber: "1",
  streamSid: "MZ1",
  start: {
    accountSid: "AC1",
    streamSid: "MZ1",
    callSid: "CA1",
    tracks: ["inbound"],
    mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
    customParameters: { token: "abc", more: "x" },
  },
};
const MEDIA = {
  event: "media",
  sequenceNumber: "3",
  streamSid: "MZ1",
  media: { track: "inbound", chunk: "2", timestamp: "25", payload: MULAW.toBase64() },
};
const MARK = { event: "mark", sequenceNumber: "4", streamSid: "MZ1", mark: { name: "our label" } };
const DTMF = {
  event: "dtmf",
  sequenceNumber: "5",
  streamSid: "MZ1",
  dtmf: { track: "inbound_track", digit: "1" },
};
const STOP = {
  event: "stop",
  sequenceNumber: "5",
  streamSid: "MZ1",
  stop: { accountSid: "AC1", callSid: "CA1" },
};

function parse(message: unknown): ReturnType<typeof parseInbound> {
  return parseInbound(JSON.stringify(message));
}

Deno.test("parseInbound() reads every message of a stream", () => {
  const cases = [
    [{ event: "connected", protocol: "Call", version: "1.0.0" }, { event: "connected" }],
    [START, {
      event: "start",
      streamSid: "MZ1",
      start: {
        accountSid: "AC1",
        callSid: "CA1",
        mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
        customParameters: { token: "abc" },
      },
    }],
    [MEDIA, {
      event: "media",
      streamSid: "MZ1",
      media: { track: "inbound", chunk: 2, timestamp: 25, payload: MULAW },
    }],
    [MARK, { event: "mark", streamSid: "MZ1", mark: { name: "our label" } }],
    [DTMF, { event: "dtmf", streamSid: "MZ1", dtmf: { digit: "1" } }],
    [STOP, { event: "stop", streamSid: "MZ1" }],
  ] as const;
  for (const [message, expected] of cases) assertEquals<unknown>(parse(message), expected);
});

Deno.test("parseInbound() takes numbers as texts and as numbers", () => {
  const numbers = parse({ ...MEDIA, media: { ...MEDIA.media, chunk: 2, timestamp: 25.5 } });
  const texts = parse({ ...MEDIA, media: { ...MEDIA.media, chunk: "2", timestamp: "25.5" } });
  assertEquals(numbers, texts);
  const mediaFormat = { encoding: "audio/x-mulaw", sampleRate: "8000", channels: "1" };
  assertEquals(parse({ ...START, start: { ...START.start, mediaFormat } }), parse(START));
});

Deno.test("parseInbound() takes a start without parameters", () => {
  for (const customParameters of [undefined, {}]) {
    const message = parse({ ...START, start: { ...START.start, customParameters } });
    assert(message?.event === "start");
    assertEquals(message.start.customParameters?.token, undefined);
  }
});

Deno.test("parseInbound() knows nothing of events that are new", () => {
  for (const event of ["refer", "", "MEDIA", "__proto__", "toString"]) {
    assertEquals(parse({ event, streamSid: 5 }), undefined);
  }
});

Deno.test("parseInbound() takes payloads of any length from 1 ms [T04]", () => {
  for (const length of [8, 9, 10, 100, 159, 160, 161, 320, 48_000]) {
    const payload = new Uint8Array(length).fill(7);
    const message = parse({ ...MEDIA, media: { ...MEDIA.media, payload: payload.toBase64() } });
    assert(message?.event === "media");
    assertEquals(message.media.payload, payload);
  }
});

Deno.test("parseInbound() names the field that is wrong and not its value [T04]", () => {
  const media = (change: object) => ({ ...MEDIA, media: { ...MEDIA.media, ...change } });
  const start = (change: object) => ({ ...START, start: { ...START.start, ...change } });
  const cases: [unknown, string][] = [
    [null, "it is not an object"],
    [[], "it is not an object"],
    ["secret", "it is not an object"],
    [{}, '"event" is invalid'],
    [{ event: 5 }, '"event" is invalid'],
    [{ event: ["media"] }, '"event" is invalid'],
    [{ event: "media" }, '"streamSid" is invalid'],
    [{ ...MEDIA, streamSid: 5 }, '"streamSid" is invalid'],
    [{ ...MEDIA, media: "secret" }, '"media" is invalid'],
    [{ ...MARK, mark: {} }, '"mark.name" is invalid'],
    [{ ...DTMF, dtmf: { digit: "secret" } }, '"dtmf.digit" is invalid'],
    [{ ...DTMF, dtmf: { digit: "1\n" } }, '"dtmf.digit" is invalid'],
    [start({ callSid: 1 }), '"start.callSid" is invalid'],
    [start({ mediaFormat: null }), '"start.mediaFormat" is invalid'],
    [start({ customParameters: { token: 1 } }), '"start.customParameters.token" is invalid'],
    ...["", "secret", "-1", "1e3", "0x10", " 1", "1".repeat(40), -1, null, true, [1], 1.5].map((
      chunk,
    ): [unknown, string] => [media({ chunk }), '"media.chunk" is invalid']),
    ...["", "-5", "NaN", "1.", null, {}].map((timestamp): [unknown, string] => [
      media({ timestamp }),
      '"media.timestamp" is invalid',
    ]),
    ...[
      "",
      "A",
      "AAA",
      "AA==",
      "AAAA",
      "AAAAAAAAAA=",
      "AAAAAAAAAAB=",
      "secret!!",
      "////////////-_//",
      5,
      null,
    ].map((payload): [unknown, string] => [media({ payload }), '"media.payload" is invalid']),
    [media({ track: "outbound" }), '"media.track" is invalid'],
  ];
  for (const [message, why] of cases) {
    const error = assertThrows(() => parse(message), MediaStreamMessageError);
    assertEquals(error.message, `Cannot read media-stream message: ${why}`);
    assertFalse(Deno.inspect(error).includes("secret"));
  }
});

Deno.test("parseInbound() refuses what is not JSON without quoting it", () => {
  for (const text of ["", "secret", "{", '{"event":"media"', "\0", "[1,]"]) {
    const error = assertThrows(() => parseInbound(text), MediaStreamMessageError, "it is not JSON");
    assertFalse(Deno.inspect(error).includes("secret"));
  }
});

Deno.test("parseInbound() throws nothing but its own error on any JSON, and changes no prototype [C02]", () => {
  const parts = fc.constantFrom(
    ...["event", "media", "start", "payload", "__proto__", "constructor", "mark", "streamSid"],
  );
  const json = fc.oneof(
    fc.json({ depthSize: "medium" }),
    fc.object({ key: parts, maxDepth: 3 }).map((value) => JSON.stringify(value)),
    fc.tuple(fc.constantFrom(START, MEDIA, MARK, DTMF, STOP), parts, fc.jsonValue()).map((
      [message, key, value],
    ) => JSON.stringify({ ...message, [key]: value })),
  );
  fc.assert(
    fc.property(json, (text) => {
      try {
        parseInbound(text);
      } catch (error) {
        assert(error instanceof MediaStreamMessageError);
      }
      assertEquals(Object.keys(Object.prototype), []);
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("StreamMessageWriter writes the three messages exactly as the reference has them", () => {
  const writer = new StreamMessageWriter("MZ1");
  assertEquals(
    writer.media(MULAW),
    `{"event":"media","streamSid":"MZ1","media":{"payload":"${MULAW.toBase64()}"}}`,
  );
  assertEquals(
    writer.mark("g1-2"),
    '{"event":"mark","streamSid":"MZ1","mark":{"name":"g1-2"}}',
  );
  assertEquals(writer.clear(), '{"event":"clear","streamSid":"MZ1"}');
});

Deno.test("StreamMessageWriter writes JSON whatever the names and bytes are [C02]", () => {
  const text = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(text, text, fc.uint8Array(), (streamSid, name, mulaw) => {
      const writer = new StreamMessageWriter(streamSid);
      const payload = mulaw.toBase64();
      assertEquals(JSON.parse(writer.media(mulaw)), {
        event: "media",
        streamSid,
        media: { payload },
      });
      assertEquals(JSON.parse(writer.mark(name)), { event: "mark", streamSid, mark: { name } });
      assertEquals(JSON.parse(writer.clear()), { event: "clear", streamSid });
    }),
    { numRuns: 1_000 },
  );
});
