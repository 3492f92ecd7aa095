/** What a page plays: its output, listened to beside the loudspeaker. */

import type { Page } from "playwright-core";
import { convertRate } from "../../audio/file_to_pcm.ts";
import { LINE_HZ } from "../../audio/rates.ts";

/** Samples of everything that a page has played, in base64, and their rate. */
interface Played {
  hz: number;
  pcm: string;
}

declare global {
  /** Set by {@linkcode listenTo} in the page. */
  var playedSoFar: (() => Played) | undefined;
}

/** Listens to whatever the page plays from now on; has to come before it is opened. */
export async function listenTo(page: Page): Promise<void> {
  // In the words of the browser: this runs there, and its types are not known here.
  await page.addInitScript(`
    const connect = AudioNode.prototype.connect;
    AudioNode.prototype.connect = function (to, ...rest) {
      if (to instanceof AudioDestinationNode) {
        const pieces = [];
        const tap = this.context.createScriptProcessor(4096, 1, 1);
        tap.onaudioprocess = ({ inputBuffer }) => pieces.push(inputBuffer.getChannelData(0).slice());
        connect.call(this, tap);
        connect.call(tap, to);
        const hz = this.context.sampleRate;
        globalThis.playedSoFar = () => {
          const pcm = pieces.flatMap((piece) => [...piece]);
          const bytes = new Uint8Array(Int16Array.from(pcm, (v) => Math.max(-1, Math.min(1, v)) * 32767).buffer);
          let text = "";
          for (let at = 0; at < bytes.length; at += 8192) {
            text += String.fromCharCode(...bytes.subarray(at, at + 8192));
          }
          return { hz, pcm: btoa(text) };
        };
      }
      return connect.call(this, to, ...rest);
    };
  `);
}

/** All that the page has played so far, at the rate of the line. */
export async function heardIn(page: Page): Promise<Int16Array> {
  const played = await page.evaluate(() => globalThis.playedSoFar?.());
  if (!played) throw new Error("Cannot hear the page: it has played nothing");
  const pcm = new Int16Array(Uint8Array.fromBase64(played.pcm).buffer);
  return convertRate(pcm, { fromHz: played.hz, toHz: LINE_HZ });
}
