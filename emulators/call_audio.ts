/**
 * The audio of a call: what the caller says goes out and what the server sends is heard, both in steps of 20 ms that
 * begin at fixed times of the clock.
 *
 * Frame n lasts from t0 + 20n to t0 + 20(n + 1). What the caller said in it leaves at its end; what is heard in it was in
 * the playout buffer at its beginning. Before a message from the server is taken, all frames that are due by then are
 * played, so a timer that fires late changes when things are sent, but not what is heard.
 *
 * @module
 */

import { FRAME_MS } from "../audio/rates.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import { AudioRecord } from "./audio_record.ts";
import {
  type CallerAct,
  type CallerMove,
  type CallerScript,
  isAudible,
  ScriptPlayer,
} from "./caller_script.ts";
import type { LineStream } from "./line_stream.ts";
import { type PlayedFrame, PlayoutBuffer } from "./playout_buffer.ts";
import type { ServerMessage } from "./stream_rules.ts";

/** The 20 ms that are sounding. */
interface CurrentFrame {
  readonly atMs: number;
  readonly move: CallerMove;
  readonly played: PlayedFrame;
}

/** A stream and what belongs to it alone. */
interface Attached {
  readonly stream: LineStream;
  readonly playout: PlayoutBuffer;
  /** When its first frame began; undefined before. */
  firstFrameAtMs: number | undefined;
}

/** Frames that the line keeps back until a moment. */
interface Burst {
  readonly untilMs: number;
  readonly frames: { mulaw: Uint8Array; atMs: number }[];
}

const NOTHING_PLAYED: PlayedFrame = new PlayoutBuffer().nextFrame();

/** The caller's mouth and ear, from the answer to the end. */
export class CallAudio {
  /** What happened so far. */
  readonly record: AudioRecord = new AudioRecord();
  /** Whether a voice outside of the stream is talking to the caller. */
  spokenTo = false;
  readonly #clock: Clock;
  readonly #player: ScriptPlayer;
  readonly #onHangUp: () => void;
  #nextAtMs = 0;
  #timer: Timer | undefined;
  #current: CurrentFrame | undefined;
  #attached: Attached | undefined;
  #burst: Burst | undefined;
  #recording = false;

  /**
   * The caller neither hears nor acts before {@linkcode CallAudio.begin}.
   *
   * @param options `onHangUp` is called when the caller hangs up
   */
  constructor(options: { clock: Clock; script: CallerScript; onHangUp: () => void }) {
    this.#clock = options.clock;
    this.#player = new ScriptPlayer(options.script);
    this.#onHangUp = options.onHangUp;
  }

  /** The caller begins to hear and to act; more than once does no harm. */
  begin(): void {
    if (this.#timer || this.#nextAtMs === Infinity) return;
    this.#nextAtMs = this.#clock.nowMs();
    this.#advance();
  }

  /** A stream has begun: it gets the frames that begin from now on. */
  attach(stream: LineStream): void {
    this.#attached = { stream, playout: new PlayoutBuffer(), firstFrameAtMs: undefined };
    this.begin();
  }

  /** The stream is over; what it had not played will not be heard. */
  detach(): void {
    this.#attached = undefined;
    this.#burst = undefined;
    this.record.streamEnded();
  }

  /** Takes a message of the server. */
  receive(message: ServerMessage): void {
    this.#play();
    const attached = this.#attached;
    if (!attached) return;
    const { playout, stream } = attached;
    const atMs = this.#clock.nowMs();
    if (message.type === "media") playout.push(message.mulaw);
    if (message.type === "mark") playout.mark(message.name);
    const cleared = message.type === "clear" ? playout.clear() : undefined;
    this.record.message(message, { atMs, waitingBytes: playout.waitingBytes });
    if (cleared) {
      this.record.cleared(atMs, cleared.droppedBytes);
      this.record.marksReached(cleared.marks.length, { atMs, cleared: true });
      for (const name of cleared.marks) stream.echoMark(name);
    }
    if (message.type === "mark") this.#echoReached(attached, atMs);
  }

  /** The call is over. */
  end(): void {
    this.#timer?.cancel();
    this.#nextAtMs = Infinity;
  }

  /** Plays what is due and sets the timer for the next frame. */
  #advance(): void {
    this.#play();
    if (this.#nextAtMs === Infinity) return;
    this.#timer = this.#clock.at(this.#nextAtMs, () => this.#advance());
  }

  #play(): void {
    while (this.#nextAtMs <= this.#clock.nowMs()) {
      const atMs = this.#nextAtMs;
      this.#nextAtMs += FRAME_MS;
      this.#frameDue(atMs);
    }
  }

  /** One frame is over and the next begins. */
  #frameDue(atMs: number): void {
    const last = this.#current;
    const heard = last !== undefined && (this.spokenTo || isAudible(last.played.mulaw));
    if (last) this.#finish(last);
    const attached = this.#attached;
    if (attached) {
      attached.firstFrameAtMs ??= atMs;
      this.#recording = true;
    }
    const played = attached?.playout.nextFrame() ?? NOTHING_PLAYED;
    if (attached) this.#echoReached(attached, atMs);
    const move = this.#player.next(heard);
    this.#current = { atMs, move, played };
    for (const act of move.acts) this.#act(act, atMs);
  }

  #finish({ atMs, move, played }: CurrentFrame): void {
    const first = this.#attached?.firstFrameAtMs;
    const sent = first !== undefined && atMs >= first && !move.withheld;
    if (sent) this.#deliver({ mulaw: move.mulaw, atMs });
    if (!this.#recording) return;
    this.record.frame({
      atMs,
      said: move.mulaw,
      heard: played.mulaw,
      audioBytes: played.audioBytes,
    });
  }

  #deliver(frame: { mulaw: Uint8Array; atMs: number }): void {
    const burst = this.#burst;
    burst?.frames.push(frame);
    if (burst && frame.atMs + FRAME_MS < burst.untilMs) return;
    this.#burst = undefined;
    const { stream, firstFrameAtMs = 0 } = this.#attached ?? {};
    for (const { mulaw, atMs } of burst?.frames ?? [frame]) {
      stream?.sendFrame(mulaw, atMs - firstFrameAtMs);
    }
    this.record.lateness(this.#clock.nowMs() - frame.atMs - FRAME_MS);
  }

  #echoReached({ playout, stream }: Attached, atMs: number): void {
    const names = playout.takeReached();
    this.record.marksReached(names.length, { atMs, cleared: false });
    for (const name of names) stream.echoMark(name);
  }

  #act(act: CallerAct, atMs: number): void {
    switch (act.type) {
      case "speaks":
        return this.record.speech({
          text: act.text,
          startedAtMs: atMs,
          endedAtMs: atMs + act.speechMs,
        });
      case "presses":
        return this.#attached?.stream.sendDigit(act.digit);
      case "bursts":
        this.#burst = { untilMs: atMs + act.ms, frames: [] };
        return;
      case "gives-up":
        return this.record.gaveUp(act.why);
      case "hangs-up":
        return this.#onHangUp();
      default:
        return act satisfies never;
    }
  }
}
