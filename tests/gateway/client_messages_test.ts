import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { ClientMessageError, parseClientMessage } from "../../lib/gateway/client_messages.ts";

const text = (bytes: readonly number[]) => Uint8Array.from(bytes).toBase64();
const audio = (more: object) =>
  JSON.stringify({ type: "audio", data: text([1, 0, 255, 255]), ...more });

function faultOf(frame: string): ClientMessageError {
  return assertThrows(() => parseClientMessage(frame), ClientMessageError);
}

Deno.test("parseClientMessage() reads audio at the rate that is declared, by field or by type [doc W14]", () => {
  for (
    const [more, hz] of [
      [{}, 16_000],
      [{ sampleRate: 48_000 }, 48_000],
      [{ mimeType: "audio/pcm;rate=24000" }, 24_000],
      [{ mimeType: "audio/pcm; rate=8000", sampleRate: 8_000 }, 8_000],
      [{ mimeType: "audio/L16; rate=44100" }, 44_100],
    ] as const
  ) {
    assertEquals(parseClientMessage(audio(more)), { type: "audio", pcm: Int16Array.of(1, -1), hz });
  }
});

Deno.test("parseClientMessage() refuses what is no raw PCM with a hint [doc W28]", () => {
  const webm = text([0x1a, 0x45, 0xdf, 0xa3, 0, 0]);
  const wav = text([..."RIFF0000WAVE"].map((letter) => letter.charCodeAt(0)));
  for (
    const more of [
      { data: webm },
      { mimeType: "audio/webm;codecs=opus" },
      { data: text([0x4f, 0x67, 0x67, 0x53]) },
      { data: wav },
      { mimeType: "audio/mp4" },
      { mimeType: "audio/mpeg" },
    ]
  ) {
    const { code, message } = faultOf(audio(more));
    assertEquals(code, "audio-format", JSON.stringify(more));
    assertStringIncludes(message, "AudioWorklet");
  }
  assertStringIncludes(faultOf(audio({ data: webm })).message, "WebM");
});

Deno.test("parseClientMessage() names what is wrong with audio and images", () => {
  const image = (more: object) => JSON.stringify({ type: "image", ...more });
  const cases: [frame: string, code: string, field: string][] = [
    [audio({ data: "!!" }), "message-invalid", "data"],
    [audio({ data: text([1, 2, 3]) }), "message-invalid", "data"],
    [audio({ sampleRate: 7_999 }), "message-invalid", "sampleRate"],
    [audio({ sampleRate: 16_000.5 }), "message-invalid", "sampleRate"],
    [audio({ sampleRate: 8_000, mimeType: "audio/pcm;rate=16000" }), "message-invalid", "mimeType"],
    [audio({ mimeType: "audio/pcm;rate=fast" }), "message-invalid", "mimeType"],
    [image({ data: text([1, 2, 3]) }), "image-format", "data"],
    [image({ data: text([0xff, 0xd8]), mimeType: "image/png" }), "image-format", "mimeType"],
    [image({}), "message-invalid", "data"],
  ];
  for (const [frame, code, field] of cases) {
    const fault = faultOf(frame);
    assertEquals([fault.code, fault.field], [code, field], frame);
  }
});

Deno.test("[D05] parseClientMessage() reads no long message that nests or lists", () => {
  const size = 1_024 * 1_024;
  const frames = [
    "[".repeat(size / 2) + "]".repeat(size / 2),
    `{"type":"text",${'"k":1,'.repeat(150_000)}"text":"x"}`,
    '{"type":"text","text":' + '{"a":'.repeat(150_000) + "1" + "}".repeat(150_001),
  ];
  for (const frame of frames) assertStringIncludes(faultOf(frame).message, "long");
  const data = new Uint8Array(700_000).toBase64();
  assertEquals(parseClientMessage(JSON.stringify({ type: "audio", data })).type, "audio");
});

Deno.test("parseClientMessage() takes a config without data, and never says what stood in a field", () => {
  const { config } = parseClientMessage('{"type":"config"}') as { config: object };
  assertEquals(Object.values(config).filter((value) => typeof value === "string"), []);
  for (const frame of ['{"type":"config","data":{"voice":42424242}}', '{"type":"secret-word"}']) {
    const { message } = faultOf(frame);
    assert(!/42424242|secret-word/.test(message), message);
  }
});
