/**
 * What is kept of a call.
 *
 * @module
 */

/** A page that an answer rests on. */
export interface AnswerSource {
  /** What it is called; its host where it has no name. */
  readonly title: string;
  /** Where it is, http or https. */
  readonly url: string;
}

/** What one party said in one go. Times are milliseconds since the call was answered. */
export interface TranscriptEntry {
  /** Who spoke. */
  readonly party: "caller" | "agent";
  /** When it began. */
  readonly startMs: number;
  /** What was said, as the model's transcription has it. */
  readonly text: string;
  /** Agent only: length of the answer as the model spoke it. */
  readonly spokenMs?: number;
  /** Agent only: how much of it the caller heard. */
  readonly heardMs?: number;
  /** Agent only: how much of that was lost because the line did not read; absent: nothing. */
  readonly missedMs?: number;
  /** Agent only: the words that fit in what was heard. */
  readonly heardText?: string;
  /** Agent only: whether the caller broke in. */
  readonly interrupted?: boolean;
  /** Agent only: the model left it unfinished. What it said next went on with it. */
  readonly brokenOff?: true;
  /** Agent only: what the model found on the web for it. */
  readonly sources?: readonly AnswerSource[];
}

/**
 * Where the time of one turn went, from the caller's last word to the agent's first, and what it cost. Times are
 * milliseconds since the call was answered; absent where it did not come to that.
 */
export interface TurnLatency {
  /** Last frame of the caller's speech. */
  readonly speechEndedMs: number;
  /** The turn was taken to be over; where the service finds the turns, it said so, or answered. */
  readonly decidedMs: number;
  /** The model was told so: later than it was decided if there was no connection. */
  readonly activityEndSentMs: number;
  /** First audio of the answer came. */
  readonly firstModelAudioMs?: number;
  /** First audio of the answer went to the line. */
  readonly firstMediaSentMs?: number;
  /** The line said that its first piece was played. */
  readonly firstHeardMs?: number;
  /** What the model billed from then until the next turn, US dollars; absent where its price is not known. */
  readonly costUsd?: number;
}

/** Something that happened beside what was said. */
export interface CallMoment {
  /** What it was. */
  readonly type:
    /** The model began to listen, and was told that the caller had finished. */
    | "window-opened"
    | "window-closed"
    /** The line fell silent for a sound of the caller; the answer went on; its rest was dropped. */
    | "answer-held"
    | "answer-resumed"
    | "answer-cut"
    /** The caller pressed the key of that name. */
    | "key-pressed"
    /** The model called the function of that name. */
    | "tool-called"
    /** Somebody at the console told the agent that. */
    | "whispered"
    /** There was no line to the model; there is one again. */
    | "model-away"
    | "model-back"
    /** Something was done so that the caller did not wait in silence; a fault was survived: so many of each name so far. */
    | "repair"
    | "fault";
  /** When, in milliseconds since the call was answered. */
  readonly atMs: number;
  /** The name that its type speaks of. */
  readonly detail?: string;
}

/** A tool that was run in a call. */
export interface ToolEntry {
  /** Which. */
  readonly name: string;
  /** When it was asked for, since the call was answered. */
  readonly startMs: number;
  /** How long it took. */
  readonly durationMs: number;
  /** How it ended; `done-unheard`: it was taken back and did its work all the same. */
  readonly ending: "answered" | "failed" | "timed-out" | "cancelled" | "done-unheard";
}

/** What a caller wants to be passed on. */
export interface CallerMessage {
  /** Who leaves it. */
  readonly name: string;
  /** Where to call back, as it was said. */
  readonly callBack: string;
  /** What it says. */
  readonly text: string;
}

/** What is kept of a call; grows while it goes on. */
export interface CallRecord {
  /** Name of the call. */
  readonly callSid: string;
  /** Who called. */
  readonly from: string;
  /** Who was called. */
  readonly to: string;
  /** Who dialled. */
  readonly direction: "inbound" | "outbound";
  /** Which agent answered. */
  readonly agent: string;
  /** When it was answered, wall clock; of one that nobody answered, when it was placed. */
  readonly answeredEpochMs: number;
  /** For how many days it is kept; absent: as long as others. */
  readonly keepDays?: number;
  /** How long it lasted; absent while it goes on. */
  readonly durationMs?: number;
  /** How it ended; absent while it goes on. */
  readonly ending?: string;
  /** Why, where something failed or somebody else was rung: what failed, or to whom it was put through. */
  readonly endingDetail?: string;
  /** What was said. */
  readonly transcript: readonly TranscriptEntry[];
  /** Where the time of each turn went. */
  readonly turns: readonly TurnLatency[];
  /** Tokens so far, as billed: every turn bills its whole context. */
  readonly tokens: { readonly prompt: number; readonly response: number; readonly total: number };
  /** What they have cost, in US dollars; absent in records that are older than that. */
  readonly costUsd?: number;
  /** The tools that were run, first to last; absent in older records. */
  readonly tools?: readonly ToolEntry[];
  /** Messages to be passed on; absent in older records. */
  readonly messages?: readonly CallerMessage[];
  /** Counts of answers that were held for a sound of the caller, resumed after it, and cut; absent in old records. */
  readonly bargeIns?: Readonly<Record<string, number>>;
  /** Counts of what was done so that the caller did not wait in silence. */
  readonly repairs: Readonly<Record<string, number>>;
  /** What happened beside it, in order; absent where nobody looked. */
  readonly moments?: readonly CallMoment[];
  /** Counts of what went wrong and was survived. */
  readonly faults: Readonly<Record<string, number>>;
}
