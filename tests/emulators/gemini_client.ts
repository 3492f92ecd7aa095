/**
 * A client of Gemini Live that knows no SDK: it sends what it is told to, and keeps what comes.
 *
 * @module
 */

// @ts-types="@types/ws"
import { WebSocket } from "ws";
import { assert } from "@std/assert";
import { type Clock, systemClock } from "../../lib/clock.ts";

/** Path of the service on v1beta. */
export const PATH = "/ws/google.ai.generativelanguage.v1beta.GenerativeService.BidiGenerateContent";

/** A setup that breaks no rule, for turns marked by the client. */
export const SETUP = {
  model: "models/gemini-3.8-live",
  generationConfig: { responseModalities: ["AUDIO"] },
  inputAudioTranscription: {},
  outputAudioTranscription: {},
  sessionResumption: {},
  realtimeInputConfig: {
    automaticActivityDetection: { disabled: true },
    turnCoverage: "TURN_INCLUDES_ONLY_ACTIVITY",
  },
};

/** What comes, as far as tests look at it. */
export interface ServerMessage {
  setupComplete?: Record<string, unknown>;
  serverContent?: {
    modelTurn?: {
      parts: {
        text?: string;
        thought?: boolean;
        inlineData?: { mimeType: string; data: string };
      }[];
    };
    inputTranscription?: { text: string };
    outputTranscription?: { text: string };
    generationComplete?: boolean;
    interrupted?: boolean;
    turnComplete?: boolean;
    turnCompleteReason?: string;
  };
  toolCall?: { functionCalls: { id: string; name: string; args: unknown }[] };
  toolCallCancellation?: { ids: string[] };
  sessionResumptionUpdate?: { newHandle?: string; resumable?: boolean };
  goAway?: { timeLeft: string };
  voiceActivity?: { type: string; audioOffset: string };
  usageMetadata?: {
    promptTokenCount: number;
    responseTokenCount: number;
    totalTokenCount: number;
    promptTokensDetails: { modality: string; tokenCount: number }[];
  };
  novelty?: unknown;
}

/** How a socket ended. */
export interface Closed {
  code: number;
  reason: string;
}

/** One connection. */
export class GeminiClient {
  readonly socket: WebSocket;
  readonly closed: Promise<Closed>;
  /** HTTP status, if the upgrade was refused. */
  status: number | undefined;
  /** Every frame, as it came. */
  readonly frames: { text: string; isBinary: boolean; atMs: number }[] = [];
  /** The frames that are JSON, parsed. */
  readonly received: ServerMessage[] = [];
  #seen = 0;
  #isClosed = false;
  #wake = () => {};

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data, isBinary) => this.#keep(String(data), isBinary));
    socket.on("error", () => {});
    socket.on("unexpected-response", (_request, response) => {
      this.status = response.statusCode;
      socket.terminate();
    });
    this.closed = new Promise((resolve) =>
      socket.on("close", (code, reason) => {
        this.#isClosed = true;
        this.#wake();
        resolve({ code, reason: String(reason) });
      })
    );
  }

  /** Connects to a path of the emulator; `open` is false if it is refused before the upgrade. */
  static async connect(
    url: string,
    { path = `/${PATH}?key=any`, headers = {} }: {
      path?: string;
      headers?: Record<string, string>;
    } = {},
  ): Promise<GeminiClient> {
    const client = new GeminiClient(new WebSocket(url.replace("http", "ws") + path, { headers }));
    await Promise.race([
      new Promise((resolve) => client.socket.on("open", resolve)),
      client.closed,
    ]);
    return client;
  }

  /** Connects, sets up and waits for the first handle. */
  static async ready(url: string, setup: unknown = SETUP): Promise<GeminiClient> {
    const client = await GeminiClient.connect(url);
    client.send({ setup });
    await client.next((message) => message.sessionResumptionUpdate);
    return client;
  }

  /** Sends an object as JSON, text as a text frame, bytes as a binary one. */
  send(message: unknown): void {
    const isRaw = typeof message === "string" || message instanceof Uint8Array;
    this.socket.send(isRaw ? message : JSON.stringify(message));
  }

  /** Says something: a whole window. */
  speak(pcm16k: Int16Array): void {
    this.send({ realtimeInput: { activityStart: {} } });
    this.sendAudio(pcm16k);
    this.send({ realtimeInput: { activityEnd: {} } });
  }

  /** Sends audio in chunks of 20 ms. */
  sendAudio(pcm16k: Int16Array): void {
    for (let at = 0; at < pcm16k.length; at += 320) this.send(audio(pcm16k.slice(at, at + 320)));
  }

  /** Writes something that asks for an answer. */
  write(text: string): void {
    this.send({
      clientContent: { turns: [{ role: "user", parts: [{ text }] }], turnComplete: true },
    });
  }

  /** The next message, after the last one that was asked for, with what is looked for. */
  async next<T>(look: (message: ServerMessage) => T | undefined): Promise<T> {
    while (true) {
      while (this.#seen < this.received.length) {
        const found = look(this.received[this.#seen++] as ServerMessage);
        if (found !== undefined) return found;
      }
      if (this.#isClosed) throw new Error("Cannot wait for a message: the socket is closed");
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** Waits for the end of the model's turn. */
  async turnComplete(): Promise<ServerMessage> {
    return await this.next((m) => m.serverContent?.turnComplete ? m : undefined);
  }

  /** Hangs up and waits until it is done. */
  async close(): Promise<Closed> {
    this.socket.close();
    return await this.closed;
  }

  /** All audio so far, 24 kHz. */
  get heard(): Int16Array {
    const bytes = this.received.flatMap((m) => m.serverContent?.modelTurn?.parts ?? [])
      .flatMap((part) => part.inlineData ? [...Uint8Array.fromBase64(part.inlineData.data)] : []);
    return new Int16Array(Uint8Array.from(bytes).buffer);
  }

  /** The kinds of messages so far, setup and handles apart; equal neighbours counted once. */
  get story(): string[] {
    return this.received.filter((m) => !m.setupComplete && !m.sessionResumptionUpdate).map(kindOf)
      .filter((kind, i, all) => kind !== all[i - 1]);
  }

  #keep(text: string, isBinary: boolean): void {
    this.frames.push({ text, isBinary, atMs: performance.now() });
    try {
      this.received.push(JSON.parse(text));
    } catch {
      return;
    }
    this.#wake();
  }
}

/** A message with audio. */
export function audio(pcm16k: Int16Array): unknown {
  const data = new Uint8Array(pcm16k.buffer, pcm16k.byteOffset, pcm16k.byteLength).toBase64();
  return { realtimeInput: { audio: { data, mimeType: "audio/pcm;rate=16000" } } };
}

/** Sound that is not silence, of a length. */
export function tone(ms: number, hz: 16_000 | 24_000): Int16Array {
  const step = 2 * Math.PI * 440 / hz;
  return Int16Array.from({ length: ms * hz / 1000 }, (_, i) => 8000 * Math.sin(step * i));
}

/** Fails unless a duration lies between two others; the upper one leaves room for a busy machine. */
export function assertBetween(ms: number, leastMs: number, mostMs: number): void {
  assert(ms >= leastMs && ms <= mostMs, `${ms} ms is not between ${leastMs} and ${mostMs} ms`);
}

/** The host's clock, so many times faster. */
export function scaledClock(factor: number): Clock {
  return {
    nowMs: () => systemClock.nowMs() * factor,
    epochMs: () => systemClock.epochMs(),
    at: (atMs, fire) => systemClock.at(atMs / factor, fire),
  };
}

function kindOf(message: ServerMessage): string {
  const { modelTurn, ...content } = message.serverContent ?? {};
  if (modelTurn) return modelTurn.parts[0]?.inlineData ? "audio" : "text";
  const kinds = [...Object.keys(content), ...Object.keys(message)];
  return kinds.find((kind) => kind !== "serverContent") ?? "empty";
}
