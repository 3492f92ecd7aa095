/**
 * What an agent is: the settings of one file in `agents/`.
 *
 * @module
 */

import type { ToolWishes } from "../tools/tool_wishes.ts";
import type { BargeInSettings, TurnSettings } from "../turns/turn_settings.ts";

/** How the model makes its answers; what is absent is left to the model. */
export interface GenerationSettings {
  /** 0 to 2. */
  readonly temperature?: number | undefined;
  /** 0 to 1. */
  readonly topP?: number | undefined;
  /** At least 1. */
  readonly topK?: number | undefined;
  /** Longest answer, in tokens. */
  readonly maxOutputTokens?: number | undefined;
  /** How much it thinks before it answers: tokens, or a word, as the model takes it. */
  readonly thinking?: ThinkingSettings | undefined;
  /** From which degree on content of a kind is withheld. */
  readonly safety?:
    | { readonly [Category in SafetyCategory]?: SafetyThreshold | undefined }
    | undefined;
  /** Whether the model may stay silent of its own accord. */
  readonly proactive?: boolean | undefined;
  /** What of the caller's line belongs to their turn; `only-activity` unless given. */
  readonly turnCoverage?: TurnCoverage | undefined;
}

/** What belongs to a turn of the caller: their activity; all input; or their activity and every picture. */
export type TurnCoverage = "only-activity" | "all-input" | "activity-and-all-video";

/** How much a model thinks; one of the two. */
export interface ThinkingSettings {
  /** In tokens; 0: not at all. */
  readonly budget?: number | undefined;
  /** In words. */
  readonly level?: "minimal" | "low" | "medium" | "high" | undefined;
}

/** Kinds of content that the service judges. */
export type SafetyCategory =
  | "harassment"
  | "hate-speech"
  | "sexually-explicit"
  | "dangerous-content";

/** From which likelihood on it is withheld. */
export type SafetyThreshold =
  | "off"
  | "none"
  | "only-high"
  | "medium-and-above"
  | "low-and-above";

/** US dollars for a million tokens. */
export interface PriceTable {
  /** What the model reads. */
  readonly textIn: number;
  /** What it hears. */
  readonly audioIn: number;
  /** What it writes and thinks. */
  readonly textOut: number;
  /** What it says. */
  readonly audioOut: number;
}

/** How long things may take. */
export interface CallLimits {
  /** Longest call; the smaller of this and the server's own limit counts. */
  readonly maxCallSeconds: number;
  /** US dollars that calls of this agent may cost in a day, UTC; absent: no limit beside the server's. */
  readonly maxDailyUsd?: number | undefined;
}

/** Whose calls are taken. Numbers are compared whole. */
export interface CallerRules {
  /** Nobody else is let in; absent: everybody is. */
  readonly allow?: readonly string[] | undefined;
  /** They are not let in. */
  readonly deny: readonly string[];
  /** How often one caller may call; absent: as often as they like. Callers who withhold their number are not counted. */
  readonly rate?: { readonly calls: number; readonly minutes: number } | undefined;
}

/** What is kept of the calls of an agent. */
export interface RecordRules {
  /** Whether what was said is kept. */
  readonly transcript: boolean;
  /** What is taken out of it before. */
  readonly redact: readonly ("digits" | "cards" | "emails")[];
  /** For how long, in days. */
  readonly keepDays: number;
  /** Whether the sound is kept. */
  readonly recording: boolean;
  /** What a caller who is recorded hears first, before the greeting; empty: nothing. It is a part of `greeting`. */
  readonly recordingNotice: string;
}

/** What a caller who says nothing hears, and when. */
export interface DeadAirConfig {
  /** Silence before the caller is asked, and before each further step. */
  readonly askAfterMs: number;
  /** What the agent asks, one after the other; empty: nothing. */
  readonly asks: readonly string[];
  /** What it says at last, before it hangs up. */
  readonly goodbye: string;
  /** Longest time on hold; after that silence counts although the line sounds. */
  readonly longestHoldMs: number;
}

/** What becomes of keys that the caller presses. */
export interface DigitConfig {
  /** `interrupt`: they take the floor as speech does; `wait`: the agent finishes first; `ignore`: they do nothing. */
  readonly policy: "interrupt" | "wait" | "ignore";
  /** The key that ends an entry and does not belong to it; empty: none. */
  readonly endKey: string;
  /** Time without a further key after which an entry is complete. */
  readonly timeoutMs: number;
  /** Keys that make an entry complete by their number. */
  readonly mostDigits: number;
}

/** What an agent does when a machine answers; variables in the message are filled in. */
export type VoicemailConfig = "hang-up" | { readonly message: string };

/** How an agent calls people. */
export interface OutboundSettings {
  /** Beginnings of numbers that it may call, or whole numbers. */
  readonly allow: readonly string[];
  /** The number that is shown; absent: whoever orders the call says it. */
  readonly from?: string | undefined;
  /** Most calls that it places within an hour. */
  readonly callsPerHour: number;
  /** How long it lets the telephone ring. */
  readonly ringSeconds: number;
  /** What it does when a machine answers. */
  readonly voicemail: VoicemailConfig;
}

/** One agent, checked. */
export interface AgentConfig extends ToolWishes {
  /** What it is called in files, logs and tokens. */
  readonly name: string;
  /** Numbers, E.164, whose calls it takes; those that no agent has go to the one named `default`. */
  readonly numbers: readonly string[];
  /** Values of its own that its texts may name. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the model is told about its task; `{{caller}}`, `{{called}}` and `{{time}}` are filled in per call. */
  readonly instructions: string;
  /** What the agent says first, spoken by the model when it answers; the same variables. */
  readonly greeting: string;
  /** Whether the greeting is kept as it was spoken once, and played to later callers at once; not if it has variables. */
  readonly keepGreeting: boolean;
  /** A prebuilt voice of the model. */
  readonly voice: string;
  /** BCP-47 code of the language it begins with; absent: the model hears for itself. */
  readonly language?: string | undefined;
  /** Model id; absent: the server's. */
  readonly model?: string | undefined;
  /** Model that goes on with a call when the first one does not answer; absent: none does. */
  readonly fallbackModel?: string | undefined;
  /** Whether the model may look things up on the web. */
  readonly search?: boolean | undefined;
  /** How answers are made. */
  readonly generation: GenerationSettings;
  /** The numbers by which turns are taken. */
  readonly turns: TurnSettings;
  /** How interruptions are taken. */
  readonly bargeIn: BargeInSettings;
  /** What a caller who says nothing hears; null: nothing, the agent waits. */
  readonly deadAir: DeadAirConfig | null;
  /** What becomes of keys that the caller presses. */
  readonly digits: DigitConfig;
  /** What the model is told when the caller broke in; `{{heard}}` is what they heard of the answer. Empty: nothing. */
  readonly cutNote: string;
  /** How it calls people; absent: it does not. */
  readonly outbound?: OutboundSettings | undefined;
  /** How long things may take, and what they may cost. */
  readonly limits: CallLimits;
  /** Whose calls it takes. */
  readonly callers: CallerRules;
  /** What is kept of its calls. */
  readonly records: RecordRules;
  /** What its model costs; absent: the published prices. */
  readonly prices?: PriceTable | undefined;
}
