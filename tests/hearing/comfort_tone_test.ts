import { assertEquals } from "@std/assert";
import { FrameShapes } from "../../audio/frame_shape.ts";
import { levelDbfs } from "../../audio/level.ts";
import { LINE_FRAME_SAMPLES, LINE_HZ } from "../../audio/rates.ts";
import { Upsampler2x } from "../../audio/resample.ts";
import { ComfortTone } from "../../audio/tone.ts";
import { SileroNetwork } from "../../lib/hearing/silero_vad.ts";
import { DEFAULT_ENDPOINT_SETTINGS } from "../../lib/turns/endpoint_settings.ts";
import { Endpointer } from "../../lib/turns/endpointing.ts";
import { framesOf, noise, throughMulaw } from "../support/line_sounds.ts";

const SECONDS = 12;
const network = SileroNetwork.load();

/** When the caller was taken to begin or to end, by the real network. */
async function speechIn(line: Int16Array): Promise<string[]> {
  const [detector, upsampler] = [(await network).detector(), new Upsampler2x()];
  const endpointer = new Endpointer(DEFAULT_ENDPOINT_SETTINGS);
  const shapes = new FrameShapes();
  const silence = new Int16Array(LINE_FRAME_SAMPLES);
  const heard: string[] = [];
  let endMs = 0;
  for (const frame of framesOf(line)) {
    endMs += 20;
    const speechProbability = await detector.score(upsampler.push(frame).slice());
    shapes.push(frame, silence);
    const { bandsDb } = shapes.caller;
    const event = endpointer.hear({
      endMs,
      speechProbability,
      levelDbfs: levelDbfs(frame),
      bandsDb,
    });
    if (event) heard.push(`${event.type} at ${endMs}`);
  }
  return heard;
}

for (const gainDb of [0, -6, -12, -20, -30]) {
  for (const noiseDbfs of [-70, -50]) {
    Deno.test(`nobody is heard to speak in an echo of the comfort tone ${-gainDb} dB down, in noise of ${noiseDbfs} dBFS`, async () => {
      const tone = new ComfortTone().next(SECONDS * LINE_HZ);
      const hiss = noise(SECONDS * 1_000, { dbfs: noiseDbfs, seed: 7 });
      const gain = 10 ** (gainDb / 20);
      const line = throughMulaw(tone.map((sample, i) => gain * sample + (hiss[i] ?? 0)));
      assertEquals(await speechIn(line), []);
    });
  }
}
