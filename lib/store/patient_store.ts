/**
 * A wall around a store: no call waits long for it, and what is to be kept waits until the store is there.
 *
 * Whoever asks gives a limit and gets an answer or a {@linkcode StoreError} within it. After one failure nobody waits
 * at all until the store has answered again. Whoever only wants something kept writes it into a queue, which one loop
 * carries to the store: at once while it is up, then whenever it is back.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import { type OpenStore, type Store, type StoreChange, StoreError } from "./store.ts";
import { WriteQueue } from "./write_queue.ts";

/** How long somebody waits who does not say. */
const ASK_MS = 3_000;
/** How long the loop waits for one answer: a slow store still gets everything. */
const TEND_MS = 10_000;
/** How long until the next try after one that failed. */
const RETRY_MS = 2_000;
/** What may wait to be written, beyond which the oldest is dropped. */
const QUEUE_BYTES = 32 * 1_024 * 1_024;

/** What a patient store needs. */
export interface PatientParts {
  /** Opens the store; tried again until it resolves. */
  readonly open: () => Promise<OpenStore>;
  /** Bounds the waiting. */
  readonly clock: Clock;
  /** Hears of a store that goes and comes. */
  readonly log: Log;
  /** Most that may wait to be written, 32 MiB unless given. */
  readonly queueBytes?: number;
}

/** What has happened to a patient store since it began. */
export interface PatientCounts {
  /** Operations that failed or came too late. */
  readonly failed: number;
  /** Writes that found no more room in the queue. */
  readonly dropped: number;
  /** Writes that wait now. */
  readonly queued: number;
}

/** A store that may be absent, slow or failing, and harms nobody by it. */
export class PatientStore {
  readonly #parts: PatientParts;
  readonly #closing = new AbortController();
  readonly #queue: WriteQueue;
  #failed = 0;
  #state: "opening" | "up" | "down" = "opening";
  #opened: Promise<OpenStore> | undefined;
  /** Runs while the store is not up or something waits. */
  #tending: Promise<void> | undefined;
  #pause: (() => void) | undefined;

  /** Begins to open the store. */
  constructor(parts: PatientParts) {
    this.#parts = parts;
    this.#queue = new WriteQueue(parts.queueBytes ?? QUEUE_BYTES);
    this.#tend();
  }

  /** Whether the store answered last time. */
  get isUp(): boolean {
    return this.#state === "up";
  }

  /** Counts for the metrics. */
  get counts(): PatientCounts {
    const { dropped, size: queued } = this.#queue;
    return { failed: this.#failed, dropped, queued };
  }

  /**
   * The store, for somebody who waits no longer than this for each answer. What it could not answer rejects with a
   * {@linkcode StoreError}; a commit that came too late may still have been made.
   */
  within(limitMs: number = ASK_MS): Store {
    return {
      get: (key) => this.#ask((store) => store.get(key), limitMs),
      list: (prefix, options) => this.#ask((store) => store.list(prefix, options), limitMs),
      commit: (changes, checks) => this.#ask((store) => store.commit(changes, checks), limitMs),
    };
  }

  /**
   * Has changes made, in this order, whenever the store can; their values must not change any more.
   *
   * @throws {RangeError} If a value is too large for any store
   */
  write(changes: readonly StoreChange[]): void {
    const { dropped } = this.counts;
    this.#queue.push(changes);
    if (dropped === 0 && this.counts.dropped > 0) this.#parts.log.error("store-writes-dropped");
    this.#tend();
  }

  /**
   * Waits until all that was written has been made.
   *
   * @returns False if that takes longer than `limitMs`
   */
  async flush(limitMs: number): Promise<boolean> {
    this.#pause?.();
    const emptied = (this.#tending ?? Promise.resolve()).then(() => this.#queue.size === 0);
    return await this.#withinLimit(emptied, limitMs).catch(() => false);
  }

  /** Ends every wait, and the store with it; what still waits to be written is lost. */
  close(): void {
    if (this.#isClosed) return;
    this.#closing.abort(new StoreError("Cannot ask store: it is closed"));
    this.#pause?.();
    this.#opened?.then((store) => store.close(), () => {});
  }

  async #ask<T>(ask: (store: Store) => Promise<T>, limitMs: number): Promise<T> {
    if (this.#isClosed) throw this.#closing.signal.reason;
    if (this.#state === "down") throw new StoreError("Cannot ask store: it did not answer lately");
    try {
      return await this.#withinLimit(this.#open().then(ask), limitMs);
    } catch (error) {
      if (error instanceof RangeError || this.#isClosed) throw error;
      this.#wentDown(error);
      this.#tend();
      if (error instanceof StoreError) throw error;
      throw new StoreError("Cannot ask store: it failed", { cause: error });
    }
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  get #hasWork(): boolean {
    return !this.#isClosed && (this.#state !== "up" || this.#queue.size > 0);
  }

  #open(): Promise<OpenStore> {
    this.#opened ??= this.#parts.open().catch((error) => {
      this.#opened = undefined;
      throw error;
    });
    return this.#opened;
  }

  #tend(): void {
    if (this.#hasWork) this.#tending ??= this.#carry();
  }

  async #carry(): Promise<void> {
    while (this.#hasWork) {
      try {
        await this.#withinLimit(this.#carryOnce(), TEND_MS);
        this.#cameUp();
      } catch (error) {
        if (this.#isClosed) break;
        this.#wentDown(error);
        await this.#rest();
      }
    }
    this.#tending = undefined;
  }

  /** One commit of what waits first; with nothing to commit, a question whose answer does not matter. */
  async #carryOnce(): Promise<void> {
    const store = await this.#open();
    const batch = this.#queue.batch();
    if (batch.length === 0) return void await store.get(["is-there"]);
    await store.commit(batch);
    this.#queue.done(batch);
  }

  #cameUp(): void {
    if (this.#state === "down") this.#parts.log.info("store-back", { ...this.counts });
    this.#state = "up";
  }

  #wentDown(error: unknown): void {
    this.#failed++;
    if (this.#state !== "down") this.#parts.log.warn("store-unavailable", { error });
    this.#state = "down";
  }

  /** Waits before the next try, unless something cannot wait. */
  async #rest(): Promise<void> {
    const { clock } = this.#parts;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = clock.at(clock.nowMs() + RETRY_MS, resolve);
    this.#pause = resolve;
    await promise;
    timer.cancel();
    this.#pause = undefined;
  }

  /** What `work` gives, unless the limit or the end comes first. */
  #withinLimit<T>(work: Promise<T>, limitMs: number): Promise<T> {
    const { clock } = this.#parts;
    const { signal } = this.#closing;
    return new Promise((resolve, reject) => {
      const late = () =>
        end(() => reject(new StoreError(`Cannot ask store: no answer in ${limitMs} ms`)));
      const closed = () => end(() => reject(signal.reason));
      const timer = clock.at(clock.nowMs() + limitMs, late);
      signal.addEventListener("abort", closed);
      function end(settle: () => void): void {
        timer.cancel();
        signal.removeEventListener("abort", closed);
        settle();
      }
      work.then((value) => end(() => resolve(value)), (error) => end(() => reject(error)));
    });
  }
}
