/**
 * What each stage of a call costs per 20-ms frame, on one core.
 *
 * @module
 */

import { EchoMatch } from "../audio/echo_match.ts";
import { BANDS, FrameShapes } from "../audio/frame_shape.ts";
import { decodeMulaw, encodeMulaw } from "../audio/mulaw.ts";
import { Downsampler3x, Upsampler2x } from "../audio/resample.ts";
import { Playout } from "../lib/call/playout.ts";
import { SileroNetwork } from "../lib/hearing/silero_vad.ts";
import { FrameSequencer } from "../lib/twilio/frame_sequencer.ts";
import { parseInbound, StreamMessageWriter } from "../lib/twilio/media_messages.ts";
import { BargeInJudge } from "../lib/turns/barge_in.ts";
import { DEFAULT_ENDPOINT_SETTINGS } from "../lib/turns/endpoint_settings.ts";
import { Endpointer } from "../lib/turns/endpointing.ts";
import { NOBODYS_TURN, step } from "../lib/turns/turn_machine.ts";
import { DEFAULT_BARGE_IN, DEFAULT_TURN_SETTINGS } from "../lib/turns/turn_settings.ts";
import { sine } from "../tests/audio/tones.ts";
import { costColumns, type Job, measure, median, print, row } from "./measure.ts";

const RUNS = 2_000;
const VAD_FRAMES = 500;
const VAD_ROUNDS = 7;

/** Runs the benchmark and prints its table. */
export async function stageBench(): Promise<void> {
  const jobs = [...uplinkJobs(), judgeJob(), ...downlinkJobs()];
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
  const endpointer = new Endpointer(DEFAULT_ENDPOINT_SETTINGS);
  return [
    { name: "up: read the message", run: () => parseInbound(text) },
    { name: "up: put in order", run: () => sequencer.push(++chunk, chunk * 20, mulaw) },
    { name: "up: decode mu-law", run: () => decodeMulaw(mulaw, pcm) },
    { name: "up: 8 to 16 kHz", run: () => upsampler.push(line) },
    {
      name: "up: turn-taking",
      run: () => {
        const frame = { endMs: ++chunk * 20, levelDbfs: -30, speechProbability: chunk % 2 };
        endpointer.hear(frame);
        step(NOBODYS_TURN, { type: "frame-heard", streamMs: frame.endMs }, {
          ...DEFAULT_TURN_SETTINGS,
          bargeIn: "decide",
        });
      },
    },
  ];
}

/** Holds and decides twice a second and looks for an echo in every frame: no call costs more. */
function judgeJob(): Job {
  const caller = sine(440, { rateHz: 8_000, seconds: 0.02 });
  const silence = new Int16Array(caller.length);
  const played = sine(620, { rateHz: 8_000, seconds: 0.02 });
  const [shapes, echo] = [new FrameShapes(), new EchoMatch()];
  const judge = new BargeInJudge(BANDS, DEFAULT_BARGE_IN);
  let endMs = 0;
  return {
    name: "up: judge a sound",
    run: () => {
      shapes.push(endMs % 500 < 240 ? caller : silence, played);
      echo.push(shapes.caller, shapes.played, true);
      const { likeness, excessDb, isCertain } = echo.view;
      const { levelDb, bandsDb } = shapes.caller;
      const order = judge.hear({
        endMs: endMs += 20,
        speechProbability: 0.9,
        levelDb,
        bandsDb,
        voicing: shapes.voicing,
        echoLikeness: likeness,
        echoExcessDb: excessDb,
        isEchoCertain: isCertain,
      }, true);
      if (order?.type === "interrupt") judge.answerBegan();
    },
  };
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
