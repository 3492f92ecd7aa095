/**
 * The model's side of a call as the call sees it: the other of its two interfaces.
 *
 * @module
 */

/** Why the model could not be reached or was lost. */
export type ModelErrorKind =
  | "authentication"
  | "quota"
  | "model-not-found"
  | "invalid-argument"
  | "unavailable";

/** The model could not be reached, or was lost. The message holds no secret. */
export class ModelError extends Error {
  /** Tells it from other errors. */
  override name = "ModelError";
  /** What sort of failure it is. */
  readonly kind: ModelErrorKind;
  /** Whether the same attempt may succeed later. */
  readonly retryable: boolean;
  /** WebSocket close code, where there was one. */
  readonly closeCode: number | undefined;

  /**
   * Describes one failure.
   *
   * @param kind What sort of failure it is
   * @param message What failed and why
   * @param options `closeCode` of the socket; `retryable` where it differs from the kind's own; `cause`
   */
  constructor(
    kind: ModelErrorKind,
    message: string,
    options: { closeCode?: number; retryable?: boolean; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.kind = kind;
    this.retryable = options.retryable ?? (kind === "unavailable" || kind === "quota");
    this.closeCode = options.closeCode;
  }
}

/** One call of a function that the model asks for. */
export interface FunctionCall {
  /** Name of this call, to be answered once. */
  readonly id: string;
  /** Name of the function. */
  readonly name: string;
  /** Its arguments, not yet checked. */
  readonly args: Readonly<Record<string, unknown>>;
}

/** What became of one call of a function. */
export interface FunctionAnswer {
  /** Which call. */
  readonly id: string;
  /** Which function. */
  readonly name: string;
  /** What it gave: plain data. */
  readonly response: object;
  /** When it is to be taken up; absent: as the model likes. */
  readonly scheduling?: "when-idle" | "silent" | "interrupt" | undefined;
}

/** Tokens of one direction by what they stand for. */
export interface TokenKinds {
  /** Of sound. */
  readonly audio: number;
  /** Of writing. */
  readonly text: number;
}

/** Tokens that a turn cost, as the model counts them. */
export interface Usage {
  /** How many of `promptTokens` are what; the service leaves some out. */
  readonly promptKinds?: TokenKinds | undefined;
  /** The same of `responseTokens`. */
  readonly responseKinds?: TokenKinds | undefined;
  /** What it thought, beside `responseTokens`; none unless given. */
  readonly thoughtTokens?: number | undefined;
  /** What the service's own tools gave it to read, beside `promptTokens`; none unless given. */
  readonly toolTokens?: number | undefined;
  /** Everything the model read, the whole context included. */
  readonly promptTokens: number;
  /** What it answered. */
  readonly responseTokens: number;
  /** Both, and what else it counts. */
  readonly totalTokens: number;
}

/** How the conversation stands: `error` is for good. */
export type ModelState = "connecting" | "connected" | "disconnected" | "error";

/** A fact from the model's side. */
export type ModelEvent =
  /** The conversation stands otherwise than before. */
  | { type: "model-state-changed"; state: ModelState }
  /** A piece of the answer: samples at 24 kHz, of any length. */
  | { type: "agent-audio-received"; pcm: Int16Array }
  /** Words of the answer, a piece to be joined to the last as it is. */
  | { type: "agent-words-received"; text: string }
  /** Words of the caller as the model heard them, a piece. */
  | { type: "caller-words-received"; text: string }
  /** The model wrote instead of speaking; thoughts are not among it. */
  | { type: "agent-text-received"; text: string }
  /** The service has heard the caller begin, or end, a turn; not every model says so. */
  | { type: "caller-activity-started" }
  | { type: "caller-activity-ended" }
  /** The model has been told that the caller has finished: at once, or when a connection was there again. */
  | { type: "activity-end-sent" }
  /** The answer was broken off: by our activity, or by the service. */
  | { type: "generation-interrupted" }
  /** All of the answer was sent. */
  | { type: "generation-completed" }
  /** The model's turn is over; `reason` where it says one. */
  | { type: "model-turn-completed"; reason: string | undefined }
  /** The model asks for functions to be run. */
  | { type: "functions-called"; calls: readonly FunctionCall[] }
  /** Calls that died with a broken-off answer. */
  | { type: "functions-cancelled"; ids: readonly string[] }
  /** The connection wants to be replaced in a quiet moment; at the deadline, monotonic, the model does it by itself. */
  | { type: "model-rotation-due"; deadlineMs: number }
  /** The conversation goes on, on another connection: with all its memory, or with a recap alone. */
  | { type: "model-reconnected"; how: "resumed" | "fresh" }
  /** A handle to resume from; absent while there is none that can be resumed. */
  | { type: "resumption-updated"; handle: string | undefined }
  /** What the turn cost. */
  | { type: "usage-reported"; usage: Usage }
  /** Sources that an answer rests on. */
  | { type: "grounding-reported"; grounding: Readonly<Record<string, unknown>> }
  /** The conversation is over for good; nothing more comes. */
  | { type: "model-lost"; error: ModelError };

/**
 * A conversation with the model, whatever becomes of its connections. What is said while there is none waits and goes out
 * in order. No method throws.
 */
export interface Model {
  /** How the conversation stands. */
  readonly state: ModelState;
  /** Counts of what was wrong on the wire and survived, by name. */
  readonly faults: ReadonlyMap<string, number>;
  /** The caller begins to speak; audio must follow at once. How close to the last activity it may go out is the model's to know. */
  openActivity(): void;
  /** Caller audio, samples at 16 kHz; only between open and close, unless the service finds the turns itself. */
  sendAudio(pcm: Int16Array): void;
  /** No audio comes for a while; only where the service finds the turns itself. */
  endAudio(): void;
  /** Something written that belongs to the caller's turn; only between open and close, behind audio. */
  sendActivityText(text: string): void;
  /** The caller has finished. */
  closeActivity(): void;
  /**
   * Says something to the model in writing.
   *
   * @param text What to say
   * @param options `reply: false` only adds to what it knows
   */
  sendText(text: string, options: { reply: boolean }): void;
  /** Answers calls of functions; what was called on a connection that is gone needs no answer and gets none. */
  answerFunctions(answers: readonly FunctionAnswer[]): void;
  /** Moves to another connection now; best while nobody speaks. */
  rotate(): void;
  /**
   * Says the caller's last turn again.
   *
   * @returns False if there is none to be said again
   */
  repeatTurn(): boolean;
  /** Ends the conversation; once is enough, more does no harm. */
  close(): void;
}

/** How a conversation begins. */
export interface OpenOptions {
  /** Where an earlier conversation stopped, to go on from there. */
  readonly handle?: string | undefined;
  /** Tells what was said so far, for a model that has forgotten; asked for when that happens. */
  readonly recap: () => string;
}

/**
 * Opens a conversation with the model. It is there at once and connects by itself; a failure is a fact.
 *
 * @param post Takes one fact, does not throw; not called before the conversation is returned
 */
export type OpenModel = (post: (event: ModelEvent) => void, options: OpenOptions) => Model;

/** A conversation with a model that sees. */
export interface SeeingModel extends Model {
  /**
   * Shows a still picture; in an activity only behind audio.
   *
   * @param data Its bytes in base64
   * @param mimeType What they are, such as `image/jpeg`
   */
  sendPicture(data: string, mimeType: string): void;
}

/** Opens a conversation with a model that sees, as {@linkcode OpenModel} does. */
export type OpenSeeingModel = (...begin: Parameters<OpenModel>) => SeeingModel;
