/**
 * Where calls are served: what is prepared at the webhook, and what a call is made of when its stream is open.
 *
 * @module
 */

import type { Vad } from "../audio/vad.ts";
import type { AgentConfig } from "../lib/agents/agent_config.ts";
import { agentFor, notesOf } from "../lib/agents/instructions.ts";
import type { Agents } from "../lib/agents/agent_store.ts";
import { modelFamily } from "../lib/agents/model_family.ts";
import { openingOf } from "../lib/call/beginning.ts";
import { runCall } from "../lib/call/call.ts";
import type { OutboundParts } from "../lib/call/call_parts.ts";
import { pastOf } from "../lib/call/call_past.ts";
import type { Continuity } from "../lib/call/call_keeper.ts";
import type { KeptGreeting } from "../lib/call/greeting_tape.ts";
import type { CallFacts, Leg } from "../lib/call/leg.ts";
import type { LiveCalls } from "../lib/call/live_calls.ts";
import type { OpenModel } from "../lib/call/model.ts";
import type { CallOutcome } from "../lib/call/outcome.ts";
import { recap } from "../lib/call/recap.ts";
import { recordedLeg } from "../lib/call/recorded_leg.ts";
import { WarmModels } from "../lib/call/warm_models.ts";
import type { Clock } from "../lib/clock.ts";
import type { FlightFiles } from "../lib/flight/flight_files.ts";
import type { Log } from "../lib/log.ts";
import { type CallSnapshot, withEarlierWords } from "../lib/records/call_snapshot.ts";
import { AllowedRecords } from "../lib/records/record_rules.ts";
import type { CallStore } from "../lib/records/call_store.ts";
import { GreetingStore } from "../lib/records/greeting_store.ts";
import { PIECE_BYTES } from "../lib/records/recording_pieces.ts";
import type { Recordings } from "../lib/records/recordings.ts";
import type { SnapshotStore } from "../lib/records/snapshot_store.ts";
import type { PatientStore } from "../lib/store/patient_store.ts";
import type { CallerRules } from "./caller_rules.ts";
import type { Telemetry } from "../lib/telemetry/telemetry.ts";
import type { AnsweredCall } from "./media_stream.ts";
import type { OutboundDesk } from "./outbound_desk.ts";
import type { ToolKits } from "./tool_kits.ts";

/** What a desk needs. */
export interface CallDeskParts {
  /** Longest call. */
  readonly maxCallSeconds: number;
  /** Finds agents. */
  readonly agents: Agents;
  /** A detector for one call. */
  readonly detector: () => Vad;
  /** Name of an agent's model. */
  readonly modelOf: (agent: AgentConfig) => string;
  /** How a call opens its model; variables of the agent are filled in. */
  readonly modelFor: (agent: AgentConfig, log: Log, other?: { model?: string }) => OpenModel;
  /** Knows the calls that we placed; absent where none can be. */
  readonly outbound?: OutboundDesk | undefined;
  /** What each call is given to do more than talk. */
  readonly kits: ToolKits;
  /** Takes what calls cost. */
  readonly callerRules: Pick<CallerRules, "spent">;
  /** What is kept beyond a call. */
  readonly store: PatientStore;
  /** The calls that run, for those who look on. */
  readonly live: LiveCalls;
  /** What is kept of calls. */
  readonly records: CallStore;
  /** What is needed to go on with them. */
  readonly snapshots: SnapshotStore;
  /** Keeps the sound of calls. */
  readonly recordings: Recordings;
  /** Runs calls and records them; absent: they are run. */
  readonly flights?: Pick<FlightFiles, "run"> | undefined;
  /** Counts calls. */
  readonly telemetry: Pick<Telemetry, "kept">;
  /** Whose time counts. */
  readonly clock: Clock;
  /** What happens. */
  readonly log: Log;
  /** Says that the server will stop. */
  readonly draining: AbortSignal;
  /** Ends every call. */
  readonly signal: AbortSignal;
}

/** How long a call that is handed over waits until that is kept. */
const HAND_OVER_MS = 400;

/** Serves calls. */
export class CallDesk {
  readonly #parts: CallDeskParts;
  readonly #warm: WarmModels;
  readonly #greetings: GreetingStore;
  /** Calls that are being prepared and have no stream yet. */
  readonly #preparing = new Set<string>();

  /** Serves none yet. */
  constructor(parts: CallDeskParts) {
    this.#parts = parts;
    this.#warm = new WarmModels(parts);
    this.#greetings = new GreetingStore(parts);
  }

  /**
   * A call was let in: the model is opened and told how to begin, while the network opens the stream. Never throws.
   *
   * @param resumed What was before, if the call has come back
   */
  async prepare(facts: CallFacts, resumed?: CallSnapshot | undefined): Promise<void> {
    const { callSid } = facts;
    const log = this.#parts.log.with({ callSid });
    this.#preparing.add(callSid);
    try {
      const agent = await this.#agentFor(facts, log);
      const isOutbound = facts.direction === "outbound";
      const greeting = resumed || isOutbound ? undefined : await this.#keptGreeting(agent);
      if (!this.#preparing.has(callSid)) return;
      const opening = openingOf(agent, {
        resumed,
        isGreeted: greeting?.kept !== undefined,
        isOutbound,
      });
      this.#warm.begin(callSid, {
        ...opening,
        greeting,
        openModel: this.#parts.modelFor(agent, log),
        handle: resumed?.handle,
        recap: () => recap(resumed?.record.transcript ?? []),
      });
    } catch (error) {
      log.warn("call-not-prepared", { error });
    } finally {
      this.#preparing.delete(callSid);
    }
  }

  /** Talks to one caller until the call is over. */
  async serve({ leg, facts, streamSid, term }: AnsweredCall): Promise<CallOutcome> {
    const { maxCallSeconds, clock, modelFor, detector, records, live, draining, signal } =
      this.#parts;
    const { kits, modelOf, callerRules, telemetry, flights } = this.#parts;
    const { callSid } = facts;
    const log = this.#parts.log.with({ callSid, streamSid });
    this.#preparing.delete(callSid);
    const agent = await this.#agentFor(facts, log);
    const { fallbackModel: model } = agent;
    const prepared = this.#warm.claim(callSid);
    const allowed = new AllowedRecords(agent.records);
    const outbound = facts.direction === "outbound" ? this.#outbound(agent, callSid) : undefined;
    const [continuity, greeting] = await Promise.all([
      this.#continuity(callSid, { term, allowed }),
      prepared || outbound ? prepared?.greeting : this.#keptGreeting(agent),
    ]);
    const { usedMs: callMs } = pastOf(continuity.resumed, clock.epochMs());
    const sight = live.begin(facts);
    const outcome = await (flights ?? { run: runCall }).run({
      leg: this.#recorded(sight.see(leg), { agent, callSid, term, callMs, log }),
      facts,
      agent,
      openModel: prepared?.openModel ?? modelFor(agent, log),
      openSecondModel: model === undefined ? undefined : modelFor(agent, log, { model }),
      hasBegun: prepared !== undefined,
      greeting,
      outbound,
      vad: detector(),
      maxCallSeconds,
      toolKit: kits.kitFor(agent, facts, log),
      prices: agent.prices ?? modelFamily(modelOf(agent)).prices,
      spent: (usd) => callerRules.spent(agent, usd),
      observer: sight,
      keep: (record) => {
        telemetry.kept(record);
        records.save(allowed.of(sight.withMoments(record)));
      },
      continuity,
      clock,
      log,
      draining,
      signal,
    });
    live.end(sight, outcome.ending);
    return outcome;
  }

  /** Closes what was prepared and never came. */
  close(): void {
    this.#warm.close();
  }

  /** The leg of a call that is recorded, if its agent has that. */
  #recorded(
    leg: Leg,
    call: { agent: AgentConfig; callSid: string; term: number; callMs: number; log: Log },
  ): Leg {
    const { agent: { records: { recording, keepDays } }, callSid, term, callMs, log } = call;
    if (!recording) return leg;
    const { recordings, clock } = this.#parts;
    const lost = (error?: unknown) => log.warn("recording-piece-lost", { error });
    const keep = recordings.begin(callSid, { term, keepDays, lost });
    return recordedLeg(leg, { clock, callMs, pieceBytes: PIECE_BYTES, keep });
  }

  /** What a call that we placed has beside; a server that does not know it takes a machine for a person. */
  #outbound(agent: AgentConfig, callSid: string): OutboundParts {
    const { outbound } = this.#parts;
    return {
      voicemail: agent.outbound?.voicemail ?? "hang-up",
      machineAnswered: outbound?.machineAnswered(callSid) ?? new AbortController().signal,
    };
  }

  /** What is known of a call that comes back, and how it may go elsewhere. */
  async #continuity(
    callSid: string,
    { term, allowed }: { term: number; allowed: AllowedRecords },
  ): Promise<Continuity> {
    const { snapshots, records } = this.#parts;
    const latest = term > 1 ? await snapshots.latest(callSid) : undefined;
    const record = latest && withEarlierWords(latest.record, await records.get(callSid));
    return {
      term,
      resumed: latest && record && { ...latest, record },
      save: (snapshot) => snapshots.save({ ...snapshot, record: allowed.of(snapshot.record) }),
      canHandOver: () => snapshots.isShared,
      flush: () => snapshots.flush(HAND_OVER_MS),
    };
  }

  /** The greeting of an agent that lets it be kept; one with variables is another one each time. */
  async #keptGreeting(agent: AgentConfig): Promise<KeptGreeting | undefined> {
    const { agents, modelOf } = this.#parts;
    const text = agent.greeting;
    if (!agent.keepGreeting || agents.get(agent.name)?.greeting !== text) return undefined;
    const key = { voice: agent.voice, text, model: modelOf(agent) };
    const kept = await this.#greetings.get(key);
    return { kept, keep: (pcm) => this.#greetings.keep(key, pcm) };
  }

  /** The agent of a call, its variables filled in, and what it remembers of the caller. */
  async #agentFor(facts: CallFacts, log: Log): Promise<AgentConfig> {
    const { agents, clock, kits } = this.#parts;
    // Its file may have been taken away since the call was let in.
    const agent = agents.get(facts.agent) ?? agents.get("default");
    if (!agent) throw new Error(`Cannot serve call: there is no agent "${facts.agent}"`);
    const ordered = this.#parts.outbound?.orderOf(facts.callSid)?.variables ?? {};
    const remembered = await kits.recollection(agent, facts, log);
    const filled = agentFor(agent, {
      caller: facts.from,
      called: facts.to,
      epochMs: clock.epochMs(),
      others: ordered,
    });
    const instructions = filled.instructions + notesOf(ordered);
    return { ...filled, instructions: [instructions, remembered].filter(Boolean).join("\n\n") };
  }
}
