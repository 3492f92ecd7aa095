/**
 * Places for calls. There are as many as there may be calls at once, so that there can never be more; each is taken by
 * one call, and is free again when that call's time or its instance has run out.
 *
 * @module
 */

/** Who has a place. */
export interface SlotUse {
  /** The call. */
  readonly callSid: string;
  /** Who calls. */
  readonly caller: string;
  /** Who serves the call. */
  readonly instance: string;
  /** When the place is free again; absent: as long as the instance lives. */
  readonly untilMs?: number | undefined;
}

/** What is known of all places at one moment. */
export interface SlotTable {
  /** The places that are or were taken, by number. */
  readonly uses: ReadonlyMap<number, SlotUse>;
  /** Until when each instance is known to live. */
  readonly leases: ReadonlyMap<string, number>;
  /** The moment, by the clock of these books. */
  readonly nowMs: number;
}

/** How many calls there may be at once. */
export interface CallNumbers {
  /** In all. */
  readonly maxCalls: number;
  /** From one caller. */
  readonly maxCallsPerCaller: number;
}

/** What the network says of a caller who does not want to be known: these are many people, and none of them is counted. */
const WITHHELD: ReadonlySet<string> = new Set([
  "",
  "anonymous",
  "unknown",
  "unavailable",
  "restricted",
  "private",
]);

/** Whether a place is taken. */
export function isTaken(use: SlotUse, { leases, nowMs }: SlotTable): boolean {
  return (use.untilMs ?? leases.get(use.instance) ?? 0) > nowMs;
}

/**
 * Finds a place for one more call.
 *
 * @param wanted The caller, and a number below 1 by which one of the free places is chosen: who chooses at random seldom
 * chooses what another instance does
 */
export function findSlot(
  table: SlotTable,
  { maxCalls, maxCallsPerCaller }: CallNumbers,
  { caller, chance }: { caller: string; chance: number },
): number | "full" | "caller-full" {
  const taken = [...table.uses].filter(([, use]) => isTaken(use, table));
  const own = taken.filter(([, use]) => use.caller === caller).length;
  if (!isWithheld(caller) && own >= maxCallsPerCaller) return "caller-full";
  const numbers = new Set(taken.map(([slot]) => slot));
  const free = Array.from({ length: maxCalls }, (_, slot) => slot).filter((slot) =>
    !numbers.has(slot)
  );
  // A table of more places than there are now, after a change of the setting, counts in full.
  if (taken.length >= maxCalls) return "full";
  return free[Math.floor(chance * free.length)] ?? "full";
}

/** Whether the network does not say who calls. */
export function isWithheld(caller: string): boolean {
  return WITHHELD.has(caller.toLowerCase());
}
