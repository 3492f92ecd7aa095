/**
 * What goes into a session: checked here, so that a mistake is told where it was made and the connection stays up.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Saying } from "../gemini/backlog.ts";
import type { Content } from "../gemini/live_content.ts";
import { contentsOf, type Turns } from "./contents.ts";
import { type Blob, pictureOf, samplesOf } from "./media_types.ts";
import { InvalidMessageError, RateLimitError } from "./session_errors.ts";
import { TextLimit } from "./text_limit.ts";

/** Everything that a program may say. What cannot go out at once waits; see {@linkcode SessionInput.say}. */
export abstract class SessionInput {
  readonly #isManual: boolean;
  readonly #clock: Clock;
  readonly #limit: TextLimit | undefined;
  #isActivityOpen = false;

  /**
   * Nothing was said.
   *
   * @param options `isManual`: the program marks its turns; `textsPerMinute`: `null` for no limit
   * @throws {RangeError} If the limit is not a whole number above 0
   */
  constructor(options: { isManual: boolean; textsPerMinute: number | null; clock: Clock }) {
    const { isManual, textsPerMinute, clock } = options;
    this.#isManual = isManual;
    this.#clock = clock;
    this.#limit = textsPerMinute === null ? undefined : new TextLimit(textsPerMinute);
  }

  /**
   * Says one thing in writing and asks for an answer.
   *
   * @throws {RateLimitError} If too many texts were sent within a minute
   */
  send(text: string): void {
    this.sendTurns(text);
  }

  /**
   * Adds turns in order; they ask for an answer unless `turnComplete` is false.
   *
   * @throws {InvalidMessageError} With the field that is wrong
   * @throws {RateLimitError} If too many texts were sent within a minute
   */
  sendTurns(turns: Turns, { turnComplete = true }: { turnComplete?: boolean } = {}): void {
    this.sendClientContent({ turns, turnComplete });
  }

  /** The same as the wire has it: without `turnComplete` nothing is answered. */
  sendClientContent(
    { turns, turnComplete = false }: { turns: Turns; turnComplete?: boolean },
  ): void {
    const contents = contentsOf(turns);
    if (turnComplete && contents.at(-1)?.role !== "user") {
      const field = `turns.${contents.length - 1}.role`;
      const message = `Cannot send: ${field}: expected "user" where an answer is asked for`;
      throw new InvalidMessageError(message, { field });
    }
    this.#admitText("send turns");
    this.#send({ type: "content", turns: contents, turnComplete });
    this.wrote(contents);
  }

  /** Says something that is answered at once, also beside sound; its order among turns is not promised. */
  sendRealtimeText(text: string): void {
    this.#admitText("send text");
    this.#send({ type: "realtime-text", text });
    this.wrote(contentsOf(text));
  }

  /**
   * Sends sound; where the program marks its turns, the first piece opens one.
   *
   * @param sound Samples at 16 kHz, or bytes with their type
   * @throws {InvalidMessageError} If it has another form
   */
  sendAudio(sound: Int16Array | Blob): void {
    const pcm = samplesOf(sound);
    if (this.#isManual) this.startActivity();
    this.#send({ type: "audio", pcm });
  }

  /**
   * Shows a picture: a frame of a film, or a still.
   *
   * @throws {InvalidMessageError} If it is no JPEG and no PNG
   */
  sendVideo(frame: Blob): void {
    this.#send({ type: "picture", ...pictureOf(frame, "video") });
  }

  /** Sends pieces of sound and pictures by their types, in order. */
  sendMedia(chunks: readonly Blob[]): void {
    for (const chunk of chunks) {
      if (chunk.mimeType.toLowerCase().startsWith("audio/")) this.sendAudio(chunk);
      else this.sendVideo(chunk);
    }
  }

  /** Speech begins; once is enough. Only where the program marks its turns. */
  startActivity(): void {
    this.#requireManual("start an activity");
    if (this.#isActivityOpen) return;
    this.#send({ type: "open-activity" });
    this.#isActivityOpen = true;
  }

  /** Speech is over; without a beginning, or twice, it does nothing. Only where the program marks its turns. */
  endActivity(): void {
    this.#requireManual("end an activity");
    if (!this.#isActivityOpen) return;
    this.#send({ type: "close-activity" });
    this.#isActivityOpen = false;
  }

  /** No sound comes for a while; only where the service finds the turns. */
  endAudio(): void {
    if (!this.#isManual) this.#send({ type: "end-audio" });
  }

  /**
   * Says one thing, now or when there is a connection.
   *
   * @internal
   */
  protected abstract say(saying: Saying): void;

  /**
   * Notes what was written.
   *
   * @internal
   */
  protected abstract wrote(turns: readonly Content[]): void;

  /**
   * Sees whether anything can be said.
   *
   * @throws {SessionError} If the session is over, or not yet begun
   */
  protected abstract requireOpen(what: string): void;

  #send(saying: Saying): void {
    this.requireOpen("send");
    this.say(saying);
  }

  #admitText(what: string): void {
    this.requireOpen(what);
    const retryAfterMs = this.#limit?.take(this.#clock.nowMs()) ?? 0;
    if (retryAfterMs === 0) return;
    const message = `Cannot ${what}: too many texts within a minute`;
    throw new RateLimitError("rate_limited", message, { retryAfterMs });
  }

  #requireManual(what: string): void {
    if (this.#isManual) return;
    const field = "activityDetection";
    const message = `Cannot ${what}: ${field}: expected "manual"`;
    throw new InvalidMessageError(message, { field });
  }
}
