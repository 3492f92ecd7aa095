/**
 * What the microphone of a test hears. Either Chromium's own fake device plays a file, over and over; or the test says
 * something when it is time, whatever the machine is busy with.
 */

import type { Page } from "playwright-core";
import { MODEL_INPUT_HZ } from "../../audio/rates.ts";
import { writeWav } from "../../audio/wav.ts";
import { callerLine, type CallerLineName } from "../../emulators/speech.ts";

declare global {
  /** Set by {@linkcode giveMicrophone} in the page: plays a WAV file, in base64, into the microphone. */
  var sayIntoMicrophone: ((wav: string) => Promise<void>) | undefined;
}

/** Writes a file with a line of the caller's between two silences. @returns Its path; the caller removes it */
export async function microphoneFile(name: CallerLineName, silenceS: number): Promise<string> {
  const { pcm16k } = callerLine(name);
  const silence = silenceS * MODEL_INPUT_HZ;
  const pcm = new Int16Array(pcm16k.length + 2 * silence);
  pcm.set(pcm16k, silence);
  const path = await Deno.makeTempFile({ suffix: ".wav" });
  await Deno.writeFile(path, writeWav({ hz: MODEL_INPUT_HZ, channels: [pcm] }));
  return path;
}

/**
 * Gives a page a microphone that hears only what a test says; has to come before it is opened. It sounds within the page's
 * own audio context: between two of them a busy machine would lose some of it.
 */
export async function giveMicrophone(page: Page): Promise<void> {
  // In the words of the browser: this runs there, and its types are not known here.
  await page.addInitScript(`
    const { mediaDevices } = navigator;
    const getUserMedia = mediaDevices.getUserMedia.bind(mediaDevices);
    let stream;
    mediaDevices.getUserMedia = async (wanted) => {
      if (wanted.video) return await getUserMedia(wanted);
      return stream = new AudioContext().createMediaStreamDestination().stream;
    };
    const { createMediaStreamSource } = AudioContext.prototype;
    AudioContext.prototype.createMediaStreamSource = function (source) {
      if (source !== stream) return createMediaStreamSource.call(this, source);
      const microphone = this.createGain();
      // A room is never quite silent.
      const room = this.createOscillator();
      const far = this.createGain();
      far.gain.value = 0.0002;
      room.connect(far).connect(microphone);
      room.start();
      globalThis.sayIntoMicrophone = async (wav) => {
        const bytes = Uint8Array.from(atob(wav), (letter) => letter.charCodeAt(0));
        const said = this.createBufferSource();
        said.buffer = await this.decodeAudioData(bytes.buffer);
        said.connect(microphone);
        said.start();
        await new Promise((resolve) => said.onended = resolve);
      };
      return microphone;
    };
  `);
}

/** Says a line of the caller's. @returns When its last sound was said */
export async function say(page: Page, name: CallerLineName): Promise<void> {
  const { pcm16k } = callerLine(name);
  const wav = writeWav({ hz: MODEL_INPUT_HZ, channels: [pcm16k] }).toBase64();
  await page.evaluate(async (sound) => await globalThis.sayIntoMicrophone?.(sound), wav);
}
