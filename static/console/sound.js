// @ts-check
/**
 * Microphone and earpiece.
 *
 * @module
 */

/** The microphone cannot be had; the message says to a person why. */
export class MicrophoneError extends Error {
  /** @override */
  name = "MicrophoneError";
}

/** @type {Readonly<Record<string, string>>} */
const REASONS = {
  NotAllowedError:
    "Permission: the browser does not let this page use the microphone. Allow it beside the address, and call again.",
  NotFoundError: "Microphone: none was found. Plug one in, and call again.",
  NotReadableError: "Microphone: it cannot be opened. Another program may be using it.",
};

/** @returns {Promise<MediaStream>} */
async function openMicrophone() {
  if (!navigator.mediaDevices) {
    throw new MicrophoneError(
      "Permission: browsers give the microphone to https pages and to localhost alone.",
    );
  }
  try {
    return await navigator.mediaDevices.getUserMedia({
      audio: { echoCancellation: true, noiseSuppression: true, channelCount: 1 },
    });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : "";
    throw new MicrophoneError(REASONS[name] ?? `Microphone: it cannot be used (${name}).`);
  }
}

/**
 * @typedef {{ capturedHz: number, playedHz: number }} Rates
 * @typedef {{ heard(samples: Float32Array, peak: number): void, reached(mark: string): void,
 *   sounded(peak: number): void, lost(): void }} Listener
 */

/** An open microphone and earpiece. */
export class Sound {
  #context;
  #microphone;
  #playback;

  /**
   * @param {AudioContext} context
   * @param {MediaStream} microphone
   * @param {Rates & Listener} options
   */
  constructor(context, microphone, { capturedHz, playedHz, ...listener }) {
    this.#context = context;
    this.#microphone = microphone;
    const capture = new AudioWorkletNode(context, "capture", {
      numberOfOutputs: 0,
      processorOptions: { hz: capturedHz },
    });
    capture.port.onmessage = ({ data }) => listener.heard(data.samples, data.peak);
    context.createMediaStreamSource(microphone).connect(capture);
    this.#playback = new AudioWorkletNode(context, "playback", {
      numberOfInputs: 0,
      outputChannelCount: [1],
      processorOptions: { hz: playedHz },
    });
    this.#playback.port.onmessage = ({ data }) => {
      if ("mark" in data) listener.reached(data.mark);
      else listener.sounded(data.peak);
    };
    this.#playback.connect(context.destination);
    for (const track of microphone.getAudioTracks()) {
      track.addEventListener("ended", () => listener.lost());
    }
  }

  /**
   * Opens both.
   *
   * @param {Rates & Listener} options
   * @throws {MicrophoneError}
   */
  static async open(options) {
    // Made while the button is being pressed: later a browser would not let it sound.
    const context = new AudioContext();
    try {
      const microphone = await openMicrophone();
      await context.audioWorklet.addModule("/static/console/capture_worklet.js");
      await context.audioWorklet.addModule("/static/console/playback_worklet.js");
      await context.resume();
      return new Sound(context, microphone, options);
    } catch (error) {
      await context.close();
      throw error;
    }
  }

  /** @param {Float32Array} samples */
  play(samples) {
    this.#playback.port.postMessage({ samples });
  }

  /** @param {string} name */
  mark(name) {
    this.#playback.port.postMessage({ mark: name });
  }

  /** Forgets what was not played. */
  clear() {
    this.#playback.port.postMessage({ clear: true });
  }

  /** Gives the microphone back. */
  async close() {
    for (const track of this.#microphone.getTracks()) track.stop();
    await this.#context.close();
  }
}
