/**
 * What is kept of a call while it goes on: its record, for people, and snapshots, for an instance that goes on with it.
 *
 * @module
 */

import type { PriceTable } from "../agents/agent_config.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { CallRecord } from "../records/call_record.ts";
import { type CallSnapshot, SNAPSHOT_FORMAT, withLatestWords } from "../records/call_snapshot.ts";
import type { Abilities } from "./abilities.ts";
import type { CallEvent } from "./call_events.ts";
import type { CallObserver } from "./call_observer.ts";
import type { Conversation } from "./conversation.ts";
import type { Faults } from "./faults.ts";
import type { CallFacts, Leg } from "./leg.ts";
import type { Usage } from "./model.ts";
import type { ModelLink } from "./model_link.ts";
import type { CallOutcome } from "./outcome.ts";
import type { Timers } from "./timers.ts";
import { addTokens, costOf, NO_TOKENS } from "./tokens.ts";

/** How old the latest snapshot may be. */
const CHECKPOINT_MS = 5_000;

/** How a call is gone on with elsewhere. */
export interface Continuity {
  /** Which admission of the call this is. */
  readonly term: number;
  /** What another instance, or this one before the line broke, knew of it. */
  readonly resumed?: CallSnapshot | undefined;
  /** Keeps a snapshot; does not throw. */
  save(snapshot: CallSnapshot): void;
  /** Whether another instance could read what is saved. */
  canHandOver(): boolean;
  /** Resolves when all that was saved can be read, or that takes too long. */
  flush(): Promise<void>;
}

/** What a keeper needs. */
export interface CallKeeperParts {
  /** What is known of the call. */
  readonly facts: CallFacts;
  /** The caller's side. */
  readonly leg: Leg;
  /** The model's side. */
  readonly link: ModelLink;
  /** What was said. */
  readonly conversation: Conversation;
  /** What went wrong. */
  readonly faults: Faults;
  /** Whose time counts. */
  readonly clock: Clock;
  /** What the agent has done beside talking. */
  readonly abilities: Abilities;
  /** What its model costs. */
  readonly prices?: PriceTable | undefined;
  /** Takes what a turn has cost, US dollars; does not throw. */
  readonly spent?: ((usd: number) => void) | undefined;
  /** Where the end is told of. */
  readonly log: Log;
  /** The timers of the call; the keeper's is `checkpoint`. */
  readonly timers: Timers;
  /** Takes the record; does not throw. */
  readonly keep: (record: CallRecord) => void;
  /** Takes the snapshots. */
  readonly continuity: Continuity;
  /** Whether the goodbye has been said. */
  readonly isLeaving: () => boolean;
}

/** Keeps the record and the snapshots of one call. */
export class CallKeeper {
  readonly #parts: CallKeeperParts;
  readonly #answeredEpochMs: number;
  #tokens: CallRecord["tokens"];
  #costUsd: number;
  #handle: string | undefined;

  /** Begins with what was kept before. */
  constructor(parts: CallKeeperParts) {
    const { resumed } = parts.continuity;
    this.#parts = parts;
    this.#answeredEpochMs = resumed?.record.answeredEpochMs ?? parts.clock.epochMs();
    this.#tokens = resumed?.record.tokens ?? NO_TOKENS;
    this.#costUsd = resumed?.record.costUsd ?? 0;
    this.#handle = resumed?.handle;
  }

  /** A turn has cost this. */
  used(usage: Usage): void {
    const { prices, spent, conversation } = this.#parts;
    this.#tokens = addTokens(this.#tokens, usage);
    if (!prices) return;
    const usd = costOf(usage, prices);
    this.#costUsd += usd;
    conversation.latencies.cost(usd);
    spent?.(usd);
  }

  /** The conversation with the model can be taken up from here. While it cannot, the last place is better than none. */
  resumableFrom(handle: string | undefined): void {
    if (handle === undefined) return;
    const isFirst = this.#handle === undefined;
    this.#handle = handle;
    if (isFirst) this.checkpoint();
  }

  /** Whether the agent owes an answer, or is in the middle of one. */
  get isAnswerOpen(): boolean {
    const { conversation } = this.#parts;
    return conversation.isAgentSpeaking || conversation.isAnswerOwed;
  }

  /**
   * Lets somebody look on from now on.
   *
   * @param post The inbox of the call
   */
  showTo(observer: CallObserver | undefined, post: (event: CallEvent) => void): void {
    const { conversation, abilities } = this.#parts;
    observer?.began({
      callMs: () => conversation.callMs,
      record: () => this.#record(),
      tools: () => abilities.running,
      whisper: (text) => post({ type: "whispered", text }),
      hangUp: () => post({ type: "hang-up-requested" }),
    });
  }

  /**
   * Keeps what is known now.
   *
   * @param outcome How the call ended, if it has
   */
  keep(outcome?: CallOutcome): CallRecord {
    const record = this.#record(outcome);
    this.#parts.keep(record);
    if (!outcome) this.checkpoint({ record });
    return record;
  }

  /** Keeps the record for good, and says how the call went. */
  end(outcome: CallOutcome): void {
    const { durationMs, turns, tokens, costUsd, faults } = this.keep(outcome);
    this.#parts.log.info("call-ended", {
      ...outcome,
      durationMs: Math.round(durationMs ?? 0),
      turns: turns.length,
      tokens,
      costUsd,
      faults,
    });
  }

  /** Keeps what is needed to go on elsewhere, now and again after a while. */
  checkpoint(
    known: { record?: CallRecord; isAnswerOpen?: boolean; transfer?: string | undefined } = {},
  ): void {
    const { record = this.#record(), isAnswerOpen = this.isAnswerOpen, transfer } = known;
    const { conversation, clock, timers, continuity, isLeaving } = this.#parts;
    continuity.save({
      format: SNAPSHOT_FORMAT,
      term: continuity.term,
      takenEpochMs: clock.epochMs(),
      callMs: conversation.callMs,
      handle: this.#handle,
      isLeaving: isLeaving(),
      isAnswerOpen,
      ...(transfer === undefined ? {} : { transfer }),
      record: withLatestWords(record),
    });
    timers.set("checkpoint", clock.nowMs() + CHECKPOINT_MS);
  }

  #record(outcome?: CallOutcome): CallRecord {
    const { facts, leg, link, conversation, faults, abilities, prices } = this.#parts;
    return {
      ...facts,
      answeredEpochMs: this.#answeredEpochMs,
      ...(outcome ? { durationMs: conversation.callMs, ...endingOf(outcome) } : {}),
      transcript: conversation.transcript.entries(),
      turns: conversation.latencies.turns(),
      tokens: this.#tokens,
      ...(prices ? { costUsd: Math.round(this.#costUsd * 1e6) / 1e6 } : {}),
      ...abilities.record(),
      bargeIns: conversation.bargeIns.with(),
      repairs: conversation.repairs.with(),
      faults: faults.with(leg.faults, ...link.wireFaults),
    };
  }
}

function endingOf(
  { ending, detail, destination }: CallOutcome,
): Pick<CallRecord, "ending" | "endingDetail"> {
  const endingDetail = detail ?? destination;
  return { ending, ...(endingDetail === undefined ? {} : { endingDetail }) };
}
