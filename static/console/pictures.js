// @ts-check
/**
 * Camera or screen, as pictures that a model can look at.
 *
 * @module
 */

/** One picture a second is as much as the model looks at. */
const EVERY_MS = 1000;
/** Longer sides are made so long. */
const LONGEST_SIDE = 1024;
const QUALITY = 0.7;

/** Pictures cannot be had; the message says to a person why. */
export class PictureError extends Error {
  /** @override */
  name = "PictureError";
}

/** @type {Readonly<Record<string, string>>} */
const REASONS = {
  NotAllowedError: "Permission: the browser does not let this page see that.",
  NotFoundError: "Camera: none was found.",
  NotReadableError: "Camera: it cannot be opened. Another program may be using it.",
};

/** @typedef {"camera" | "screen"} Source */

/** What is being shown. */
export class Pictures {
  #stream;
  #video;
  #timer;

  /**
   * @param {MediaStream} stream
   * @param {HTMLVideoElement} video
   * @param {{ taken(jpeg: Uint8Array): void, ended(): void }} listener
   */
  constructor(stream, video, listener) {
    this.#stream = stream;
    this.#video = video;
    video.srcObject = stream;
    video.play();
    for (const track of stream.getTracks()) track.addEventListener("ended", () => listener.ended());
    this.#timer = setInterval(async () => {
      const jpeg = await pictureOf(video);
      if (jpeg && video.srcObject === stream) listener.taken(jpeg);
    }, EVERY_MS);
  }

  /**
   * Begins to look.
   *
   * @param {Source} source
   * @param {HTMLVideoElement} video Shows the person what the model sees
   * @param {{ taken(jpeg: Uint8Array): void, ended(): void }} listener
   * @throws {PictureError}
   */
  static async open(source, video, listener) {
    try {
      const stream = source === "camera"
        ? await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 } } })
        : await navigator.mediaDevices.getDisplayMedia({ video: true });
      return new Pictures(stream, video, listener);
    } catch (error) {
      const name = error instanceof DOMException ? error.name : "";
      throw new PictureError(REASONS[name] ?? `Camera: it cannot be used (${name}).`);
    }
  }

  /** Looks no more. */
  close() {
    clearInterval(this.#timer);
    for (const track of this.#stream.getTracks()) track.stop();
    this.#video.srcObject = null;
  }
}

/**
 * @param {HTMLVideoElement} video
 * @returns {Promise<Uint8Array | undefined>} A JPEG; nothing before there is something to see
 */
async function pictureOf(video) {
  const { videoWidth, videoHeight } = video;
  const scale = Math.min(1, LONGEST_SIDE / Math.max(videoWidth, videoHeight, 1));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(videoWidth * scale);
  canvas.height = Math.round(videoHeight * scale);
  if (canvas.width === 0) return undefined;
  canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
  /** @type {Blob | null} */
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  return blob ? new Uint8Array(await blob.arrayBuffer()) : undefined;
}
