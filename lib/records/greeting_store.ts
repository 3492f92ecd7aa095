/**
 * Greetings as they were spoken once: in memory, and in the store for the next process.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { changesForLarge, getLarge } from "../store/chunks.ts";
import type { PatientStore } from "../store/patient_store.ts";

/** What makes one greeting another. */
export interface GreetingKey {
  /** Whose voice. */
  readonly voice: string;
  /** What is said. */
  readonly text: string;
  /** Which model says it. */
  readonly model: string;
}

/** How long a caller's greeting may be looked for. */
const READ_MS = 200;
/** A voice may be changed by whoever makes it: after so long it is spoken anew. */
const KEPT_MS = 7 * 86_400_000;
/** Greetings that are kept in memory. */
const MOST = 20;

/** Keeps greetings and finds them again. */
export class GreetingStore {
  readonly #store: PatientStore;
  readonly #own = new Map<string, Int16Array>();

  /** Finds what any process keeps in the store. */
  constructor(options: { store: PatientStore }) {
    this.#store = options.store;
  }

  /** A greeting as it was spoken, samples at 24 kHz; nothing if it never was, or the store does not say. */
  async get(key: GreetingKey): Promise<Int16Array | undefined> {
    const name = nameOf(key);
    const own = this.#own.get(name);
    if (own) return own;
    try {
      const kept = await getLarge(this.#store.within(READ_MS), ["greeting", name]);
      if (!(kept instanceof Int16Array)) return undefined;
      this.#remember(name, kept);
      return kept;
    } catch {
      // The store has told that it is away; the model speaks.
      return undefined;
    }
  }

  /** Keeps a greeting. Never throws. */
  keep(key: GreetingKey, pcm: Int16Array): void {
    const name = nameOf(key);
    if (this.#own.has(name)) return;
    this.#remember(name, pcm);
    this.#store.write(
      changesForLarge(["greeting", name], pcm, { writing: 1, expireInMs: KEPT_MS }),
    );
  }

  #remember(name: string, pcm: Int16Array): void {
    this.#own.set(name, pcm);
    if (this.#own.size <= MOST) return;
    const [oldest] = this.#own.keys();
    if (oldest !== undefined) this.#own.delete(oldest);
  }
}

function nameOf({ voice, text, model }: GreetingKey): string {
  return createHash("sha256").update(JSON.stringify([voice, model, text])).digest("hex");
}
