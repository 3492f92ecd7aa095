/**
 * What an agent is: the settings of one file in `agents/`.
 *
 * @module
 */

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
}

/** How long things may take. */
export interface CallLimits {
  /** Longest call; the smaller of this and the server's own limit counts. */
  readonly maxCallSeconds: number;
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

/** What an agent does when a machine answers. */
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
export interface AgentConfig {
  /** What it is called in files, logs and tokens. */
  readonly name: string;
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
  /** How long things may take. */
  readonly limits: CallLimits;
}
