/**
 * The two parties talking: carries out what the turn machine orders, on the way up to the model and down to the caller.
 *
 * @module
 */

import type { BargeInOrder } from "../turns/barge_in.ts";
import { DEFAULT_OWED_SETTINGS } from "../turns/owed_settings.ts";
import type { TurnEvent } from "../turns/turn_machine.ts";
import { AgentVoice } from "./agent_voice.ts";
import { AnswerWatch } from "./answer_watch.ts";
import { AutomaticTurns, type CallerTurns, OwnTurns } from "./caller_turns.ts";
import type { ConversationParts } from "./conversation_parts.ts";
import { whisperCue } from "./cues.ts";
import { Downlink } from "./downlink.ts";
import { Faults } from "./faults.ts";
import { Floor } from "./floor.ts";
import { Hearing } from "./hearing.ts";
import { Transcript } from "./transcript.ts";
import { TurnLatencies } from "./turn_latency.ts";
import { Uplink } from "./uplink.ts";

/** Frames in a row that may go unscored before the call is given up: two seconds. */
const MOST_UNSCORED_FRAMES = 100;

/** The two parties talking. */
export class Conversation {
  /** Who said what. */
  readonly transcript: Transcript;
  /** Where the time of each turn went. */
  readonly latencies: TurnLatencies;
  /** What the caller said, and when. */
  readonly callerTurns: CallerTurns;
  /** What became of answers when the caller made a sound. */
  readonly bargeIns: Faults;
  /** What was done so that the caller did not wait in silence. */
  readonly repairs: Faults;
  /** What comes of answers, and what is done if nothing does. */
  readonly answers: AnswerWatch;
  readonly #parts: ConversationParts;
  readonly #answeredAtMs: number;
  readonly #hearing: Hearing;
  readonly #uplink: Uplink;
  readonly #downlink: Downlink;
  readonly #floor: Floor;
  readonly #voice: AgentVoice;
  #unscored = 0;

  /** Begins now: the call is taken to be answered at this moment, or goes on at it. */
  constructor(parts: ConversationParts) {
    const { leg, link, vad, agent, clock, faults, post, past } = parts;
    this.#parts = parts;
    this.#answeredAtMs = clock.nowMs() - past.usedMs;
    this.transcript = new Transcript(past.record?.transcript);
    this.latencies = new TurnLatencies(past.record?.turns);
    this.bargeIns = new Faults(past.record?.bargeIns);
    this.repairs = new Faults(past.record?.repairs);
    this.#hearing = new Hearing(agent.turns, agent.bargeIn);
    const { transcript, latencies } = this;
    const notes = { transcript, latencies, callMs: () => this.callMs };
    this.callerTurns = agent.turns.automatic ? new AutomaticTurns(notes) : new OwnTurns(notes);
    this.#uplink = new Uplink({ vad, turns: agent.turns, link, post });
    this.#downlink = new Downlink({ leg, faults, transcript: this.transcript });
    this.#floor = new Floor({
      ...parts,
      uplink: this.#uplink,
      downlink: this.#downlink,
      transcript,
      bargeIns: this.bargeIns,
      callMs: () => this.callMs,
      callerTurns: this.callerTurns,
      asked: () => this.answers.askedByCaller(),
      callerTookFloor: () => this.answers.callerTookFloor(),
    });
    this.#voice = new AgentVoice({
      ...parts,
      callerTurns: this.callerTurns,
      downlink: this.#downlink,
      floor: this.#floor,
      hearing: this.#hearing,
      latencies: this.latencies,
      callMs: () => this.callMs,
    });
    const { openSecondModel = () => {} } = parts;
    this.answers = new AnswerWatch({
      ...parts,
      voice: this.#voice,
      transcript: this.transcript,
      repairs: this.repairs,
      openSecondModel,
      settings: { ...DEFAULT_OWED_SETTINGS, hasSecondModel: parts.openSecondModel !== undefined },
    });
  }

  /** Milliseconds since the call was answered. */
  get callMs(): number {
    return inCall(this.#nowMs - this.#answeredAtMs);
  }

  /** Whether the caller has the floor. */
  get isCallerSpeaking(): boolean {
    return this.#floor.phase === "caller-turn";
  }

  /** Whether the agent sounds, or has something to say. */
  get isAgentSpeaking(): boolean {
    return this.#downlink.isBusy;
  }

  /** Whether the model still owes an answer. */
  get isAnswerOwed(): boolean {
    return this.answers.isAnswerOwed;
  }

  /** Whether nobody speaks and nothing is owed. */
  get isQuiet(): boolean {
    return this.#floor.phase === "listening" && !this.isAgentSpeaking && !this.isAnswerOwed;
  }

  /** Whether the line carries sound that is no speech, for long. */
  get isOnHold(): boolean {
    return this.#hearing.isOnHold;
  }

  /** Has the agent say something. */
  say(cue: string): void {
    this.answers.ask(cue);
    this.callerTurns.agentPrompted();
  }

  /** Tells the agent something that the caller does not hear; what it says is not broken off for that. */
  whisper(text: string): void {
    this.#parts.link.sendText(whisperCue(text), { reply: false });
  }

  /** Plays something that is no speech, behind what the agent says. */
  playSound(pcm: Int16Array): void {
    this.#voice.audio(pcm);
    this.#voice.finished();
  }

  /** The caller presses keys. */
  keysBegan(): void {
    const isSpeaking = this.#hearing.isSpeech;
    this.#floor.advance({ type: "keys-began", streamMs: this.#floor.streamMs, isSpeaking });
  }

  /** The keys are complete: the model is told. */
  keysEnded(cue: string): void {
    this.#parts.link.sendActivityText(cue);
    this.#floor.advance({ type: "keys-ended", streamMs: this.#floor.streamMs });
    if (!this.isCallerSpeaking) this.answers.askedByCaller();
  }

  /** A frame has come from the line. */
  frameReceived(mulaw: Uint8Array, streamMs: number): void {
    this.#floor.frameArrived();
    this.#uplink.receive(mulaw, streamMs, this.#downlink.nextSounding(this.#nowMs));
  }

  /** A frame was scored. */
  frameScored(endMs: number, speechProbability: number): void {
    this.#unscored = 0;
    const frame = this.#uplink.takeScored();
    this.#floor.advance({ type: "frame-heard", streamMs: endMs });
    if (!frame) return;
    this.callerTurns.heard(speechProbability);
    const { phase } = this.#floor;
    const isAgentsTurn = phase === "agent-turn" || phase === "held";
    const isJudged = isAgentsTurn && this.#parts.agent.bargeIn.mode === "decide";
    const scored = { ...frame, endMs, speechProbability };
    const { speech, bargeIn } = this.#hearing.hear(scored, isJudged);
    if (bargeIn) this.#judged(bargeIn, endMs);
    if (speech?.type === "speech-started") {
      this.#floor.advance({ type: "speech-started", streamMs: endMs, onsetMs: speech.onsetMs });
    } else if (speech?.type === "speech-ended") {
      this.#endTurn({ type: "speech-ended", streamMs: endMs }, speech.lastSpeechMs);
    }
  }

  /**
   * A frame could not be scored; it counts as one without speech.
   *
   * @throws {Error} If none was for too long: the agent is deaf
   */
  scoringFailed(endMs: number, cause: unknown): void {
    this.#parts.faults.count("frame-unscored");
    const unscored = this.#unscored + 1;
    if (unscored > MOST_UNSCORED_FRAMES) {
      throw new Error("Cannot hear the caller: the detector fails", { cause });
    }
    this.frameScored(endMs, 0);
    this.#unscored = unscored;
  }

  /** The time has come to see whether frames still arrive. */
  checkFrames(): void {
    if (!this.#floor.haveFramesStopped()) return;
    this.#uplink.framesStopped();
    this.#parts.faults.count("frames-stopped-in-turn");
    this.#hearing.forgetSpeech();
    this.#endTurn({ type: "frames-stopped", streamMs: this.#floor.streamMs }, this.#floor.streamMs);
  }

  /** The service broke the answer off; one that finds the turns itself has heard the caller. */
  answerBrokenOff(): void {
    const { automatic } = this.#parts.agent.turns;
    const isByCaller = automatic !== undefined && !this.answers.isAskedAgain;
    if (isByCaller) this.#floor.answerBrokenOff();
    this.answers.interrupted();
    const { streamMs } = this.#floor;
    if (!isByCaller || !this.#hearing.isSpeech) return;
    this.#floor.advance({ type: "speech-started", streamMs, onsetMs: streamMs });
  }

  /** Drops whatever the agent says: the call ends. */
  silenceAgent(): void {
    this.#voice.silence();
  }

  /** A mark came back. */
  markReached(name: string): void {
    this.#voice.markReached(name);
    this.answers.look();
  }

  /** The line is due more audio, or an answer is due to be over. */
  playoutDue(): void {
    this.#voice.playoutDue();
    this.answers.look();
  }

  /** The echo of the agent's last sound is over. */
  echoEnded(): void {
    this.#voice.echoEnded();
  }

  #judged(order: BargeInOrder, streamMs: number): void {
    if (order.type === "interrupt") this.#hearing.believeInSpeech();
    this.#floor.judged(order, { streamMs, wasWordLike: this.#hearing.wasWordLike });
  }

  #endTurn(event: TurnEvent, lastSpeechMs: number): void {
    const decidedMs = this.callMs;
    if (!this.#floor.advance(event).includes("close-activity")) return;
    const speechEndedMs = decidedMs - (this.#floor.streamMs - lastSpeechMs);
    this.callerTurns.ended({ speechEndedMs, decidedMs, activityEndSentMs: this.callMs });
  }

  get #nowMs(): number {
    return this.#parts.clock.nowMs();
  }
}

/** Times in a call are told to a tenth of a millisecond. */
function inCall(ms: number): number {
  return Math.round(ms * 10) / 10;
}
