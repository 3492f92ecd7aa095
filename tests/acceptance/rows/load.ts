/**
 * L: many calls.
 *
 * @module
 */

import { LOAD_SETUP, runLoad } from "../load.ts";
import type { Rig } from "../rig.ts";
import type { Row } from "../row.ts";

/** What a load may show at most. */
interface Limits {
  readonly latePercent: number;
  readonly uplinkMs: number;
  readonly uplinkRareMs?: number;
  readonly downlinkMs: number;
  readonly gapMsPerMinute?: number;
  readonly cpuPercent?: number;
}

function loaded(size: { calls: number; seconds: number }, limits: Limits) {
  return async (rig: Rig): Promise<void> => {
    const { figures } = rig;
    const seen = await runLoad(rig, size);
    const [, uplinkMs, rareMs] = seen.uplinkMs;
    figures.atMost("late", seen.latePercent, limits.latePercent, "% late");
    figures.atMost("uplink p99", uplinkMs, limits.uplinkMs, "ms");
    figures.atMost("uplink p99.9", rareMs, limits.uplinkRareMs ?? Infinity, "ms");
    figures.atMost("downlink p99", seen.downlinkMs[1], limits.downlinkMs, "ms");
    figures.atMost("gaps a minute", seen.gapMsPerMinute, limits.gapMsPerMinute ?? Infinity, "ms");
    figures.atMost("of a core", seen.cpuPercent, limits.cpuPercent ?? Infinity, "%");
    figures.is("calls that ended", seen.endedCalls, 0);
    figures.is("frames lost", seen.lostFrames, 0);
  };
}

/** L01 to L03. */
export const LOAD_ROWS: readonly Row[] = [
  {
    ...LOAD_SETUP,
    id: "L01",
    isLong: true,
    limitMs: 240_000,
    run: loaded({ calls: 20, seconds: 120 }, { latePercent: 0.1, uplinkMs: 10, downlinkMs: 25 }),
  },
  {
    ...LOAD_SETUP,
    id: "L02",
    isLong: true,
    limitMs: 300_000,
    run: loaded({ calls: 50, seconds: 120 }, {
      latePercent: 0.5,
      uplinkMs: 20,
      uplinkRareMs: 50,
      downlinkMs: 30,
      gapMsPerMinute: 20,
      cpuPercent: 60,
    }),
  },
  {
    ...LOAD_SETUP,
    id: "L03",
    isLong: true,
    limitMs: 300_000,
    run: loaded({ calls: 100, seconds: 60 }, { latePercent: 1, uplinkMs: 40, downlinkMs: 40 }),
  },
];
