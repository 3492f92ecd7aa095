/**
 * How one answer of Gemini Live comes: faster than it is spoken, over when it would have been heard.
 *
 * @module
 */

import { pcmToBytes } from "../audio/pcm.ts";
import { MODEL_OUTPUT_HZ } from "../audio/rates.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import type { FaultOf } from "./gemini_faults.ts";
import type { SentAnswer } from "./gemini_records.ts";
import type { ServerMessage } from "./gemini_wire.ts";
import type { Answer, Delivery } from "./model_script.ts";

const SAMPLES_PER_MS = MODEL_OUTPUT_HZ / 1000;

/** What an answer needs of its session. */
export interface AnswerWorld {
  /** Whose time it waits by. */
  readonly clock: Clock;
  /** How it travels. */
  readonly delivery: Delivery;
  /** What the caller said, to be told along with the answer. */
  readonly callerWords: string;
  /** What is wrong with its audio. */
  readonly distortion: FaultOf<"distort">["how"] | undefined;
  /** Where what is sent is written down. */
  readonly record: SentAnswer;
  /** Sends, and says whether it went out. */
  send(message: ServerMessage): boolean;
  /** A name for a function call that no other has. */
  nextCallId(): string;
  /** The first audio goes out with the next message. */
  onAudio(): void;
  /** Functions were called in a turn of their own, which is complete. */
  onToolTurn(): void;
  /** All was sent and would have been heard, or it was broken off. */
  onEnd(): void;
}

/**
 * One answer. It thinks, calls its functions and waits for them, sends its chunks by an absolute clock, says
 * `generationComplete`, and plays: that is, waits until a listener who began with the first chunk has heard the last. It
 * may be interrupted in all of these; while it sends, a few late chunks may still go out.
 */
export class AnswerRun {
  readonly #answer: Answer;
  readonly #world: AnswerWorld;
  readonly #words: readonly string[];
  /** Which function each is of. */
  readonly #openCalls = new Map<string, string>();
  #phase: "thinking" | "calling" | "sending" | "late" | "playing" | "over" = "thinking";
  #next: Timer | undefined;
  #lateEnd: Timer | undefined;
  #calledAtMs = -Infinity;
  #samplesDone = 0;
  #wordsDone = 0;

  /**
   * An answer that has not begun.
   *
   * @param answer What to do
   * @param world What it needs of its session
   */
  constructor(answer: Answer, world: AnswerWorld) {
    this.#answer = answer;
    this.#world = world;
    this.#words = wordPieces(answer.text);
  }

  /** Function calls that it waits for. */
  get openCalls(): readonly string[] {
    return [...this.#openCalls.keys()];
  }

  /** The functions that they are of. */
  get openFunctions(): readonly string[] {
    return [...this.#openCalls.values()];
  }

  /** When they were called. */
  get calledAtMs(): number {
    return this.#calledAtMs;
  }

  /** Begins to think. */
  begin(): void {
    this.#after(this.#world.delivery.thinkMs, () => this.#open());
  }

  /** A function call has its answer; after the last one it thinks again, then speaks. */
  closeCall(id: string): void {
    this.#openCalls.delete(id);
    if (this.#phase !== "calling" || this.#openCalls.size > 0) return;
    this.#phase = "thinking";
    if (this.#world.delivery.heartbeats) this.#world.send({ serverContent: {} });
    this.#after(this.#world.delivery.thinkMs, () => this.#speak());
  }

  /** The caller breaks in. */
  interrupt(): void {
    const { clock, delivery } = this.#world;
    if (this.#phase !== "sending" || delivery.lateAudioMs === 0) return this.breakOff();
    this.#phase = "late";
    this.#lateEnd = clock.at(clock.nowMs() + delivery.lateAudioMs, () => this.breakOff());
  }

  /** Ends it as interrupted, now. */
  breakOff(): void {
    this.#end("interrupted");
  }

  /** Ends it without a word: the connection is gone. */
  stop(): void {
    this.#next?.cancel();
    this.#lateEnd?.cancel();
    this.#phase = "over";
  }

  #open(): void {
    const { delivery, callerWords } = this.#world;
    const { thought, calls } = this.#answer;
    if (delivery.heartbeats) this.#world.send({ serverContent: {} });
    if (delivery.strayUsage) {
      this.#world.send({ usageMetadata: { promptTokenCount: 1, totalTokenCount: 1 } });
    }
    if (delivery.inputTranscription === "before") this.#transcribe(callerWords);
    if (thought !== undefined) this.#world.send(modelTurn({ text: thought, thought: true }));
    if (calls) this.#call(calls);
    else this.#speak();
  }

  #call(calls: NonNullable<Answer["calls"]>): void {
    this.#phase = "calling";
    this.#calledAtMs = this.#world.clock.nowMs();
    const functionCalls = calls.map((call) => ({ id: this.#world.nextCallId(), ...call }));
    // What a client was not told it cannot answer, nor wait for.
    if (!this.#world.send({ toolCall: { functionCalls } })) return;
    for (const { id, name } of functionCalls) this.#openCalls.set(id, name);
    if (!this.#world.delivery.completesToolTurn) return;
    this.#world.send({ serverContent: { generationComplete: true } });
    this.#world.onToolTurn();
  }

  #speak(): void {
    const { clock, record } = this.#world;
    const { pcm, text } = this.#answer;
    if (pcm.length > 0) {
      this.#phase = "sending";
      record.firstSentAtMs = clock.nowMs();
      this.#world.onAudio();
      return this.#sendDue();
    }
    if (text === "") return this.#end("complete");
    if (this.#world.send(modelTurn({ text }))) record.textSent = text;
    this.#generated();
  }

  #sendDue(): void {
    const { length } = this.#answer.pcm;
    while (this.#samplesDone < length && this.#dueMs() <= this.#world.clock.nowMs()) {
      this.#sendChunk();
    }
    if (this.#samplesDone < length) {
      this.#next = this.#world.clock.at(this.#dueMs(), () => this.#sendDue());
    } else if (this.#phase === "sending") this.#generated();
  }

  /** When the next chunk goes out. */
  #dueMs(): number {
    const { record, delivery } = this.#world;
    return (record.firstSentAtMs ?? 0) + this.#samplesDone / SAMPLES_PER_MS / delivery.pace;
  }

  #sendChunk(): void {
    const { record, delivery, distortion } = this.#world;
    const { pcm } = this.#answer;
    const chunkSamples = Math.round(delivery.chunkMs * SAMPLES_PER_MS);
    const end = Math.min(this.#samplesDone + chunkSamples, pcm.length);
    const wordsEnd = Math.ceil(this.#words.length * end / pcm.length);
    const text = this.#words.slice(this.#wordsDone, wordsEnd).join("");
    const transcription = text === "" ? {} : { outputTranscription: { text } };
    const isSeparate = text !== "" && delivery.outputTranscription === "separate";
    if (isSeparate) this.#world.send({ serverContent: transcription });
    const audio = audioPart(pcm.slice(this.#samplesDone, end), distortion);
    const message = modelTurn(audio, isSeparate ? {} : transcription);
    const strange = distortion === "unknown-fields" ? { novelty: { of: ["a", 1] } } : {};
    if (this.#world.send({ ...message, ...strange })) {
      record.samplesSent = end;
      record.textSent += text;
    }
    this.#samplesDone = end;
    this.#wordsDone = wordsEnd;
  }

  #generated(): void {
    const { clock, delivery, record, callerWords } = this.#world;
    this.#phase = "playing";
    this.#world.send({ serverContent: { generationComplete: true } });
    if (delivery.inputTranscription === "after") this.#transcribe(callerWords);
    const heardMs = (record.firstSentAtMs ?? clock.nowMs()) + this.#samplesDone / SAMPLES_PER_MS;
    this.#after(heardMs - clock.nowMs(), () => this.#end("complete"));
  }

  #transcribe(words: string): void {
    for (const text of wordPieces(words)) {
      this.#world.send({ serverContent: { inputTranscription: { text } } });
    }
  }

  #after(ms: number, act: () => void): void {
    this.#next = this.#world.clock.at(this.#world.clock.nowMs() + ms, act);
  }

  #end(how: "complete" | "interrupted"): void {
    if (this.#phase === "over") return;
    this.stop();
    this.#world.record.outcome = how;
    this.#world.onEnd();
  }
}

/** Words as they come over the wire, each with the space before it. */
export function wordPieces(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "").map((word) => ` ${word}`);
}

function modelTurn(part: ServerMessage, beside: ServerMessage = {}): ServerMessage {
  return { serverContent: { modelTurn: { parts: [part] }, ...beside } };
}

function audioPart(pcm: Int16Array, distortion: AnswerWorld["distortion"]): ServerMessage {
  const heard = distortion === "near-silence" ? pcm.map((sample) => sample >> 14) : pcm;
  let bytes = pcmToBytes(heard);
  if (distortion === "odd-length") bytes = bytes.subarray(0, -1);
  if (distortion === "empty-data") bytes = bytes.subarray(0, 0);
  let mimeType = "audio/pcm;rate=24000";
  if (distortion === "no-rate") mimeType = "audio/pcm";
  if (distortion === "wrong-rate") mimeType = "audio/pcm;rate=48000";
  return { inlineData: { mimeType, data: bytes.toBase64() } };
}
