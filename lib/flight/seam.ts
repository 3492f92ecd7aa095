/**
 * What lies between a call and everything around it: leg, model, clock, tools, what is kept. A recorder notes what passes,
 * a replay lets the same pass again; which things they are is said here, once for both.
 *
 * A detector's score, a tool's result, a digit and whatever else only becomes a fact are taken at the inbox. What the
 * model says and timers pass by parts of the call first, so they are taken where they come in.
 *
 * @module
 */

import type { CallEvent } from "../call/call_events.ts";
import type { CallParts } from "../call/call_parts.ts";
import type { Continuity } from "../call/call_keeper.ts";
import { Inbox } from "../call/inbox.ts";
import type { KeptGreeting } from "../call/greeting_tape.ts";
import type { Leg } from "../call/leg.ts";
import type { Model, ModelEvent, OpenModel } from "../call/model.ts";
import type { Clock } from "../clock.ts";
import type { ToolEvent } from "../tools/tool_runner.ts";
import { seamToolKit } from "./seam_tools.ts";

/** Notes what passes, or lets the same pass again. */
export interface Seam {
  /** The call's clock. It stands still while a fact is worked out, so that one reading per fact is enough. */
  readonly nowMs: number;
  /** The call does something; `act` does it. */
  tell<Result>(out: string, given: readonly unknown[], act: () => Result): Result;
  /** The call asks something; in a replay it gets the answer that it got then, and `act` is not asked. */
  ask<Answer>(out: string, given: readonly unknown[], act: () => Answer): Answer;
  /** A way into the call: what comes by it goes to `take`. In a replay it comes from the flight. */
  way<Given extends readonly unknown[], Result>(
    name: string,
    take: (...given: Given) => Result,
  ): (...given: Given) => Result;
  /** Counts that change by themselves; in a replay they are those of the flight. */
  counts(name: string, counts: ReadonlyMap<string, number>): ReadonlyMap<string, number>;
  /** The call waits for its next fact; in a replay until it is time. `isEmpty`: whether there is none yet. */
  waits(isEmpty: () => boolean): Promise<void> | undefined;
  /** It has got it. */
  took(type: string): void;
  /** The call waits for something else. */
  pause(out: string, act: () => Promise<void>): Promise<void>;
}

/** The same parts with a seam around them. */
export function seamParts(parts: CallParts, seam: Seam): CallParts {
  const openings = new Openings(seam);
  const { greeting, openSecondModel, toolKit, spent } = parts;
  return {
    ...parts,
    inbox: new SeamInbox(seam),
    clock: new SeamClock(parts.clock, seam),
    leg: seamLeg(parts.leg, seam),
    openModel: openings.seam(parts.openModel, "first"),
    openSecondModel: openSecondModel && openings.seam(openSecondModel, "second"),
    greeting: greeting && seamGreeting(greeting, seam),
    toolKit: toolKit && seamToolKit(toolKit, seam),
    spent: spent && ((usd) => seam.tell("spent", [usd], () => spent(usd))),
    keep: (record) => seam.tell("keep", [record], () => parts.keep(record)),
    continuity: seamContinuity(parts.continuity, seam),
  };
}

/** Facts that parts of the call post: what they come of is noted where it comes in. */
type InnerFact =
  | ModelEvent["type"]
  | Exclude<ToolEvent["type"], "tool-settled">
  | "timer-fired";

/** All others come from outside, by no other way than the inbox. */
const FROM_OUTSIDE: Readonly<Record<Exclude<CallEvent["type"], InnerFact>, true>> = {
  "frame-received": true,
  "mark-reached": true,
  "digit-pressed": true,
  "leg-ended": true,
  "frame-scored": true,
  "scoring-failed": true,
  "tool-settled": true,
  "machine-answered": true,
  "draining-began": true,
  "hang-up-requested": true,
  "whispered": true,
  "stop-requested": true,
};

class SeamInbox extends Inbox<CallEvent> {
  readonly #seam: Seam;
  readonly #fromOutside: (fact: CallEvent) => void;

  constructor(seam: Seam) {
    super();
    this.#seam = seam;
    this.#fromOutside = seam.way("fact", (fact: CallEvent) => super.post(fact));
  }

  override post(fact: CallEvent): void {
    if (Object.hasOwn(FROM_OUTSIDE, fact.type)) this.#fromOutside(fact);
    else super.post(fact);
  }

  override next(): Promise<CallEvent> {
    const ready = this.#seam.waits(() => this.isEmpty);
    return ready ? ready.then(() => super.next()) : super.next();
  }

  override take(): CallEvent | undefined {
    const fact = super.take();
    if (fact) this.#seam.took(fact.type);
    return fact;
  }
}

class SeamClock implements Clock {
  readonly #clock: Clock;
  readonly #seam: Seam;
  #timers = 0;

  constructor(clock: Clock, seam: Seam) {
    this.#clock = clock;
    this.#seam = seam;
  }

  nowMs(): number {
    return this.#seam.nowMs;
  }

  epochMs(): number {
    return this.#seam.ask("epoch", [], () => this.#clock.epochMs());
  }

  at(atMs: number, fire: () => void): ReturnType<Clock["at"]> {
    const number = ++this.#timers;
    const timer = this.#seam.tell("timer.set", [number, atMs], () => {
      return this.#clock.at(atMs, this.#seam.way(`timer ${number}`, fire));
    });
    return {
      cancel: () => this.#seam.tell("timer.cancel", [number], () => timer.cancel()),
    };
  }
}

function seamLeg(leg: Leg, seam: Seam): Leg {
  return {
    faults: seam.counts("leg", leg.faults),
    listen: (post) => seam.tell("leg.listen", [], () => leg.listen(post)),
    play: (mulaw) => seam.tell("leg.play", [mulaw], () => leg.play(mulaw)),
    mark: (name) => seam.tell("leg.mark", [name], () => leg.mark(name)),
    clear: () => seam.tell("leg.clear", [], () => leg.clear()),
    close: () => seam.tell("leg.close", [], () => leg.close()),
  };
}

/** The models that a call opens, by number. */
class Openings {
  readonly #seam: Seam;
  #opened = 0;

  constructor(seam: Seam) {
    this.#seam = seam;
  }

  seam(open: OpenModel, which: "first" | "second"): OpenModel {
    const seam = this.#seam;
    return (post, { handle, recap }) => {
      const number = ++this.#opened;
      const take = seam.way(`model ${number}`, post);
      const tellPast = seam.way(`recap ${number}`, () => {
        const past = recap();
        return seam.tell("recap", [number, past], () => past);
      });
      const model = seam.tell(
        "model.open",
        [number, { which, handle }],
        () => open(take, { handle, recap: tellPast }),
      );
      return seamModel(model, { number, seam });
    };
  }
}

function seamModel(model: Model, { number, seam }: { number: number; seam: Seam }): Model {
  const tell = <Result>(out: string, given: readonly unknown[], act: () => Result) =>
    seam.tell(`model.${out}`, [number, ...given], act);
  return {
    get state() {
      return model.state;
    },
    faults: seam.counts(`model ${number}`, model.faults),
    openActivity: () => tell("open-activity", [], () => model.openActivity()),
    sendAudio: (pcm) => tell("audio", [pcm], () => model.sendAudio(pcm)),
    endAudio: () => tell("end-audio", [], () => model.endAudio()),
    sendActivityText: (text) => tell("activity-text", [text], () => model.sendActivityText(text)),
    closeActivity: () => tell("close-activity", [], () => model.closeActivity()),
    sendText: (text, options) => tell("text", [text, options], () => model.sendText(text, options)),
    answerFunctions: (answers) =>
      tell("answer-functions", [answers], () => model.answerFunctions(answers)),
    rotate: () => tell("rotate", [], () => model.rotate()),
    repeatTurn: () => seam.ask("model.repeat-turn", [number], () => model.repeatTurn()),
    close: () => tell("close", [], () => model.close()),
  };
}

function seamGreeting({ kept, keep }: KeptGreeting, seam: Seam): KeptGreeting {
  return { kept, keep: (pcm) => seam.tell("greeting.keep", [pcm], () => keep(pcm)) };
}

function seamContinuity(continuity: Continuity, seam: Seam): Continuity {
  const { term, resumed } = continuity;
  return {
    term,
    resumed,
    save: (snapshot) => seam.tell("snapshot", [snapshot], () => continuity.save(snapshot)),
    canHandOver: () => seam.ask("can-hand-over", [], () => continuity.canHandOver()),
    flush: () => seam.pause("flush", () => continuity.flush()),
  };
}
