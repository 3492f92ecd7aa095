/**
 * Facts about speech that is owed, in short, and what follows from a list of them.
 *
 * @module
 */

import {
  NOTHING_OWED,
  type OwedFact,
  type OwedOrder,
  type OwedState,
} from "../../lib/turns/owed_facts.ts";
import { DEFAULT_OWED_SETTINGS, type OwedSettings } from "../../lib/turns/owed_settings.ts";
import { nextOwedMs, stepOwed } from "../../lib/turns/owed_speech.ts";

export const asked = (nowMs: number, isTool = false): OwedFact => ({
  type: "asked",
  nowMs,
  isTool,
  silentFromMs: nowMs,
});
export const audio = (nowMs: number, isAudible = true): OwedFact => ({
  type: "audio-arrived",
  nowMs,
  isAudible,
});
export const text = (nowMs: number): OwedFact => ({ type: "text-arrived", nowMs });
export const generated = (nowMs: number): OwedFact => ({ type: "generation-completed", nowMs });
export const turned = (nowMs: number, isRejected = false): OwedFact => ({
  type: "turn-completed",
  nowMs,
  isRejected,
});
export const interrupted = (nowMs: number, wasCut = false): OwedFact => ({
  type: "interrupted",
  nowMs,
  wasCut,
});
export const dry = (nowMs: number, atMs = nowMs): OwedFact => ({
  type: "line-runs-dry",
  nowMs,
  atMs,
});
export const floor = (nowMs: number): OwedFact => ({ type: "caller-took-floor", nowMs });
export const gone = (nowMs: number): OwedFact => ({ type: "model-gone", nowMs });
export const reached = (nowMs: number, isAnew = false): OwedFact => ({
  type: "model-reached",
  nowMs,
  isAnew,
});
/** Time passes until `nowMs`. */
export const time = (nowMs: number): OwedFact => ({ type: "time-passed", nowMs });

/** What happens, and which orders follow. */
export type Case = [
  what: string,
  facts: readonly OwedFact[],
  orders: readonly string[],
  settings?: Partial<OwedSettings>,
];

/** Where there is a second model. */
export const SECOND = { hasSecondModel: true };

/** An order and when it was given. */
export interface Given {
  readonly atMs: number;
  readonly order: OwedOrder;
}

/** Plays facts to a model that was reached; between two of them every time that is due comes in its turn. */
export function play(
  facts: readonly OwedFact[],
  settings: Partial<OwedSettings> = {},
  begin: OwedState = { ...NOTHING_OWED, isReachable: true },
): { state: OwedState; given: Given[] } {
  const all = { ...DEFAULT_OWED_SETTINGS, ...settings };
  const given: Given[] = [];
  let state = begin;
  let nowMs = 0;
  const take = (fact: OwedFact) => {
    nowMs = fact.nowMs;
    const [next, orders] = stepOwed(state, fact, all);
    state = next;
    given.push(...orders.map((order) => ({ atMs: fact.nowMs, order })));
  };
  for (const fact of facts) {
    for (
      let dueMs = nextOwedMs(state, all);
      dueMs !== undefined && dueMs <= fact.nowMs;
      dueMs = nextOwedMs(state, all)
    ) take(time(Math.max(dueMs, nowMs)));
    take(fact);
  }
  return { state, given };
}

/** The same in words, without what becomes of each piece of audio: `2000 nudge absent`. */
export function told(...args: Parameters<typeof play>): string[] {
  return play(...args).given
    .filter(({ order }) => order.type !== "play-audio")
    .map(({ atMs, order }) => `${atMs} ${inWords(order)}`);
}

function inWords(order: OwedOrder): string {
  switch (order.type) {
    case "repair":
      return `${order.repair} ${order.problem}${order.hasBegun ? ", go on" : ""}`;
    case "start-bridge":
      return `start-bridge${order.isMidAnswer ? " in mid-answer" : ""}`;
    default:
      return order.type;
  }
}
