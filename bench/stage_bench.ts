/**
 * What each stage of a call costs per 20-ms frame, on one core.
 *
 * @module
 */

import { decodeMulaw, encodeMulaw } from "../audio/mulaw.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES } from "../audio/rates.ts";
import { Downsampler3x, Upsampler2x } from "../audio/resample.ts";
import { callerLine, type CallerLineName } from "../emulators/speech.ts";
import { Hearing } from "../lib/call/hearing.ts";
import { Playout } from "../lib/call/playout.ts";
import { SileroNetwork } from "../lib/hearing/silero_vad.ts";
import { FrameSequencer } from "../lib/twilio/frame_sequencer.ts";
import { parseInbound, StreamMessageWriter } from "../lib/twilio/media_messages.ts";
import { NOBODYS_TURN, step } from "../lib/turns/turn_machine.ts";
import { DEFAULT_BARGE_IN, DEFAULT_TURN_SETTINGS } from "../lib/turns/turn_settings.ts";
import { sine } from "../tests/audio/tones.ts";
import { costColumns, type Job, measure, median, print, row } from "./measure.ts";

const RUNS = 2_000;
const VAD_FRAMES = 500;
const VAD_ROUNDS = 7;

/** Runs the benchmark and prints its table. */
export async function stageBench(): Promise<void> {
  const jobs = [controlJob(), ...uplinkJobs(), hearingJob(), ...downlinkJobs()];
  const costs = measure(jobs.map(({ run }) => run), RUNS);
  print("\nStages of a call, per frame of 20 ms");
  print(row("", ["us", "spread", "x first"]));
  for (const [i, { name }] of jobs.entries()) print(row(name, costColumns(costs, i)));
  const scored = await vadCosts();
  const spread = `${Math.min(...scored).toFixed(2)}-${Math.max(...scored).toFixed(2)}`;
  print(row("up: voice activity network", [median(scored).toFixed(2), spread]));
}

function uplinkJobs(): Job[] {
  const line = sine(440, { rateHz: 8_000, seconds: 0.02 });
  const mulaw = new Uint8Array(line.length);
  encodeMulaw(line, mulaw);
  const payload = mulaw.toBase64();
  const text = JSON.stringify({
    event: "media",
    sequenceNumber: "3",
    streamSid: "MZ" + "0".repeat(32),
    media: { track: "inbound", chunk: "2", timestamp: "93", payload },
  });
  const sequencer = new FrameSequencer(() => {});
  const pcm = new Int16Array(line.length);
  const upsampler = new Upsampler2x();
  let chunk = 0;
  return [
    { name: "up: read the message", run: () => parseInbound(text) },
    { name: "up: put in order", run: () => sequencer.push(++chunk, chunk * 20, mulaw) },
    { name: "up: decode mu-law", run: () => decodeMulaw(mulaw, pcm) },
    { name: "up: 8 to 16 kHz", run: () => upsampler.push(line) },
  ];
}

/** Work that never changes: says how fast the machine is in this very round. */
function controlJob(): Job {
  return {
    name: "control: 5,000 products in a row",
    run: () => {
      let product = 1;
      for (let i = 0; i < 5_000; i++) product *= 1.000_000_1;
      return product;
    },
  };
}

/**
 * All that is made of a frame once the network has scored it: its shape, the echo in it, whether it breaks in, whether speech
 * begins or ends, whose turn it is. Both sides speak all the time and every frame is judged: no call costs more.
 */
function hearingJob(): Job {
  const caller = lineFrames("story");
  const played = lineFrames("window").map((frame) => {
    const mulaw = new Uint8Array(frame.length);
    encodeMulaw(frame, mulaw);
    return mulaw;
  });
  const hearing = new Hearing(DEFAULT_TURN_SETTINGS, DEFAULT_BARGE_IN);
  const settings = { ...DEFAULT_TURN_SETTINGS, bargeIn: "decide" } as const;
  let n = 0;
  return {
    name: "up: all of hearing but the network",
    run: () => {
      const line = caller[n % caller.length] ?? new Int16Array(LINE_FRAME_SAMPLES);
      const endMs = ++n * FRAME_MS;
      const { bargeIn } = hearing.hear({
        line,
        played: played[n % played.length],
        endMs,
        speechProbability: n % 50 < 35 ? 0.9 : 0.1,
      }, true);
      if (bargeIn?.type === "interrupt") hearing.answerBegan();
      step(NOBODYS_TURN, { type: "frame-heard", streamMs: endMs }, settings);
    },
  };
}

/** Recorded speech as the line carries it, in frames; only what it costs matters, so every other sample will do. */
function lineFrames(name: CallerLineName): Int16Array[] {
  const pcm = callerLine(name).pcm16k.filter((_, i) => i % 2 === 0);
  return Array.from(
    { length: Math.floor(pcm.length / LINE_FRAME_SAMPLES) },
    (_, i) => pcm.slice(i * LINE_FRAME_SAMPLES, (i + 1) * LINE_FRAME_SAMPLES),
  );
}

function downlinkJobs(): Job[] {
  const model = sine(440, { rateHz: 24_000, seconds: 0.02 });
  const downsampler = new Downsampler3x();
  const line = downsampler.push(model).slice();
  const mulaw = new Uint8Array(line.length);
  const writer = new StreamMessageWriter("MZ" + "0".repeat(32));
  const playout = new Playout();
  playout.begin();
  let nowMs = 0;
  return [
    { name: "down: 24 to 8 kHz", run: () => downsampler.push(model) },
    { name: "down: encode mu-law", run: () => encodeMulaw(line, mulaw) },
    { name: "down: playout", run: () => playout.push(mulaw, nowMs += 20) },
    { name: "down: write the message", run: () => writer.media(mulaw) },
  ];
}

async function vadCosts(): Promise<number[]> {
  const detector = (await SileroNetwork.load()).detector();
  const frame = sine(440, { rateHz: 16_000, seconds: 0.02 });
  const costs: number[] = [];
  for (let round = 0; round <= VAD_ROUNDS; round++) {
    const startMs = performance.now();
    for (let n = 0; n < VAD_FRAMES; n++) await detector.score(frame);
    if (round > 0) costs.push((performance.now() - startMs) * 1_000 / VAD_FRAMES);
  }
  return costs;
}

if (import.meta.main) await stageBench();
