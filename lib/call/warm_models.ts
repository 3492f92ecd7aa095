/**
 * Conversations with the model that are begun before their call: the webhook says that a call comes, its stream opens a
 * moment later, and by then the greeting is on its way.
 *
 * @module
 */

import type { Clock, Timer } from "../clock.ts";
import type { KeptGreeting } from "./greeting_tape.ts";
import type { Model, ModelEvent, OpenModel } from "./model.ts";

/** How a conversation begins that has no call yet. */
export interface WarmBeginning {
  /** Opens it. */
  readonly openModel: OpenModel;
  /** Where an earlier conversation stopped. */
  readonly handle?: string | undefined;
  /** Tells what was said so far, until the call itself can. */
  readonly recap: () => string;
  /** How the model is told to begin. */
  readonly cue: string;
  /** Whether it is to answer that. */
  readonly reply: boolean;
  /** The greeting as it was known then: what the model was told fits it. */
  readonly greeting: KeptGreeting | undefined;
}

/** A conversation that was begun for a call, and what belongs to it. */
export interface ClaimedModel {
  /** Opens it, once: all that has happened so far is posted first. It was told how to begin. */
  readonly openModel: OpenModel;
  /** The greeting that it was told of. */
  readonly greeting: KeptGreeting | undefined;
}

/** A conversation that nobody has claimed. */
interface Warm {
  readonly model: Model;
  readonly timer: Timer;
  /** What has happened so far. */
  readonly events: ModelEvent[];
  readonly greeting: KeptGreeting | undefined;
  /** Where it goes from now on. */
  post: ((event: ModelEvent) => void) | undefined;
  recap: () => string;
}

/** A stream that has not come by then is not waited for with an open conversation. */
const CLAIMED_WITHIN_MS = 10_000;

/** The conversations that wait for their calls. */
export class WarmModels {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, Warm>();

  /** None waits yet. */
  constructor(options: { clock: Clock }) {
    this.#clock = options.clock;
  }

  /** Begins a conversation for a call; one that waits for it already is closed. */
  begin(callSid: string, beginning: WarmBeginning): void {
    const { openModel, handle, recap, cue, reply, greeting } = beginning;
    this.#drop(callSid);
    const events: ModelEvent[] = [];
    const take = (event: ModelEvent) => warm.post ? warm.post(event) : void events.push(event);
    const model = openModel(take, { handle, recap: () => warm.recap() });
    const timer = this.#clock.at(
      this.#clock.nowMs() + CLAIMED_WITHIN_MS,
      () => this.#drop(callSid),
    );
    const warm: Warm = { model, timer, events, greeting, post: undefined, recap };
    this.#waiting.set(callSid, warm);
    model.sendText(cue, { reply });
  }

  /** The conversation of a call, if one was begun and still stands. */
  claim(callSid: string): ClaimedModel | undefined {
    const warm = this.#waiting.get(callSid);
    if (!warm) return undefined;
    this.#waiting.delete(callSid);
    warm.timer.cancel();
    if (warm.events.some(({ type }) => type === "model-lost")) {
      warm.model.close();
      return undefined;
    }
    const openModel: OpenModel = (post, { recap }) => {
      warm.recap = recap;
      queueMicrotask(() => {
        for (const event of warm.events.splice(0)) post(event);
        warm.post = post;
      });
      return warm.model;
    };
    return { openModel, greeting: warm.greeting };
  }

  /** Closes all that nobody has claimed. */
  close(): void {
    for (const callSid of [...this.#waiting.keys()]) this.#drop(callSid);
  }

  #drop(callSid: string): void {
    const warm = this.#waiting.get(callSid);
    this.#waiting.delete(callSid);
    warm?.timer.cancel();
    warm?.model.close();
  }
}
