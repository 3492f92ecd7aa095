/**
 * The numbers by which silence is noticed and repaired.
 *
 * @module
 */

/** How an answer that does not come is repaired; tried in this order, and what cannot help is left out. */
export const REPAIRS = ["nudge", "repeat-turn", "rotate", "second-model", "give-up"] as const;

/** One way to repair. */
export type Repair = typeof REPAIRS[number];

/** The numbers by which silence is noticed and repaired. */
export interface OwedSettings {
  /** The caller hears nothing for this long while the model may be thinking: the line is bridged. */
  readonly bridgeAfterMs: number;
  /** The same while something is known to be wrong. */
  readonly bridgeFaultAfterMs: number;
  /** Silence after which an answer counts as absent, or as stalled. */
  readonly noticeAfterMs: number;
  /** The same behind the result of a function: a model takes longer to speak of that. */
  readonly noticeToolAfterMs: number;
  /** How long each repair is given. */
  readonly patienceMs: Readonly<Record<Exclude<Repair, "give-up">, number>>;
  /** How long a model that cannot be reached is waited for if there is a second one. */
  readonly secondModelAfterMs: number;
  /** After so much silence the model is given up, whatever was tried. */
  readonly longestSilenceMs: number;
  /** How long after a repair audio may still be that of the answer which it replaced. */
  readonly uncertainMs: number;
  /** Whether there is a second model. */
  readonly hasSecondModel: boolean;
}

/**
 * What every agent has. A silent model is given up ten seconds after it was asked; an answer that stalls is asked for on
 * a new connection four seconds after the last sound.
 */
export const DEFAULT_OWED_SETTINGS: OwedSettings = {
  bridgeAfterMs: 1_400,
  bridgeFaultAfterMs: 800,
  noticeAfterMs: 2_000,
  noticeToolAfterMs: 3_000,
  patienceMs: { "nudge": 2_000, "repeat-turn": 2_000, "rotate": 4_000, "second-model": 5_000 },
  secondModelAfterMs: 6_000,
  longestSilenceMs: 15_000,
  uncertainMs: 250,
  hasSecondModel: false,
};
