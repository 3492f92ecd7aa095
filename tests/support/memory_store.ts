/**
 * A store that forgets, behind the wall that a real one has.
 *
 * @module
 */

import type { Clock } from "../../lib/clock.ts";
import { createLog } from "../../lib/log.ts";
import { MemoryStore } from "../../lib/store/memory_store.ts";
import { PatientStore } from "../../lib/store/patient_store.ts";

/** An empty store; whoever has it closes it. */
export function memoryStore(clock: Clock): PatientStore {
  const open = () => Promise.resolve(new MemoryStore({ clock }));
  return new PatientStore({ open, clock, log: createLog({ level: "error", clock, write() {} }) });
}

/** A store that cannot be opened; whoever has it closes it. */
export function absentStore(clock: Clock): PatientStore {
  const open = () => Promise.reject(new Error("there is no store"));
  return new PatientStore({ open, clock, log: createLog({ level: "error", clock, write() {} }) });
}
