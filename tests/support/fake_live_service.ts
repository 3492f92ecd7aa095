/**
 * Gemini Live on a test's clock, one connection after the other, with the rules that matter between them: a conversation
 * is kept as of its last handle, nothing is resumed while the old socket is open, and a call of a function is known to
 * its own connection alone, which hears nothing else while it waits.
 *
 * @module
 */

import { ModelError } from "../../lib/call/model.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Connection, connectLive } from "../../lib/gemini/live_connection.ts";
import type { ScriptedAnswer } from "./scripted_answers.ts";

const SETUP_MS = 80;
const CLOSE_MS = 40;
const THINK_MS = 200;
const CHUNK_SAMPLES = 960;
const CHUNK_MS = 40;
const PACE = 4;

/** One connection, as the service saw it. */
export interface FakeSession {
  readonly resumedFrom: string | undefined;
  readonly openedAtMs: number;
  /** What was written. */
  readonly texts: string[];
}

/** The service. */
export class FakeLiveService {
  readonly sessions: FakeSession[] = [];
  /** What was heard in the turns that were answered, first to last, whatever the connection. */
  readonly answeredTurns: Int16Array[] = [];
  /** What broke the rules. */
  readonly violations: string[] = [];
  readonly #clock: Clock;
  readonly #answers: (index: number) => ScriptedAnswer;
  readonly #handles = new Set<string>();
  #open: { goAway: (timeLeftMs: number) => void } | undefined;
  #answered = 0;
  #called = 0;

  /** Answers what it is asked, first to last. */
  constructor(clock: Clock, answers: (index: number) => ScriptedAnswer) {
    this.#clock = clock;
    this.#answers = answers;
  }

  /** Announces the end of the connection. */
  goAway(timeLeftMs: number): void {
    this.#open?.goAway(timeLeftMs);
  }

  /** Connects to it. */
  readonly connect: typeof connectLive = async ({ setup }, post, signal) => {
    const handle = setup.config.sessionResumption?.handle;
    await this.#passes(SETUP_MS);
    if (signal.aborted) throw signal.reason;
    if (this.#open) this.#refuse("the old socket is open");
    if (handle !== undefined && !this.#handles.has(handle)) this.#refuse("unknown handle");
    const openedAtMs = this.#clock.nowMs();
    const session: FakeSession = { resumedFrom: handle, openedAtMs, texts: [] };
    this.sessions.push(session);
    return this.#serve(session, post, signal);
  };

  #serve(session: FakeSession, post: Parameters<typeof connectLive>[1], signal: AbortSignal) {
    let [isOpen, generation] = [true, 0];
    let window: number[] | undefined;
    /** Functions that are waited for, and what is done then. */
    let waiting: { ids: Set<string>; then: () => void } | undefined;
    const gone = Promise.withResolvers<void>();
    const later = (ms: number, mine: number, act: () => void) =>
      this.#clock.at(
        this.#clock.nowMs() + ms,
        () => isOpen && mine === generation ? act() : undefined,
      );
    const offerHandle = () => {
      const handle = `h${this.#handles.size}`;
      this.#handles.add(handle);
      post({ type: "resumption-updated", handle });
    };
    const speak = (mine: number) => {
      const { pcm, text } = this.#answers(this.#answered++);
      post({ type: "agent-words-received", text });
      const chunks = Math.ceil(pcm.length / CHUNK_SAMPLES);
      for (let n = 0; n < chunks; n++) {
        const chunk = pcm.subarray(n * CHUNK_SAMPLES, (n + 1) * CHUNK_SAMPLES);
        const sendMs = n * CHUNK_MS / PACE;
        later(sendMs, mine, () => post({ type: "agent-audio-received", pcm: chunk }));
      }
      later(chunks * CHUNK_MS / PACE, mine, () => post({ type: "generation-completed" }));
      later(chunks * CHUNK_MS, mine, () => {
        post({ type: "model-turn-completed", reason: undefined });
        offerHandle();
      });
    };
    const answer = (turn: Int16Array | undefined) => {
      const mine = ++generation;
      post({ type: "resumption-updated", handle: undefined });
      const begin = () => {
        if (turn) this.answeredTurns.push(turn);
        speak(mine);
      };
      later(THINK_MS, mine, () => {
        const { calls } = this.#answers(this.#answered);
        if (!calls) return begin();
        const asked = calls.map((call) => ({ ...call, id: `f${this.#called++}` }));
        const ids = new Set(asked.map(({ id }) => id));
        waiting = { ids, then: () => later(THINK_MS, mine, begin) };
        post({ type: "functions-called", calls: asked });
      });
    };
    const close = () => {
      if (!isOpen) return;
      isOpen = false;
      this.#clock.at(this.#clock.nowMs() + CLOSE_MS, () => {
        this.#open = undefined;
        gone.resolve();
      });
    };
    const rule = (isKept: boolean, what: string) => {
      if (!isOpen) this.violations.push("said to a dead connection");
      if (waiting) this.violations.push("said while a function is waited for");
      if (!isKept) this.violations.push(what);
    };
    signal.addEventListener("abort", close, { once: true });
    this.#open = {
      goAway: (timeLeftMs) => isOpen ? post({ type: "model-going-away", timeLeftMs }) : undefined,
    };
    later(0, 0, offerHandle);
    return {
      faults: new Map(),
      closed: gone.promise,
      openActivity: () => {
        rule(window === undefined, "opened twice");
        window = [];
        generation++;
      },
      sendAudio: (pcm) => {
        rule(window !== undefined, "audio outside an activity");
        window?.push(...pcm);
      },
      endAudio: () => rule(false, "the end of audio belongs to automatic detection"),
      sendActivityText: (text) => {
        rule((window?.length ?? 0) > 0, "text first in an activity");
        session.texts.push(text);
      },
      closeActivity: () => {
        rule((window?.length ?? 0) > 0, "closed empty");
        answer(Int16Array.from(window ?? []));
        window = undefined;
      },
      sendText: (text, { reply }) => {
        rule(true, "");
        session.texts.push(text);
        if (reply) answer(undefined);
      },
      bufferedBytes: 0,
      sendContent: () => rule(false, "a call sends no content"),
      sendPicture: () => rule(false, "a call shows no pictures"),
      sendResults: (results) => {
        if (!isOpen) this.violations.push("answered to a dead connection");
        for (const { id } of results) {
          if (!waiting?.ids.delete(id)) this.violations.push(`no such function call: ${id}`);
        }
        if (waiting?.ids.size !== 0) return;
        waiting.then();
        waiting = undefined;
      },
      close,
    } satisfies Connection;
  }

  #refuse(why: string): never {
    this.violations.push(why);
    throw new ModelError("unavailable", why, { closeCode: 1011 });
  }

  #passes(ms: number): Promise<void> {
    return new Promise((resolve) => this.#clock.at(this.#clock.nowMs() + ms, resolve));
  }
}
