/**
 * A media stream between a socket of the test's own and a clock that stands still.
 *
 * @module
 */

import type { CallFacts, Leg, LegEvent } from "../../lib/call/leg.ts";
import { createLog } from "../../lib/log.ts";
import { type Admit, type LegSocket, MediaStream } from "../../lib/twilio/media_leg.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** What is known of the test's call. */
export const FACTS: CallFacts = {
  callSid: "CA1",
  from: "+14155550100",
  to: "+14155550199",
  direction: "inbound",
  agent: "default",
};

/** A socket that keeps what is sent and how it is closed. */
export class FakeSocket implements LegSocket {
  /** Text frames, in order. */
  readonly sent: string[] = [];
  /** Codes of every close() that did something. */
  readonly closes: (number | undefined)[] = [];
  bufferedAmount = 0;
  readyState = 1;

  send(text: string): void {
    if (this.readyState !== 1) throw new Error("sent into a dead socket");
    this.sent.push(text);
  }

  close(code?: number): void {
    if (this.readyState !== 1) return;
    this.readyState = 2;
    this.closes.push(code);
  }

  /** What was sent, parsed. */
  get messages(): unknown[] {
    return this.sent.map((text) => JSON.parse(text));
  }
}

/** A stream and all that surrounds it. */
export interface Rig {
  clock: FakeClock;
  socket: FakeSocket;
  stream: MediaStream;
  /** Log lines, parsed. */
  lines: Record<string, unknown>[];
  /** Hands a message in as Twilio would. */
  say(message: unknown): void;
}

/** A stream that waits for its start; `admit` takes whoever brings the token `good`. */
export function createRig(options: { accountSid?: string; admit?: Admit } = {}): Rig {
  const clock = new FakeClock();
  const socket = new FakeSocket();
  const lines: Record<string, unknown>[] = [];
  const stream = new MediaStream(socket, {
    clock,
    log: createLog({ level: "debug", clock, write: (line) => lines.push(JSON.parse(line)) }),
    accountSid: options.accountSid,
    admit: options.admit ??
      (({ token }) => Promise.resolve(token === "good" ? FACTS : undefined)),
  });
  return {
    clock,
    socket,
    stream,
    lines,
    say: (message) => stream.message(JSON.stringify(message)),
  };
}

/** A good `start`, with `change` made to what it says. */
export function startMessage(change: object = {}): object {
  return {
    event: "start",
    sequenceNumber: "1",
    streamSid: "MZ1",
    start: {
      accountSid: "AC1",
      streamSid: "MZ1",
      callSid: "CA1",
      tracks: ["inbound"],
      mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
      customParameters: { token: "good" },
      ...change,
    },
  };
}

/** A frame of audio, all its bytes `chunk`. */
export function mediaMessage(chunk: number, change: object = {}): object {
  return {
    event: "media",
    sequenceNumber: String(chunk + 1),
    streamSid: "MZ1",
    media: {
      track: "inbound",
      chunk: String(chunk),
      timestamp: String(53 + 20 * chunk),
      payload: new Uint8Array(160).fill(chunk % 200).toBase64(),
      ...change,
    },
  };
}

/** A stream past its start, with somebody listening. */
export async function openRig(): Promise<Rig & { leg: Leg; events: LegEvent[] }> {
  const rig = createRig();
  rig.say({ event: "connected", protocol: "Call", version: "1.0.0" });
  rig.say(startMessage());
  const opened = await rig.stream.opened;
  if (!opened) throw new Error("the stream was refused");
  const events: LegEvent[] = [];
  opened.leg.listen((event) => events.push(event));
  return { ...rig, leg: opened.leg, events };
}

/** First byte of every frame of audio among the events. */
export function heard(events: readonly LegEvent[]): (number | undefined)[] {
  return events.flatMap((event) => event.type === "frame-received" ? [event.mulaw[0]] : []);
}
