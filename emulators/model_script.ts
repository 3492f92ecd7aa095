/**
 * What the emulated model says, and what goes wrong: data, and functions where data will not do.
 *
 * @module
 */

/** A caller's turn, or something written that asks for an answer. */
export type ModelTurn =
  & {
    /** Turns of the conversation before it; goes on where a resumed conversation had stopped. */
    readonly index: number;
    /** Which attempt to connect this is, from 0. */
    readonly connection: number;
    /** What was heard or written. */
    readonly words: string;
  }
  & (
    | { readonly type: "written" }
    /** `pcm` is all audio of the window, 16 kHz. */
    | { readonly type: "spoken"; readonly pcm: Int16Array }
  );

/**
 * What the model does with a turn. Calls of functions come first; when all are answered, the rest follows. Without audio
 * the words come as a text part; without either the turn is empty.
 */
export interface Answer {
  /** Its words. */
  readonly text: string;
  /** Its sound, 24 kHz. */
  readonly pcm: Int16Array;
  /** Functions that it asks for before it speaks. */
  readonly calls?: readonly {
    readonly name: string;
    readonly args: Readonly<Record<string, unknown>>;
  }[];
  /** A thought, sent before anything else. */
  readonly thought?: string;
  /** Why the turn ended, such as `NEED_MORE_INPUT`. */
  readonly turnCompleteReason?: string;
}

/** How an answer travels. */
export interface Delivery {
  /** From the end of the caller's turn to the first audio. */
  readonly thinkMs: number;
  /** How many times faster than real time audio is sent. */
  readonly pace: number;
  /** Audio in one message. */
  readonly chunkMs: number;
  /** When the caller's words come, seen from the answer's audio. */
  readonly inputTranscription: "before" | "after" | "never";
  /** Whether the answer's words ride along with its audio. */
  readonly outputTranscription: "bundled" | "separate";
  /** Empty server content before an answer and after a tool response, as 3.1 sends it. */
  readonly heartbeats: boolean;
  /** Audio goes on for this long after the activity that interrupts it. */
  readonly lateAudioMs: number;
  /** A turn that calls functions is completed before they are answered. */
  readonly completesToolTurn: boolean;
  /** Audio that was under way when the model called a function that it waits for may still come so long after it. */
  readonly underWayMs: number;
  /** Tiny usage messages between the others, as 3.1 sends them. */
  readonly strayUsage: boolean;
  /** It says when its own detection hears the caller begin and end, as 3.1 does; nothing where the client marks turns. */
  readonly tellsActivity: boolean;
  /** What is written comes back as what the caller said. */
  readonly transcribesText: boolean;
}

/** A service in good health. */
export const PLAIN_DELIVERY: Delivery = {
  thinkMs: 150,
  pace: 3,
  chunkMs: 40,
  inputTranscription: "before",
  outputTranscription: "bundled",
  heartbeats: false,
  lateAudioMs: 0,
  completesToolTurn: false,
  underWayMs: 0,
  strayUsage: false,
  tellsActivity: false,
  transcribesText: false,
};

/** When something goes wrong: `setup` is before `setupComplete`, `answer` the answer's first audio. */
export type When =
  | { readonly at: "setup" | "ready"; readonly afterMs?: number }
  | { readonly at: "turn" | "answer"; readonly turn: number; readonly afterMs?: number };

/** What befalls a socket at one moment. */
export type Strike =
  & { readonly when: When }
  & (
    | { readonly type: "close"; readonly code: number; readonly reason: string }
    | { readonly type: "reset" | "mute" | "stop-reading" | "ignore-close" }
    | { readonly type: "late-pongs"; readonly ms: number }
    /** The client's close frame is answered so much later; meanwhile these frames are sent. */
    | {
      readonly type: "late-close";
      readonly ms: number;
      readonly frames?: readonly (string | Uint8Array)[];
    }
    /** A frame that may be anything; a string goes as a text frame. */
    | { readonly type: "send"; readonly frame: string | Uint8Array }
    /** Announces the end, and comes to it: 1011. */
    | { readonly type: "go-away"; readonly timeLeftMs: number }
  );

/** What a whole phase suffers from. */
export type Ailment =
  | { readonly when: { readonly at: "upgrade" }; readonly type: "never-upgrade" }
  | {
    readonly when: { readonly at: "upgrade" };
    readonly type: "refuse-upgrade";
    readonly status: number;
  }
  | { readonly when: { readonly at: "setup" }; readonly type: "delay-setup"; readonly ms: number }
  /** An `activityStart` that follows an `activityEnd` too soon is lost, and what it began with it. */
  | {
    readonly when: { readonly at: "ready" };
    readonly type: "lose-start";
    readonly withinMs: number;
  }
  | {
    readonly when: { readonly at: "answer"; readonly turn: number };
    readonly type: "distort";
    readonly how:
      | "odd-length"
      | "empty-data"
      | "no-rate"
      | "wrong-rate"
      | "near-silence"
      | "unknown-fields";
  };

/** One thing that goes wrong, on every connection or on one (from 0). */
export type Fault = (Strike | Ailment) & { readonly connection?: number };

/** What a model says, hears and suffers. */
export interface ModelScript {
  /** By the turn's index, or decided turn by turn; `undefined` is silence without an end. */
  readonly answers: readonly Answer[] | ((turn: ModelTurn) => Answer | undefined);
  /** The words in what was heard; absent: the bundled recordings are known, all else is not. */
  readonly hear?: (pcm16k: Int16Array, index: number) => string;
  /** Where it differs from {@linkcode PLAIN_DELIVERY}. */
  readonly delivery?: Partial<Delivery>;
  /** What goes wrong. */
  readonly faults?: readonly Fault[];
}
