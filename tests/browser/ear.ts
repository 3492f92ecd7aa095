/** What a page plays: its output, listened to beside the loudspeaker. */

import type { Page } from "playwright-core";
import { convertRate } from "../../audio/file_to_pcm.ts";
import { EAR_HZ } from "./sound_pieces.ts";

/** Nothing but zeros for longer than this is silence. */
const LONGEST_ZERO_S = 0.001;

/** Samples of everything that a page has played, in base64, and their rate. */
interface Played {
  hz: number;
  pcm: string;
}

declare global {
  /** Set by {@linkcode listenTo} in the page. */
  var playedSoFar: (() => Played) | undefined;
  /** Set by {@linkcode listenTo} in the page: how long it has sounded, without the pauses; and since when it is quiet. */
  var sounded: { loudMs: number; quietMs: number };
}

/** Hands on every block that it hears: however busy the page is, none is lost. */
const TAP = `
  class Tap extends AudioWorkletProcessor {
    process([input]) {
      if (input[0]) this.port.postMessage(input[0].slice());
      return true;
    }
  }
  registerProcessor("tap", Tap);
`;

/**
 * Listens to whatever the page plays from now on; has to come before it is opened. The ear is a script that is no file
 * of the server's, so the page's context must be one that lets it in.
 */
export async function listenTo(page: Page): Promise<void> {
  // In the words of the browser: this runs there, and its types are not known here.
  await page.addInitScript(`
    globalThis.sounded = { loudMs: 0, quietMs: 0 };
    const connect = AudioNode.prototype.connect;
    AudioNode.prototype.connect = function (to, ...rest) {
      if (to instanceof AudioDestinationNode) {
        const pieces = [];
        const { context } = this;
        const file = new Blob([${JSON.stringify(TAP)}], { type: "text/javascript" });
        context.audioWorklet.addModule(URL.createObjectURL(file)).then(() => {
          const tap = new AudioWorkletNode(context, "tap", { numberOfOutputs: 0 });
          tap.port.onmessage = ({ data }) => {
            pieces.push(data);
            const { sounded } = globalThis;
            const ms = 1000 * data.length / context.sampleRate;
            const isLoud = data.some((sample) => Math.abs(sample) > 0.01);
            if (isLoud) sounded.loudMs += ms;
            sounded.quietMs = isLoud ? 0 : sounded.quietMs + ms;
          };
          connect.call(this, tap);
        });
        globalThis.playedSoFar = () => {
          const pcm = new Int16Array(pieces.reduce((sum, { length }) => sum + length, 0));
          let filled = 0;
          for (const piece of pieces) {
            for (const v of piece) pcm[filled++] = Math.max(-1, Math.min(1, v)) * 32767;
          }
          const bytes = new Uint8Array(pcm.buffer);
          let text = "";
          for (let at = 0; at < bytes.length; at += 8192) {
            text += String.fromCharCode(...bytes.subarray(at, at + 8192));
          }
          return { hz: context.sampleRate, pcm: btoa(text) };
        };
      }
      return connect.call(this, to, ...rest);
    };
  `);
}

/** All that the page has played so far, without its silences: those of the answers, and the gaps of a busy machine. */
export async function heardIn(page: Page): Promise<Int16Array> {
  const played = await page.evaluate(() => globalThis.playedSoFar?.());
  if (!played) throw new Error("Cannot hear the page: it has played nothing");
  const pcm = new Int16Array(Uint8Array.fromBase64(played.pcm).buffer);
  return convertRate(withoutSilence(pcm, played.hz), { fromHz: played.hz, toHz: EAR_HZ });
}

function withoutSilence(pcm: Int16Array, hz: number): Int16Array {
  const sound = new Int16Array(pcm.length);
  let length = 0, zeros = 0;
  for (const sample of pcm) {
    zeros = sample === 0 ? zeros + 1 : 0;
    sound[length++] = sample;
    if (zeros > LONGEST_ZERO_S * hz) length--;
  }
  return sound.subarray(0, length);
}

/** How long the page has sounded so far, in its own time, without the pauses. */
export async function loudMs(page: Page): Promise<number> {
  return await page.evaluate(() => globalThis.sounded.loudMs);
}

/** Waits until the page has sounded for so long in all. */
export async function untilLoud(page: Page, ms: number): Promise<void> {
  await page.waitForFunction((enough) => globalThis.sounded.loudMs >= enough, ms, { polling: 50 });
}

/** Waits until the page has been quiet for so long, in its own time. */
export async function untilQuiet(page: Page, ms: number): Promise<void> {
  await page.waitForFunction((enough) => globalThis.sounded.quietMs >= enough, ms, { polling: 50 });
}
