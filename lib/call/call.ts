/**
 * A call, from answer to hang-up.
 *
 * Everything that happens - frames, marks, model messages, scores, timers - is a fact in one inbox. The loop takes one
 * at a time, asks the pure parts what follows and carries that out, and waits for nothing but the next fact. So facts
 * cannot overtake one another, and what happens in one call cannot touch another.
 *
 * @module
 */

import type { Vad } from "../../audio/vad.ts";
import type { AgentConfig } from "../agents/agent_config.ts";
import type { Clock } from "../clock.ts";
import type { Log } from "../log.ts";
import type { CallRecord } from "../records/call_record.ts";
import type { CallEvent } from "./call_events.ts";
import { Conversation } from "./conversation.ts";
import { greetingCue } from "./cues.ts";
import { Faults } from "./faults.ts";
import { Inbox } from "./inbox.ts";
import { Keypad } from "./keypad.ts";
import type { CallFacts, Leg } from "./leg.ts";
import { TimeLimit } from "./limits.ts";
import type { ModelError, ModelEvent, OpenModel } from "./model.ts";
import { ModelLink } from "./model_link.ts";
import type { CallOutcome } from "./outcome.ts";
import { recap } from "./recap.ts";
import { Rotation } from "./rotation.ts";
import { SilenceWatch } from "./silence_watch.ts";
import { type TimerName, Timers } from "./timers.ts";
import { addTokens, NO_TOKENS } from "./tokens.ts";

/** How long the last words may take to be heard, at most. */
const LAST_WORDS_MS = 30_000;
/** The same for a server that stops: it does not wait longer itself. */
const STOP_GRACE_MS = 1_200;
/** The same for a call that has used up its time. */
const TIME_LIMIT_GRACE_MS = 800;

/** What a call is made of. */
export interface CallParts {
  /** The caller's side, verified. */
  readonly leg: Leg;
  /** What is known of the call. */
  readonly facts: CallFacts;
  /** Who answers; variables in the greeting are filled in. */
  readonly agent: AgentConfig;
  /** Opens the conversation with the model. */
  readonly openModel: OpenModel;
  /** Hears the caller; used by this call alone. */
  readonly vad: Vad;
  /** Longest call. */
  readonly maxCallSeconds: number;
  /** Takes what is known of the call, at each turn and at its end; does not throw. */
  readonly keep: (record: CallRecord) => void;
  /** Whose time counts. */
  readonly clock: Clock;
  /** Where the call is told of; its lines carry the call's name. */
  readonly log: Log;
  /** Ends the call when the server stops. */
  readonly signal: AbortSignal;
}

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
  call.close(outcome);
  return outcome;
}

/** One call and everything that belongs to it. */
class Call {
  readonly #parts: CallParts;
  readonly #inbox = new Inbox<CallEvent>();
  readonly #faults = new Faults();
  readonly #link: ModelLink;
  readonly #timers: Timers;
  readonly #conversation: Conversation;
  readonly #keypad: Keypad;
  readonly #limit: TimeLimit;
  readonly #rotation = new Rotation();
  readonly #silence: SilenceWatch | undefined;
  readonly #ended = new AbortController();
  readonly #answeredEpochMs: number;
  #tokens = NO_TOKENS;
  /** How it will end, once the last words were heard. */
  #ending: CallOutcome | undefined;
  #outcome: CallOutcome | undefined;

  constructor(parts: CallParts) {
    const { leg, agent, vad, clock } = parts;
    const post = (event: CallEvent) => this.#inbox.post(event);
    this.#parts = parts;
    this.#answeredEpochMs = clock.epochMs();
    this.#timers = new Timers(clock, (name) => post({ type: "timer-fired", name }));
    this.#link = new ModelLink({
      clock,
      timers: this.#timers,
      activityGapMs: agent.turns.activityGapMs,
      isAutomatic: agent.turns.automatic !== undefined,
    });
    this.#conversation = new Conversation({
      leg,
      vad,
      clock,
      post,
      link: this.#link,
      agent,
      timers: this.#timers,
      faults: this.#faults,
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
  }

  async run(): Promise<CallOutcome> {
    const { leg, agent, facts, signal, log } = this.#parts;
    const stop = () => this.#inbox.post({ type: "stop-requested" });
    signal.addEventListener("abort", stop, { signal: this.#ended.signal });
    if (signal.aborted) stop();
    const post = (event: CallEvent) => this.#inbox.post(event);
    this.#link.begin(
      this.#parts.openModel(post, { recap: () => recap(this.#conversation.transcript.entries()) }),
    );
    this.#link.sendText(greetingCue(agent.greeting), { reply: true });
    leg.listen(post);
    log.info("call-answered", { agent: agent.name, pii: { from: facts.from, to: facts.to } });
    this.#keep();
    while (!this.#outcome) {
      this.#take(await this.#inbox.next());
      if (this.#rotation.isTime(this.#conversation.isQuiet)) this.#link.rotate();
      if (this.#ending && !this.#conversation.isAgentSpeaking) this.#outcome ??= this.#ending;
    }
    return this.#outcome;
  }

  /** Ends everything that belongs to the call; a part that fails to end does not keep the others. */
  close(outcome: CallOutcome): void {
    this.#ended.abort();
    this.#inbox.close();
    const ends = [
      () => this.#conversation.silenceAgent(),
      () => this.#link.close(),
      () => this.#parts.leg.close(),
      () => this.#timers.cancelAll(),
    ];
    for (const end of ends) {
      try {
        end();
      } catch (error) {
        this.#faults.count("close-failed");
        this.#parts.log.error("close-failed", { error });
      }
    }
    const { durationMs, turns, tokens, faults } = this.#keep(outcome);
    const summary = {
      durationMs: Math.round(durationMs ?? 0),
      turns: turns.length,
      tokens,
      faults,
    };
    this.#parts.log.info("call-ended", { ...outcome, ...summary });
  }

  #take(event: CallEvent): void {
    switch (event.type) {
      case "frame-received":
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
        this.#outcome = { ending: event.reason === "hung-up" ? "caller-hung-up" : "line-lost" };
        return;
      case "stop-requested":
        return this.#hangUp({ ending: "server-stopped" }, STOP_GRACE_MS);
      default:
        return this.#takeFromModel(event);
    }
  }

  #takeFromModel(event: ModelEvent): void {
    this.#rotation.take(event);
    switch (event.type) {
      case "agent-audio-received":
        return this.#conversation.agentAudio(event.pcm);
      case "agent-words-received":
        return this.#conversation.agentWords(event.text);
      case "caller-words-received":
        return this.#conversation.callerTurns.words(event.text);
      case "caller-activity-started":
      case "caller-activity-ended":
        return this.#conversation.callerTurns.activity(event.type);
      case "generation-interrupted":
        return this.#conversation.answerBrokenOff();
      case "generation-completed":
        return this.#conversation.agentFinished();
      case "model-turn-completed":
        this.#conversation.agentFinished();
        return void this.#keep();
      case "usage-reported":
        return void (this.#tokens = addTokens(this.#tokens, event.usage));
      case "model-lost":
        return this.#modelFailed(event.error);
      case "model-state-changed":
        if (event.state === "disconnected") this.#conversation.modelLeft();
        return;
      case "agent-text-received":
      case "functions-called":
        // The model was given no tools and asked to speak.
        return this.#faults.count(`not-asked-for-${event.type}`);
      case "functions-cancelled":
      case "resumption-updated":
      case "grounding-reported":
      case "model-rotation-due":
      case "model-reconnected":
        return;
      default:
        event satisfies never;
    }
  }

  #timerFired(name: TimerName): void {
    switch (name) {
      case "playout":
        return this.#conversation.playoutDue();
      case "frames-stopped":
        return this.#conversation.checkFrames();
      case "activity-gap":
        return this.#link.flush();
      case "echo-tail":
        return this.#conversation.echoEnded();
      case "silence":
        return this.#silence?.look();
      case "digits":
        return this.#keypad.look();
      case "wrap-up":
        return this.#limit.wrapUp();
      case "time-limit":
        return this.#hangUp({ ending: "time-limit-reached" }, TIME_LIMIT_GRACE_MS);
      case "hang-up":
        this.#outcome = this.#ending;
        return;
      default:
        name satisfies never;
    }
  }

  #modelFailed(error: ModelError): void {
    const { kind, retryable, closeCode } = error;
    this.#parts.log.error("model-failed", { error, kind, retryable, closeCode });
    this.#conversation.agentFinished();
    this.#hangUp({ ending: "model-failed", detail: error.message }, LAST_WORDS_MS);
  }

  /** Ends the call once what the agent says now was heard, or `graceMs` from now. */
  #hangUp(outcome: CallOutcome, graceMs: number): void {
    this.#ending ??= outcome;
    this.#timers.set("hang-up", this.#parts.clock.nowMs() + graceMs);
  }

  #keep(outcome?: CallOutcome): CallRecord {
    const { facts, leg, keep } = this.#parts;
    const record: CallRecord = {
      ...facts,
      answeredEpochMs: this.#answeredEpochMs,
      ...(outcome ? { durationMs: this.#conversation.callMs, ending: outcome.ending } : {}),
      transcript: this.#conversation.transcript.entries(),
      turns: this.#conversation.latencies.turns(),
      tokens: this.#tokens,
      faults: this.#faults.with(leg.faults, this.#link.wireFaults),
    };
    keep(record);
    return record;
  }
}
