/**
 * A call, from answer to hang-up.
 *
 * Everything that happens - frames, marks, model messages, scores, timers - is a fact in one inbox. The loop takes one
 * at a time, asks the pure parts what follows and carries that out, and waits for nothing but the next fact. So facts
 * cannot overtake one another, and what happens in one call cannot touch another.
 *
 * @module
 */

import { Abilities } from "./abilities.ts";
import { beginConversation } from "./beginning.ts";
import type { CallEvent } from "./call_events.ts";
import { type CalleeAnswer, calleeAnswer } from "./callee_answer.ts";
import { CallKeeper } from "./call_keeper.ts";
import type { CallParts } from "./call_parts.ts";
import { endAll, LAST_WORDS_MS, STOP_GRACE_MS, TIME_LIMIT_GRACE_MS } from "./closing.ts";
import { pastOf } from "./call_past.ts";
import { Conversation } from "./conversation.ts";
import { Faults } from "./faults.ts";
import { Inbox } from "./inbox.ts";
import { Keypad } from "./keypad.ts";
import { TimeLimit } from "./limits.ts";
import type { ModelEvent, OpenModel } from "./model.ts";
import { takeFromModel } from "./model_facts.ts";
import { ModelLink } from "./model_link.ts";
import { ModelQueue } from "./model_queue.ts";
import { type CallEnding, type CallOutcome, LEG_ENDINGS, MAY_GO_ON } from "./outcome.ts";
import { recap } from "./recap.ts";
import { MutableLeg } from "./mutable_leg.ts";
import { Rotation } from "./rotation.ts";
import { onAbort } from "./signals.ts";
import { SilenceWatch } from "./silence_watch.ts";
import { type TimerName, Timers } from "./timers.ts";

export type { CallParts };

/**
 * Runs a call to its end. Whatever goes wrong in it becomes its outcome.
 *
 * @returns How the call ended, once everything that belonged to it is closed
 */
export async function runCall(parts: CallParts): Promise<CallOutcome> {
  const call = new Call(parts);
  let outcome: CallOutcome;
  try {
    outcome = await call.run();
  } catch (error) {
    parts.log.error("call-failed", { error });
    outcome = { ending: "call-failed", detail: String(error) };
  }
  await call.close(outcome);
  return outcome;
}

/** One call and everything that belongs to it. */
class Call {
  readonly #parts: CallParts;
  readonly #inbox: Inbox<CallEvent>;
  readonly #faults: Faults;
  readonly #link: ModelLink;
  readonly #timers: Timers;
  readonly #conversation: Conversation;
  readonly #keypad: Keypad;
  readonly #limit: TimeLimit;
  readonly #rotation = new Rotation();
  readonly #silence: SilenceWatch | undefined;
  /** How a call begins that we placed, unless it has come back. */
  readonly #callee: CalleeAnswer | undefined;
  readonly #keeper: CallKeeper;
  readonly #abilities: Abilities;
  readonly #ended = new AbortController();
  readonly #models = new ModelQueue((event) => this.#inbox.post(event));
  /** How it will end, once the last words were heard. */
  #ending: CallOutcome | undefined;
  #outcome: CallOutcome | undefined;

  constructor(parts: CallParts) {
    const { agent, vad, clock, openSecondModel } = parts;
    const leg = new MutableLeg(parts.leg);
    const past = pastOf(parts.continuity.resumed, clock.epochMs());
    const post = (event: CallEvent) => this.#inbox.post(event);
    this.#parts = parts;
    this.#inbox = parts.inbox ?? new Inbox();
    this.#faults = new Faults(past.record?.faults);
    this.#timers = new Timers(clock, (name) => post({ type: "timer-fired", name }));
    this.#link = new ModelLink({ isAutomatic: agent.turns.automatic !== undefined });
    this.#conversation = new Conversation({
      leg,
      vad,
      clock,
      post,
      link: this.#link,
      agent,
      timers: this.#timers,
      faults: this.#faults,
      past,
      log: parts.log,
      openSecondModel: openSecondModel && (() => this.#openSecondModel(openSecondModel)),
      giveUp: (problem) => this.#giveUp(problem),
      observer: parts.observer,
    });
    const rest = { conversation: this.#conversation, timers: this.#timers, clock };
    this.#keypad = new Keypad(agent.digits, rest);
    this.#limit = new TimeLimit([parts.maxCallSeconds, agent.limits.maxCallSeconds], rest);
    this.#silence = agent.deadAir
      ? new SilenceWatch({
        ...rest,
        config: agent.deadAir,
        hangUp: () => this.#hangUp({ ending: "agent-hung-up" }, LAST_WORDS_MS),
      })
      : undefined;
    this.#callee = calleeAnswer(parts, {
      ...rest,
      leg,
      hangUp: () => this.#hangUp({ ending: "agent-hung-up" }, LAST_WORDS_MS),
    });
    this.#abilities = new Abilities({ ...parts, ...rest, past, link: this.#link, post });
    this.#keeper = new CallKeeper({
      ...{ ...parts, ...rest, link: this.#link },
      abilities: this.#abilities,
      faults: this.#faults,
      isLeaving: () => this.#isLeaving,
    });
  }

  async run(): Promise<CallOutcome> {
    const { leg, agent, facts, signal, draining, outbound, log } = this.#parts;
    const post = (event: CallEvent) => this.#inbox.post(event);
    onAbort(draining, () => post({ type: "draining-began" }), this.#ended.signal);
    onAbort(signal, () => post({ type: "stop-requested" }), this.#ended.signal);
    const machine = outbound?.machineAnswered;
    if (machine) onAbort(machine, () => post({ type: "machine-answered" }), this.#ended.signal);
    const [link, conversation] = [this.#link, this.#conversation];
    beginConversation(this.#parts, { link, conversation, post: this.#models.next() });
    this.#keeper.showTo(this.#parts.observer, post);
    leg.listen(post);
    log.info("call-answered", { agent: agent.name, pii: { from: facts.from, to: facts.to } });
    this.#keeper.keep();
    while (!this.#outcome) {
      this.#take(await this.#inbox.next());
      if (this.#rotation.isTime(this.#conversation.isQuiet)) this.#link.rotate();
      if (this.#ending && !this.#conversation.isAgentSpeaking) this.#outcome ??= this.#ending;
      this.#outcome ??= this.#abilities.look();
    }
    return this.#outcome;
  }

  /** Ends everything that belongs to the call; a part that fails to end does not keep the others. */
  async close(outcome: CallOutcome): Promise<void> {
    this.#ended.abort();
    this.#inbox.close();
    await endAll([
      () => this.#abilities.close(),
      () => this.#leaveOpen(outcome),
      () => this.#conversation.silenceAgent(),
      () => this.#link.close(),
      () => this.#parts.leg.close(),
      () => this.#timers.cancelAll(),
    ], { faults: this.#faults, log: this.#parts.log });
    this.#keeper.end(outcome);
  }

  #take(event: CallEvent): void {
    this.#parts.observer?.took(event);
    switch (event.type) {
      case "frame-received":
        if (this.#callee?.isMachine) return this.#callee.hear(event.mulaw);
        return this.#conversation.frameReceived(event.mulaw, event.streamMs);
      case "frame-scored":
        return this.#conversation.frameScored(event.endMs, event.speechProbability);
      case "scoring-failed":
        return this.#conversation.scoringFailed(event.endMs, event.error);
      case "mark-reached":
        return this.#conversation.markReached(event.name);
      case "timer-fired":
        return this.#timerFired(event.name);
      case "digit-pressed":
        this.#silence?.callerActed();
        return this.#keypad.press(event.digit);
      case "leg-ended":
        this.#outcome = { ending: LEG_ENDINGS[event.reason] };
        return;
      case "machine-answered":
        return this.#callee?.machineAnswered();
      case "tool-settled":
      case "tool-timed-out":
      case "tool-delay-over":
        return this.#abilities.take(event);
      case "draining-began":
        return this.#keeper.checkpoint();
      case "hang-up-requested":
        return this.#hangUp({ ending: "console-hung-up" }, STOP_GRACE_MS);
      case "whispered":
        return this.#conversation.whisper(event.text);
      case "stop-requested":
        return this.#stopRequested();
      default:
        return this.#takeFromModel(event);
    }
  }

  #takeFromModel(event: ModelEvent): void {
    this.#rotation.take(event);
    if (event.type === "usage-reported") return this.#keeper.used(event.usage);
    if (event.type === "resumption-updated") return this.#keeper.resumableFrom(event.handle);
    this.#callee?.take(event);
    if (event.type === "agent-audio-received" && this.#callee?.isAnswerStale) return;
    takeFromModel(event, this.#conversation);
    this.#abilities.takeFromModel(event);
    if (event.type === "model-turn-completed") this.#keeper.keep();
  }

  #timerFired(name: TimerName): void {
    switch (name) {
      case "playout":
        return this.#conversation.playoutDue();
      case "frames-stopped":
        return this.#conversation.checkFrames();
      case "callee":
        return this.#callee?.due();
      case "echo-tail":
        return this.#conversation.echoEnded();
      case "answer":
        return this.#conversation.answers.look();
      case "silence":
        if (this.#callee?.isMachine) this.#silence?.callerActed();
        return this.#silence?.look();
      case "digits":
        return this.#keypad.look();
      case "checkpoint":
        return this.#keeper.checkpoint();
      case "wrap-up":
        return this.#limit.wrapUp();
      case "departure": // It is looked after every fact.
        return;
      case "time-limit":
        return this.#hangUp({ ending: "time-limit-reached" }, TIME_LIMIT_GRACE_MS);
      case "hang-up":
        this.#outcome = this.#ending;
        return;
      default:
        name satisfies never;
    }
  }

  #openSecondModel(open: OpenModel): void {
    const tellPast = () => recap(this.#conversation.transcript.entries());
    this.#link.begin(open(this.#models.next(), { recap: tellPast }));
  }

  #giveUp(problem: string): void {
    const error = this.#models.failure(problem);
    const { kind, retryable, closeCode } = error;
    this.#parts.log.error("model-failed", { error, kind, retryable, closeCode });
    this.#hangUp({ ending: "model-failed", detail: error.message }, LAST_WORDS_MS);
  }

  /** Whether the goodbye has been said, or is being said: the call does not come back. */
  get #isLeaving(): boolean {
    const isTold = this.#limit.isWrappingUp || (this.#silence?.isLeaving ?? false);
    return isTold || this.#abilities.isHangingUp ||
      this.#ending !== undefined && this.#ending.ending !== "server-stopped";
  }

  get #goodbyeEnding(): CallEnding {
    return this.#limit.isWrappingUp ? "time-limit-reached" : "agent-hung-up";
  }

  /** Another instance goes on with the call, if it can know of it; else it ends with a word. */
  #stopRequested(): void {
    const { continuity } = this.#parts;
    if (this.#isLeaving) this.#hangUp({ ending: this.#goodbyeEnding }, STOP_GRACE_MS);
    else if (continuity.canHandOver()) this.#outcome = { ending: "handed-over" };
    else this.#hangUp({ ending: "server-stopped" }, STOP_GRACE_MS);
  }

  /** A call that may come back is kept as it stands, before the stream is closed: the caller may be back at once. */
  async #leaveOpen({ ending, destination: transfer }: CallOutcome): Promise<void> {
    if (!MAY_GO_ON.has(ending) || this.#isLeaving) return;
    const isAnswerOpen = this.#keeper.isAnswerOpen;
    this.#conversation.silenceAgent();
    this.#keeper.checkpoint({ isAnswerOpen, transfer });
    if (ending !== "line-lost") await this.#parts.continuity.flush();
  }

  /** Ends the call once what the agent says now was heard, or `graceMs` from now. */
  #hangUp(outcome: CallOutcome, graceMs: number): void {
    this.#ending ??= outcome;
    this.#keeper.checkpoint();
    this.#timers.set("hang-up", this.#parts.clock.nowMs() + graceMs);
  }
}
