/**
 * The far end of a media stream on a test's clock: sends frames, plays what comes, echoes marks.
 *
 * @module
 */

import { decodeMulaw, encodeMulaw } from "../../audio/mulaw.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES } from "../../audio/rates.ts";
import type { Clock } from "../../lib/clock.ts";
import type { LegSocket } from "../../lib/twilio/media_leg.ts";

const SILENCE = new Uint8Array(LINE_FRAME_SAMPLES).fill(0xff);

/** One message from the server, with its time. */
export interface SentMessage {
  readonly atMs: number;
  readonly event: "media" | "mark" | "clear";
  /** Bytes of audio, for media. */
  readonly bytes: number;
  readonly name: string;
}

/** What waits to be played: audio, or a mark behind it. */
type Queued = { audio: Uint8Array } | { mark: string };

/** What the caller does next; all but a key takes a frame's time. */
type Step = Uint8Array | "nothing" | "hang-up" | { key: string };

/** A caller's phone and the network between, as one socket. */
export class FakeLine implements LegSocket {
  readonly streamSid = "MZ" + "5".repeat(32);
  readonly callSid = "CA" + "1".repeat(32);
  readonly accountSid = "AC" + "2".repeat(32);
  readonly bufferedAmount = 0;
  readyState = 1;
  /** What the server sent. */
  readonly sent: SentMessage[] = [];
  /** What the caller heard, one entry per 20 ms since the stream began. */
  readonly heard: Uint8Array[] = [];
  /** What the caller said, the same. */
  readonly said: Uint8Array[] = [];
  closeCode: number | undefined;
  /** Whether marks come back. */
  echoesMarks = true;
  /** How the phone's own sound comes back through its microphone; absent: not at all. */
  echo: { delayMs: number; gainDb: number } | undefined;
  /** Whether it reads what the server sends; what it has not read waits on the way. */
  reads = true;
  readonly #unread: string[] = [];
  readonly #clock: Clock;
  #deliver: (data: unknown) => void = () => {};
  #closed: () => void = () => {};
  #queue: Queued[] = [];
  #script: Step[] = [];
  #sequence = 0;
  #startMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Opens the stream: `deliver` gets each message, `closed` the end. */
  open(handlers: { deliver: (data: unknown) => void; closed: () => void }, token: string): void {
    this.#deliver = handlers.deliver;
    this.#closed = handlers.closed;
    this.#startMs = this.#clock.nowMs();
    this.#deliver(JSON.stringify({ event: "connected", protocol: "Call", version: "1.0.0" }));
    this.#post("start", {
      start: {
        accountSid: this.accountSid,
        streamSid: this.streamSid,
        callSid: this.callSid,
        tracks: ["inbound"],
        mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
        customParameters: { token },
      },
    });
    this.#tick(1);
  }

  /** Lets the caller say this next; silence until then and after. */
  say(mulaw: Uint8Array): void {
    for (let from = 0; from + LINE_FRAME_SAMPLES <= mulaw.length; from += LINE_FRAME_SAMPLES) {
      this.#script.push(mulaw.subarray(from, from + LINE_FRAME_SAMPLES));
    }
  }

  /** Lets the caller be silent for a while. */
  pause(ms: number): void {
    for (let passed = 0; passed < ms; passed += FRAME_MS) this.#script.push(SILENCE);
  }

  /** Holds frames back for a while; what is said meanwhile is lost or comes in one go. */
  stall(ms: number): void {
    for (let passed = 0; passed < ms; passed += FRAME_MS) this.#script.push("nothing");
  }

  /** Lets the caller press a key; the network sends no tone. */
  press(digit: string): void {
    this.#script.push({ key: digit });
  }

  /** Lets the caller hang up when all else is said. */
  hangUp(): void {
    this.#script.push("hang-up");
  }

  /** Delivers anything, as if the network had sent it. */
  inject(data: unknown): void {
    this.#deliver(data);
  }

  send(text: string): void {
    const { event, media, mark } = JSON.parse(text);
    const bytes = media ? Uint8Array.fromBase64(media.payload).length : 0;
    this.sent.push({ atMs: this.#clock.nowMs(), event, bytes, name: mark?.name ?? "" });
    this.#unread.push(text);
    this.#read();
  }

  #read(): void {
    for (const text of this.reads ? this.#unread.splice(0) : []) this.#take(JSON.parse(text));
  }

  #take({ event, media, mark }: {
    event: string;
    media: { payload: string };
    mark: { name: string };
  }): void {
    if (event === "media") this.#queue.push({ audio: Uint8Array.fromBase64(media.payload) });
    else if (event === "mark") this.#queue.push({ mark: mark.name });
    else {
      const pending = this.#queue;
      this.#queue = [];
      for (const item of pending) if ("mark" in item) this.#echo(item.mark);
    }
  }

  close(code = 1005): void {
    if (this.readyState !== 1) return;
    this.readyState = 3;
    this.closeCode = code;
    this.#closed();
  }

  #tick(frame: number): void {
    this.#clock.at(this.#startMs + frame * FRAME_MS, () => {
      if (this.readyState !== 1) return;
      this.#read();
      this.#play();
      this.#speak(frame - 1);
      this.#tick(frame + 1);
    });
  }

  #speak(frame: number): void {
    let next = this.#script.shift() ?? SILENCE;
    while (typeof next === "object" && "key" in next) {
      this.#post("dtmf", { dtmf: { track: "inbound_track", digit: next.key } });
      next = this.#script.shift() ?? SILENCE;
    }
    if (next === "nothing") return;
    if (next === "hang-up") {
      this.#post("stop", { stop: { accountSid: this.accountSid, callSid: this.callSid } });
      return this.close(1000);
    }
    const spoken = this.#withEcho(next);
    this.said.push(spoken);
    const timestamp = String(73 + frame * FRAME_MS);
    const payload = spoken.toBase64();
    this.#post("media", {
      media: { track: "inbound", chunk: String(this.said.length), timestamp, payload },
    });
  }

  #withEcho(frame: Uint8Array): Uint8Array {
    if (!this.echo) return frame;
    const played = this.heard.at(-1 - this.echo.delayMs / FRAME_MS) ?? SILENCE;
    const gain = 10 ** (this.echo.gainDb / 20);
    const [near, far] = [new Int16Array(frame.length), new Int16Array(frame.length)];
    decodeMulaw(frame, near);
    decodeMulaw(played, far);
    const mixed = new Uint8Array(frame.length);
    encodeMulaw(near.map((sample, i) => sample + gain * (far[i] ?? 0)), mixed);
    return mixed;
  }

  /** Plays one frame's time. */
  #play(): void {
    const frame = SILENCE.slice();
    let filled = 0;
    while (this.#queue.length > 0) {
      const item = this.#queue[0];
      if (item && "mark" in item) {
        this.#queue.shift();
        this.#echo(item.mark);
      } else if (item && filled < frame.length) {
        const piece = item.audio.subarray(0, frame.length - filled);
        frame.set(piece, filled);
        filled += piece.length;
        if (piece.length === item.audio.length) this.#queue.shift();
        else this.#queue[0] = { audio: item.audio.subarray(piece.length) };
      } else break;
    }
    this.heard.push(frame);
  }

  #echo(name: string): void {
    if (this.echoesMarks) this.#post("mark", { mark: { name } });
  }

  #post(event: string, fields: Record<string, unknown>): void {
    const sequenceNumber = String(++this.#sequence);
    this.#deliver(JSON.stringify({ event, sequenceNumber, streamSid: this.streamSid, ...fields }));
  }
}
