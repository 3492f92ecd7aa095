/**
 * A service on a test's clock that calls functions, behind the real session. It keeps the emulator's rules: windows,
 * sockets, handles, and what may be said while a call of a function is open.
 *
 * @module
 */

import { newSessionRecord } from "../../emulators/gemini_records.ts";
import { Refusal } from "../../emulators/gemini_refusal.ts";
import { ActivityWindows } from "../../emulators/gemini_windows.ts";
import { ModelError } from "../../lib/call/model.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Connection, connectLive } from "../../lib/gemini/live_connection.ts";
import type { ConnectionEvent } from "../../lib/gemini/live_events.ts";

const SETUP_MS = 200;
const CLOSE_MS = 30;

/** What became of one call. */
type Fate = "open" | "answered" | "cancelled" | "died";

/** A connection that is open. */
interface OpenSocket {
  readonly post: (event: ConnectionEvent) => void;
  readonly calls: Map<string, { readonly isBlocking: boolean }>;
  isOpen(): boolean;
  drop(): void;
}

/** A service that calls functions. */
export class ToolService {
  readonly violations: string[] = [];
  readonly fates = new Map<string, Fate>();
  readonly #clock: Clock;
  readonly #handles = new Set<string>();
  #socket: OpenSocket | undefined;

  /** Nobody is connected. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Connects to it. */
  readonly connect: typeof connectLive = async ({ setup }, post, signal) => {
    const handle = setup.config.sessionResumption?.handle;
    await new Promise<void>((resolve) =>
      this.#clock.at(this.#clock.nowMs() + SETUP_MS, () => resolve())
    );
    if (signal.aborted) throw signal.reason;
    if (this.#socket) this.#broken("the old socket is open");
    if (handle !== undefined && !this.#handles.has(handle)) this.#broken("unknown handle");
    return this.#serve(post, signal);
  };

  /** The model calls functions. */
  call(...functions: readonly { readonly name: string; readonly isBlocking: boolean }[]): void {
    const socket = this.#socket;
    if (!socket?.isOpen()) return;
    const calls = functions.map(({ name, isBlocking }) => {
      const id = `fc_${this.fates.size + 1}`;
      this.fates.set(id, "open");
      socket.calls.set(id, { isBlocking });
      return { id, name, args: {} };
    });
    socket.post({ type: "functions-called", calls });
  }

  /** The model speaks a little, and its turn is over. */
  speak(): void {
    const post = this.#socket?.post;
    post?.({ type: "agent-audio-received", pcm: new Int16Array(960) });
    post?.({ type: "generation-completed" });
    post?.({ type: "model-turn-completed", reason: undefined });
    const handle = `h${this.#handles.size}`;
    this.#handles.add(handle);
    post?.({ type: "resumption-updated", handle });
  }

  /** The connection will end. */
  goAway(timeLeftMs: number): void {
    this.#socket?.post({ type: "model-going-away", timeLeftMs });
  }

  /** The connection ends at once. */
  drop(): void {
    this.#socket?.drop();
  }

  #serve(post: OpenSocket["post"], signal: AbortSignal): Connection {
    const gone = Promise.withResolvers<void>();
    const opened = newSessionRecord({ connection: 0, path: "", openedAtMs: 0 });
    const record = { ...opened, setup: MANUAL };
    const windows = new ActivityWindows({ clock: this.#clock, record, loseStartWithinMs: 50 });
    const calls: OpenSocket["calls"] = new Map();
    let isOpen = true;
    const end = (inMs: number) => {
      if (!isOpen) return;
      isOpen = false;
      for (const id of calls.keys()) this.fates.set(id, "died");
      this.#clock.at(this.#clock.nowMs() + inMs, () => {
        this.#socket = undefined;
        gone.resolve();
      });
    };
    const socket: OpenSocket = {
      post: (event) => isOpen ? post(event) : undefined,
      calls,
      isOpen: () => isOpen,
      drop: () => {
        if (!isOpen) return;
        end(0);
        post({ type: "model-lost", error: new ModelError("unavailable", "dropped") });
      },
    };
    this.#socket = socket;
    signal.addEventListener("abort", () => end(CLOSE_MS), { once: true });
    const by = (act: () => unknown) => () => this.#judge(isOpen, calls, act);
    return {
      faults: new Map(),
      closed: gone.promise,
      openActivity: by(() => windows.start() && this.#cancel(socket)),
      sendAudio: (pcm) => by(() => windows.hear(pcm))(),
      endAudio: by(() => this.violations.push("the end of audio in manual mode")),
      sendActivityText: by(() => windows.admits("text")),
      closeActivity: by(() => windows.end()),
      sendText: by(() => undefined),
      bufferedBytes: 0,
      sendContent: () => this.violations.push("a call sends no content"),
      sendPicture: () => this.violations.push("a call shows no pictures"),
      sendResults: (answers) => {
        if (!isOpen) this.violations.push("answered to a dead connection");
        for (const { id } of answers) {
          if (!calls.delete(id)) this.violations.push(`no such function call is open: ${id}`);
          this.fates.set(id, "answered");
        }
      },
      close: () => end(CLOSE_MS),
    };
  }

  /** The caller breaks in: what is open of a turn dies with it. */
  #cancel({ calls, post }: OpenSocket): void {
    const ids = [...calls.keys()];
    if (ids.length === 0) return;
    for (const id of ids) this.fates.set(id, "cancelled");
    calls.clear();
    post({ type: "generation-interrupted" });
    post({ type: "functions-cancelled", ids });
  }

  #judge(isOpen: boolean, calls: OpenSocket["calls"], act: () => unknown): void {
    if (!isOpen) this.violations.push("said to a dead connection");
    const isBlocked = calls.values().some(({ isBlocking }) => isBlocking);
    if (isBlocked) this.violations.push("said while a blocking call is open");
    try {
      act();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.violations.push(error.message);
    }
  }

  #broken(why: string): never {
    this.violations.push(why);
    throw new ModelError("unavailable", why);
  }
}

const MANUAL = {
  model: "models/gemini-3.8-live",
  realtimeInputConfig: { automaticActivityDetection: { disabled: true } },
};
