/**
 * A running call as people see it from outside: who speaks, what tools run, what happened beside what was said. What
 * was said is asked of the call itself when somebody reads, so while nobody does, next to nothing is done.
 *
 * @module
 */

import type { CallMoment, CallRecord } from "../records/call_record.ts";
import type { TurnOrder } from "../turns/turn_machine.ts";
import type { CallEvent } from "./call_events.ts";
import type { CallHandle, CallObserver, ToolInSight } from "./call_observer.ts";
import { CallTrace, type TraceColumn } from "./call_trace.ts";
import type { CallFacts, Leg } from "./leg.ts";

/** Most moments that are kept; what comes after them is not. */
const MOST_MOMENTS = 2_000;

const MOMENT_OF: Readonly<Partial<Record<TurnOrder["type"], CallMoment["type"]>>> = {
  "open-activity": "window-opened",
  "close-activity": "window-closed",
  "hold-playout": "answer-held",
  "resume-playout": "answer-resumed",
  "clear-playout": "answer-cut",
};

/** Who has the floor, as far as can be seen. */
export type Speaker = "caller" | "agent" | "held" | "nobody";

/** Sees one call. */
export class CallSight implements CallObserver {
  /** What is known of the call from its beginning. */
  readonly facts: CallFacts;
  readonly #moments: CallMoment[] = [];
  #call: CallHandle | undefined;
  #isCallerSpeaking = false;
  #isHeld = false;
  #agentUntilMs = 0;
  readonly #counted = new Map<CallMoment["type"], number>();
  /** Only while somebody reads. */
  #trace: CallTrace | undefined;
  #readers = 0;
  #ending: string | undefined;

  /** Sees nothing before the call begins. */
  constructor(facts: CallFacts) {
    this.facts = facts;
  }

  /** How the call ended, once it has. */
  get ending(): string | undefined {
    return this.#ending;
  }

  /** The tools that run, oldest first. */
  get tools(): readonly ToolInSight[] {
    return this.#call?.tools() ?? [];
  }

  /** Who has the floor. */
  get speaker(): Speaker {
    if (this.#isHeld) return "held";
    if (this.#isCallerSpeaking) return "caller";
    return this.#agentUntilMs > this.#callMs ? "agent" : "nobody";
  }

  /** All that is known of the call at this moment; nothing before it begins. */
  record(): CallRecord | undefined {
    return this.#call?.record();
  }

  /** A record with what happened beside it; what was counted since the last one is among that. */
  withMoments(record: CallRecord): CallRecord {
    this.#noteCounts("repair", record.repairs);
    this.#noteCounts("fault", record.faults);
    return { ...record, moments: [...this.#moments] };
  }

  /** Tells the agent something that the caller does not hear. @returns False if the call has not begun */
  whisper(text: string): boolean {
    this.#call?.whisper(text);
    return this.#call !== undefined;
  }

  /** Has the call end soon. @returns False if it has not begun */
  hangUp(): boolean {
    this.#call?.hangUp();
    return this.#call !== undefined;
  }

  /** Somebody begins to read: sound is looked at from now on. @returns Ends that */
  watch(): () => void {
    this.#readers++;
    this.#trace ??= new CallTrace();
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      if (--this.#readers === 0) this.#trace = undefined;
    };
  }

  /** The sound of late, from a column on; nothing while nobody reads. */
  columns(from: number): TraceColumn[] {
    return this.#trace?.columns(from, this.#callMs) ?? [];
  }

  /** The same leg, with its playing seen. */
  see(leg: Leg): Leg {
    return {
      get faults() {
        return leg.faults;
      },
      listen: (post) => leg.listen(post),
      play: (mulaw) => {
        this.#agentUntilMs = Math.max(this.#agentUntilMs, this.#callMs) + mulaw.length / 8;
        this.#trace?.agentAudio(mulaw, this.#callMs);
        leg.play(mulaw);
      },
      mark: (name) => leg.mark(name),
      clear: () => {
        this.#agentUntilMs = this.#callMs;
        this.#trace?.agentCleared(this.#callMs);
        leg.clear();
      },
      close: () => leg.close(),
    };
  }

  /** The call has begun. */
  began(call: CallHandle): void {
    this.#call = call;
  }

  /** The call is over. */
  ended(ending: string): void {
    this.#ending = ending;
    this.#isCallerSpeaking = false;
    this.#isHeld = false;
    this.#agentUntilMs = 0;
  }

  /** A fact was taken from the inbox. */
  took(event: CallEvent): void {
    switch (event.type) {
      case "frame-received":
        return this.#trace?.callerFrame(event.mulaw, this.#callMs);
      case "frame-scored":
        return this.#trace?.scored(event.speechProbability, this.#callMs);
      case "digit-pressed":
        return this.#note("key-pressed", event.digit);
      case "functions-called":
        for (const { name } of event.calls) this.#note("tool-called", name);
        return;
      case "whispered":
        return this.#note("whispered", event.text);
      case "model-state-changed":
        if (event.state === "disconnected") this.#note("model-away");
        return;
      case "model-reconnected":
        return this.#note("model-back", event.how);
    }
  }

  /** The turn machine has ordered something. */
  ordered(order: TurnOrder["type"]): void {
    if (order === "open-activity") this.#isCallerSpeaking = true;
    if (order === "close-activity") this.#isCallerSpeaking = false;
    this.#isHeld = order === "hold-playout" ||
      this.#isHeld && order !== "resume-playout" && order !== "clear-playout" &&
        order !== "open-activity";
    const moment = MOMENT_OF[order];
    if (moment) this.#note(moment);
  }

  get #callMs(): number {
    return this.#call?.callMs() ?? 0;
  }

  #noteCounts(type: "repair" | "fault", counts: Readonly<Record<string, number>>): void {
    const names = Object.entries(counts);
    const total = names.reduce((sum, [, count]) => sum + count, 0);
    if (total > (this.#counted.get(type) ?? 0)) {
      this.#note(type, names.map(([name, count]) => `${name} ${count}`).join(", "));
    }
    this.#counted.set(type, total);
  }

  #note(type: CallMoment["type"], detail?: string): void {
    if (this.#moments.length >= MOST_MOMENTS) return;
    this.#moments.push({ type, atMs: this.#callMs, ...(detail === undefined ? {} : { detail }) });
  }
}
