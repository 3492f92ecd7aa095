/**
 * The caller's side of a call as the call sees it: one of its two interfaces. The media stream of a telephone call is
 * one implementation.
 *
 * @module
 */

/** What is known of a call before its first audio. */
export interface CallFacts {
  /** Name of the call: Twilio's CallSid. */
  readonly callSid: string;
  /** Who calls, as the network says it: E.164, or any other text. */
  readonly from: string;
  /** Who was called. */
  readonly to: string;
  /** Who dialled: the other party, or we. */
  readonly direction: "inbound" | "outbound";
  /** Name of the agent that answers. */
  readonly agent: string;
}

/** Why nothing more comes. */
export type LegEnd =
  /** The caller hung up. */
  | "hung-up"
  /** The line broke. */
  | "lost"
  /** The line was open and brought no audio for too long. */
  | "dead";

/** Who is at the other end, whoever dialled, and which number is ours. */
export function partiesOf(
  { from, to, direction }: Pick<CallFacts, "from" | "to" | "direction">,
): { person: string; ours: string } {
  return direction === "outbound" ? { person: to, ours: from } : { person: from, ours: to };
}

/** A fact from the caller's side. */
export type LegEvent =
  /** A 20-ms frame, in order; `streamMs` is the media time at which it begins. `filled` marks silence put in for a lost one. */
  | { type: "frame-received"; streamMs: number; mulaw: Uint8Array; filled: boolean }
  /** Everything sent before this mark was played, or was cleared. */
  | { type: "mark-reached"; name: string }
  /** The caller pressed a key. */
  | { type: "digit-pressed"; digit: string }
  /** Nothing more comes. */
  | { type: "leg-ended"; reason: LegEnd };

/** The caller's side of a call, open and verified. */
export interface Leg {
  /** Counts of what was wrong on the wire and survived, by name. */
  readonly faults: ReadonlyMap<string, number>;
  /**
   * From now on facts go to `post`; those that came before go there first.
   *
   * @param post Takes one fact, does not throw
   */
  listen(post: (event: LegEvent) => void): void;
  /** Queues mu-law audio, whole frames, behind what the line has not played yet. */
  play(mulaw: Uint8Array): void;
  /** Asks for `mark-reached` with this name once everything sent so far was played. */
  mark(name: string): void;
  /** Drops what the line has not played yet. */
  clear(): void;
  /** Ends the leg; once is enough, more does no harm. */
  close(): void;
}
