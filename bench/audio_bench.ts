/**
 * What resampling and mu-law cost and how good they are, ours beside the peers', in one run.
 *
 * Rounds are interleaved: in each, everybody does the same work once, so a busy machine slows all alike. A ratio is taken
 * within a round and its median is printed; times are the median and the spread of the rounds.
 *
 * @module
 */

import alawmulaw from "alawmulaw";
import { decodeMulaw, encodeMulaw } from "../audio/mulaw.ts";
import { fitSine, groupDelayMs, powerDb, range, sine } from "../tests/audio/tones.ts";
import { costColumns, type Job, measure, print, row } from "./measure.ts";
import { createPeers, type Frame, type Peer, type Rates } from "./resampler_peers.ts";

const FRAMES_PER_SECOND = 50;
const AMPLITUDE = 0.7;

/** Runs the benchmark and prints its tables. */
export async function audioBench(): Promise<void> {
  for (const rates of [{ fromHz: 8_000, toHz: 16_000 }, { fromHz: 24_000, toHz: 8_000 }]) {
    await resamplerBench(rates);
  }
  mulawBench();
}

async function resamplerBench(rates: Rates): Promise<void> {
  const peers = await createPeers(rates);
  const frames = framesOf(sine(440, { rateHz: rates.fromHz }));
  const costs = measure(
    peers.map((peer) => (frame) => peer.push(frames[frame % frames.length] as Frame)),
    1_000,
  );
  print(`\nResampling ${rates.fromHz / 1000} to ${rates.toHz / 1000} kHz, per frame of 20 ms`);
  print(row("", ["us", "spread", "x ours", "ripple dB", "images dB", "alias dB", "delay ms"]));
  for (const [i, peer] of peers.entries()) {
    const { rippleDb, imagesDb, aliasDb, delayMs } = quality(peer, rates);
    const figures = [
      rippleDb.toFixed(3),
      imagesDb.toFixed(0),
      aliasDb?.toFixed(0) ?? "-",
      delayMs.toFixed(2),
    ];
    print(row(peer.name, [...costColumns(costs, i), ...figures]));
  }
}

function mulawBench(): void {
  const pcm = sine(440, { rateHz: 8_000, seconds: 0.02 });
  const mulaw = new Uint8Array(pcm.length);
  const decoded = new Int16Array(pcm.length);
  encodeMulaw(pcm, mulaw);
  const encoders: Job[] = [
    { name: "ours, encode", run: () => encodeMulaw(pcm, mulaw) },
    { name: "alawmulaw, encode", run: () => alawmulaw.mulaw.encode(pcm) },
  ];
  const decoders: Job[] = [
    { name: "ours, decode", run: () => decodeMulaw(mulaw, decoded) },
    { name: "alawmulaw, decode", run: () => alawmulaw.mulaw.decode(mulaw) },
  ];
  print("\nMu-law, per frame of 160 samples");
  print(row("", ["us", "spread", "x ours"]));
  for (const jobs of [encoders, decoders]) {
    const costs = measure(jobs.map(({ run }) => run), 20_000);
    for (const [i, { name }] of jobs.entries()) print(row(name, costColumns(costs, i)));
  }
}

interface Quality {
  /** Between the weakest and the strongest tone from 200 to 3,400 Hz. */
  rippleDb: number;
  /** The worst tone's level over all else that comes out with it. */
  imagesDb: number;
  /** How far down everything from 4,600 Hz up is; nothing if there is no such input. */
  aliasDb?: number;
  delayMs: number;
}

/** Sends a second of each tone through; a resampler is warm after the first, which is sent twice. */
function quality(peer: Peer, { fromHz, toHz }: Rates): Quality {
  const through = (hz: number) => send(peer, sine(hz, { rateHz: fromHz, amplitude: AMPLITUDE }));
  const fit = (hz: number) => fitSine(through(hz), { hz, rateHz: toHz });
  fit(200);
  const fits = [...range(200, 3_400, 200)].map(fit);
  const gainsDb = fits.map(({ amplitude }) => powerDb(amplitude ** 2 / AMPLITUDE ** 2));
  const imagesDb = fits.map(({ amplitude, residue }) => powerDb(amplitude ** 2 / 2 / residue));
  const figures = {
    rippleDb: Math.max(...gainsDb) - Math.min(...gainsDb),
    imagesDb: Math.min(...imagesDb),
    delayMs: groupDelayMs(fit(1_000).phase, fit(1_010).phase, 10),
  };
  if (toHz > fromHz) return figures;
  const aliasDb = [...range(4_600, 11_800, 200)].map((hz) => {
    // Fitted at a frequency that is not there, all that comes out counts as residue.
    const { residue } = fitSine(through(hz), { hz: 0, rateHz: toHz });
    return powerDb(AMPLITUDE ** 2 / 2 / residue);
  });
  return { ...figures, aliasDb: Math.min(...aliasDb) };
}

function send(peer: Peer, pcm: Int16Array): number[] {
  return framesOf(pcm).flatMap((frame) => Array.from(peer.push(frame)));
}

function framesOf(pcm: Int16Array): Frame[] {
  const length = pcm.length / FRAMES_PER_SECOND;
  return Array.from({ length: FRAMES_PER_SECOND }, (_, i) => {
    const frame = pcm.slice(i * length, (i + 1) * length);
    return { pcm: frame, floats: Float32Array.from(frame) };
  });
}

if (import.meta.main) await audioBench();
