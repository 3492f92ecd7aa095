import { assert, assertEquals } from "@std/assert";
import { convertRate } from "../../audio/file_to_pcm.ts";
import { pcmToBytes } from "../../audio/pcm.ts";
import { writeWav } from "../../audio/wav.ts";
import { callerLine } from "../../emulators/speech.ts";
import { convert } from "../../examples/file_to_pcm.ts";
import { pieces, streamFile } from "../../examples/stream_file.ts";
import { textChat } from "../../examples/text_chat.ts";
import { speak } from "../../examples/voice_file.ts";
import { askWeather } from "../../examples/weather_tool.ts";
import { startGeminiLive } from "../../emulators/gemini_live.ts";
import type { ModelScript } from "../../emulators/model_script.ts";
import { spoken } from "../session/session_rig.ts";
import { scaledClock } from "../support/scaled_clock.ts";

const clock = scaledClock(8);
const SCRIPT: ModelScript = {
  answers: (turn) =>
    spoken(turn.type === "spoken" ? ` heard ${turn.words}` : ` read ${turn.words}`),
};

/** The examples with an emulator of the test's own, whatever keys the machine has. */
async function emulated(script = SCRIPT) {
  const service = await startGeminiLive({ clock, script });
  const options = { apiKey: "secret-of-tests", baseUrl: service.url, clock };
  return { service, options, [Symbol.asyncDispose]: () => service.close() };
}

Deno.test("the text chat asks one after the other [E05 E63 J15]", async () => {
  await using rig = await emulated();
  assertEquals(await textChat(["One", "Two"], rig.options), ["read One", "read Two"]);
});

Deno.test("the voice example says a WAV file of another rate and keeps the answer [E06 E64 L11 L18]", async () => {
  await using rig = await emulated();
  const { pcm16k, text } = callerLine("table");
  const pcm48k = convertRate(pcm16k, { fromHz: 16_000, toHz: 48_000 });
  const wav = writeWav({ hz: 48_000, channels: [pcm48k, pcm48k] });
  const turn = await speak(wav, rig.options);
  assertEquals(turn.text, `heard ${text}`);
  assertEquals(turn.pcm.length, 4_800);
  assertEquals(rig.service.sessions[0]?.violations, []);
  assertEquals(rig.service.sessions[0]?.windows[0]?.arrivals[0]?.samples, 1_024);
  await speak(wav, { ...rig.options, chunkSamples: 320 });
  assertEquals(rig.service.sessions[1]?.windows[0]?.arrivals[0]?.samples, 320);
});

Deno.test("the weather example answers by its tool [E65 P33]", async () => {
  await using rig = await emulated({
    answers: () => ({
      ...spoken(" 29 degrees."),
      calls: [{ name: "get_weather", args: { city: "Recife" } }],
    }),
  });
  assertEquals(await askWeather("How warm is it in Recife?", rig.options), "29 degrees.");
  const [response] = rig.service.sessions[0]?.toolResponses ?? [];
  assertEquals(response?.response, { output: { city: "Recife", celsius: 29 } });
});

Deno.test("a WAV file becomes 16 kHz PCM without a header, of the same length [L18 L20]", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const stereo = [new Int16Array(44_100), new Int16Array(44_100)];
    await Deno.writeFile(`${folder}/a.wav`, writeWav({ hz: 44_100, channels: stereo }));
    const durationMs = await convert(`${folder}/a.wav`, `${folder}/a.pcm`);
    const { size } = await Deno.stat(`${folder}/a.pcm`);
    assertEquals(durationMs, 1_000 * size / (2 * 16_000));
    assert(Math.abs(durationMs - 1_000) < 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a PCM file goes up in pieces of 4,096 bytes, paced or as fast as it goes [P15]", async () => {
  const { pcm16k, text } = callerLine("table");
  const bytes = pcmToBytes(pcm16k).slice() as Uint8Array<ArrayBuffer>;
  const due = pieces(bytes);
  assertEquals(due.slice(0, 3).map(({ pcm, dueMs }) => [pcm.byteLength, dueMs]), [
    [4_096, 0],
    [4_096, 128],
    [4_096, 256],
  ]);
  assertEquals(due.reduce((sum, { pcm }) => sum + pcm.byteLength, 0), bytes.length);
  for (const isFast of [true, false]) {
    await using rig = await emulated();
    const turn = await streamFile(bytes, { ...rig.options, isFast });
    assertEquals(turn.text, `heard ${text}`);
    const [window] = rig.service.sessions[0]?.windows ?? [];
    assertEquals(window?.pcm.length, pcm16k.length);
  }
});
