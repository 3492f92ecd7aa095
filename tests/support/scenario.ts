/**
 * Whole calls on a test's clock: the real leg, call and audio between a made-up phone and a made-up model.
 *
 * @module
 */

import { decodeMulaw, encodeMulaw } from "../../audio/mulaw.ts";
import { Upsampler2x } from "../../audio/resample.ts";
import type { Vad } from "../../audio/vad.ts";
import type { AgentConfig } from "../../lib/agents/agent_config.ts";
import type { ToolKit } from "../../lib/call/abilities.ts";
import type { CallParts } from "../../lib/call/call.ts";
import type { Continuity } from "../../lib/call/call_keeper.ts";
import type { OpenModel } from "../../lib/call/model.ts";
import type { CallOutcome } from "../../lib/call/outcome.ts";
import { createLog } from "../../lib/log.ts";
import type { CallSnapshot } from "../../lib/records/call_snapshot.ts";
import type { CallRecord } from "../../lib/records/call_record.ts";
import { DEFAULT_TURN_SETTINGS } from "../../lib/turns/turn_settings.ts";
import { MediaStream } from "../../lib/twilio/media_leg.ts";
import { FakeClock, settle } from "./fake_clock.ts";
import { flightOf } from "./flights.ts";
import { FakeLine } from "./fake_line.ts";
import { LevelVad } from "./level_vad.ts";
import type { ModelScript } from "./scripted_answers.ts";
import { ScriptedModel } from "./scripted_model.ts";
import { PLAIN_ABILITIES } from "./plain_abilities.ts";

/** An agent for tests. */
export const AGENT: AgentConfig = {
  name: "test",
  instructions: "Be brief.",
  greeting: "Hello.",
  ...PLAIN_ABILITIES,
  keepGreeting: false,
  voice: "Kore",
  generation: {},
  turns: { ...DEFAULT_TURN_SETTINGS, hangoverMs: 500 },
  bargeIn: { mode: "immediate", minSpeechMs: 40, backchannelMaxMs: 450 },
  deadAir: null,
  digits: { policy: "interrupt", endKey: "#", timeoutMs: 2_500, mostDigits: 32 },
  cutNote: "",
  limits: { maxCallSeconds: 1_800 },
};

/** A running call and everything around it. */
export interface Scenario {
  readonly clock: FakeClock;
  readonly line: FakeLine;
  readonly model: ScriptedModel;
  /** Resolves when the call is over. */
  readonly ended: Promise<CallOutcome>;
  /** Ends the call as a stopping server does. */
  readonly stop: AbortController;
  /** Tells the call that the server will stop. */
  readonly draining: AbortController;
  /** What was kept for other instances. */
  readonly snapshots: readonly CallSnapshot[];
  /** The latest record. */
  record(): CallRecord;
  /** Log lines so far. */
  readonly logLines: string[];
  /** The call as it is recorded, line by line. */
  readonly flight: readonly string[];
}

/** What may differ from call to call. */
export interface ScenarioOptions {
  readonly model: ModelScript;
  /** Whose time passes; one of its own unless given. */
  readonly clock?: FakeClock;
  /** Opens another model than the scripted one. */
  readonly openModel?: (clock: FakeClock) => OpenModel;
  readonly agent?: Partial<AgentConfig>;
  readonly vad?: Vad;
  readonly maxCallSeconds?: number;
  /** What the agent can do beside talking. */
  readonly toolKit?: ToolKit;
  /** Whether another instance could go on with the call. */
  readonly canHandOver?: boolean;
  /** How it came here. */
  readonly continuity?: Partial<Continuity>;
  /** Runs the call; it is recorded in memory unless this is given. */
  readonly run?: (parts: CallParts) => Promise<CallOutcome>;
  /** Changes parts before the call begins, to break them. */
  readonly tamper?: (parts: CallParts) => CallParts;
}

/** Places a call. */
export async function startCall(options: ScenarioOptions): Promise<Scenario> {
  const clock = options.clock ?? new FakeClock();
  const line = new FakeLine(clock);
  const model = new ScriptedModel(clock, options.model);
  const stop = new AbortController();
  const logLines: string[] = [];
  const log = createLog({ level: "info", clock, write: (text) => logLines.push(text) });
  const draining = new AbortController();
  const snapshots: CallSnapshot[] = [];
  let record: CallRecord | undefined;
  const stream = new MediaStream(line, {
    clock,
    log,
    accountSid: line.accountSid,
    admit: ({ callSid }) =>
      Promise.resolve({
        callSid,
        from: "+15550001111",
        to: "+15550002222",
        direction: "inbound",
        agent: "test",
      }),
  });
  line.open({
    deliver: (data) => stream.message(data),
    closed: () => stream.closed(line.closeCode),
  }, "token");
  const opened = await stream.opened;
  if (!opened) throw new Error("the stream was refused");
  const parts: CallParts = {
    leg: opened.leg,
    facts: opened.facts,
    agent: { ...AGENT, ...options.agent },
    openModel: options.openModel?.(clock) ?? model.open,
    vad: options.vad ?? new LevelVad(),
    maxCallSeconds: options.maxCallSeconds ?? 1_800,
    toolKit: options.toolKit,
    keep: (kept) => record = kept,
    continuity: {
      term: 1,
      save: (snapshot) => snapshots.push(snapshot),
      canHandOver: () => options.canHandOver ?? false,
      flush: () => Promise.resolve(),
      ...options.continuity,
    },
    draining: draining.signal,
    clock,
    log,
    signal: stop.signal,
  };
  const { ended, flight } = flightOf(options.tamper?.(parts) ?? parts, options.run);
  await settle();
  return {
    clock,
    line,
    model,
    ended,
    stop,
    draining,
    snapshots,
    logLines,
    flight,
    record: () => {
      if (!record) throw new Error("nothing was kept of the call");
      return record;
    },
  };
}

/** A caller's voice: a tone that moves, different for each seed, with a breath now and then. Mu-law at 8 kHz. */
export function callerVoice(ms: number, seed = 1): Uint8Array {
  const pcm = new Int16Array(ms * 8);
  for (let i = 0, phase = 0; i < pcm.length; i++) {
    phase += 2 * Math.PI * (300 + 120 * seed + 100 * Math.sin(i / (900 + 50 * seed))) / 8_000;
    const isBreath = i % 6_400 >= 4_800 && i % 6_400 < 5_440;
    pcm[i] = isBreath ? 0 : 8_000 * Math.sin(phase);
  }
  const mulaw = new Uint8Array(pcm.length);
  encodeMulaw(pcm, mulaw);
  return mulaw;
}

/** An agent's voice: a tone of its own for each seed. Samples at 24 kHz. */
export function agentVoice(ms: number, seed = 1): Int16Array {
  return Int16Array.from(
    { length: ms * 24 },
    (_, i) => 9_000 * Math.sin(2 * Math.PI * (400 + 170 * seed) * i / 24_000),
  );
}

/** What the model would hear if it heard everything: the line's frames, resampled in one go. */
export function asModelHears(frames: readonly Uint8Array[]): Int16Array {
  const pcm = new Int16Array(160);
  const upsampler = new Upsampler2x();
  const heard = new Int16Array(frames.length * 320);
  for (const [n, frame] of frames.entries()) {
    decodeMulaw(frame, pcm);
    heard.set(upsampler.push(pcm), n * 320);
  }
  return heard;
}

/** The line's frames as samples. */
export function pcmOf(frames: readonly Uint8Array[]): Int16Array {
  const pcm = new Int16Array(frames.length * 160);
  for (const [n, frame] of frames.entries()) {
    decodeMulaw(frame, pcm.subarray(n * 160, (n + 1) * 160));
  }
  return pcm;
}

/** Where `part` lies in `whole`, in samples, to the bit; -1 if nowhere. `step` is the grid it lies on. */
export function placeOf(part: Int16Array, whole: Int16Array, step: number): number {
  for (let at = 0; at + part.length <= whole.length; at += step) {
    if (part.every((sample, i) => sample === whole[at + i])) return at;
  }
  return -1;
}
