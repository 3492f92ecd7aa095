/**
 * Whole calls in which everything happens by chance: what the caller does, what the model answers and asks for, how its
 * service and its connections fail, and who ends the call. A seed gives the same call each time.
 *
 * @module
 */

import { Chance } from "../../bench/barge_in/chance.ts";
import type { Answer, Delivery, Fault, ModelScript } from "../../emulators/model_script.ts";
import type { VoicemailConfig } from "../../lib/agents/agent_config.ts";
import { modelFamily } from "../../lib/agents/model_family.ts";
import type { ToolKit } from "../../lib/call/abilities.ts";
import type { CallParts } from "../../lib/call/call.ts";
import type { OpenModel } from "../../lib/call/model.ts";
import { type Tool, ToolError } from "../../lib/tools/tool.ts";
import { FakeClock } from "./fake_clock.ts";
import type { FakeLine } from "./fake_line.ts";
import { MemoryService } from "./memory_service.ts";
import { AUTOMATIC } from "./automatic_call.ts";
import {
  AGENT,
  agentVoice,
  callerVoice,
  type Scenario,
  type ScenarioOptions,
  startCall,
} from "./scenario.ts";
import { kitOf, NO_CALL, toolOf } from "./tool_kit.ts";

const MODELS = [
  ...["gemini-3.8-live", "gemini-3.8-live", "gemini-3.8-live"],
  "gemini-3.1-flash-live-preview",
  "gemini-2.5-flash-native-audio-latest",
];
/** Where it differs by chance, an answer is cut from it. */
const AGENT_VOICE = agentVoice(4_000);
const CALLER_VOICES = [1, 2, 3].map((seed) => callerVoice(2_000, seed));
/** From one end of a socket to the other. */
const LONGEST_WAY_MS = 40;
const LINE_BYTES_PER_MS = 8;
const AGENT_SAMPLES_PER_MS = 24;

/** A call that is over, and what its parts know of it. */
export interface FinishedRandomCall {
  readonly call: Scenario;
  readonly service: MemoryService;
  /** Tools that were begun and neither settled nor were told to stop. */
  readonly runningTools: number;
  /** Whether it ended within its time. */
  readonly isOver: boolean;
  /** When its last fact was. */
  readonly endedMs: number;
}

/**
 * Makes one call from beginning to end, and lets time pass behind it until nothing may be left.
 *
 * @param options `change`: what else is different by chance; `longestMs`: after that the caller hangs up, or soon
 */
export async function runRandomCall(
  seed: string,
  { change = () => ({}), longestMs = 14_000 }: {
    change?: (chance: Chance, clock: FakeClock) => Partial<ScenarioOptions>;
    longestMs?: number;
  } = {},
): Promise<FinishedRandomCall> {
  const chance = new Chance(seed);
  const model = chance.pick(MODELS);
  const clock = new FakeClock();
  const service = new MemoryService({
    clock,
    script: randomScript(chance),
    wayMs: () => chance.below(LONGEST_WAY_MS),
  });
  const agent = { ...AGENT, ...randomAgent(chance) };
  const second = () => service.opener({ model, tools: [], agent });
  const tools = new RandomTools(clock, modelFamily(model).tools);
  const call = await startCall({
    clock,
    model: { answers: () => undefined },
    openModel: () => service.opener({ model, tools: tools.kit.tools(NO_CALL), agent }),
    agent,
    toolKit: tools.kit,
    tamper: (parts) => ({ ...parts, ...randomParts(chance, { clock, second }) }),
    ...change(new Chance(`${seed}, changed`), clock),
  });
  let endedMs: number | undefined;
  call.ended.then(() => endedMs = clock.nowMs());
  const lengthMs = actByChance(call.line, chance, longestMs);
  if (chance.unit() < 0.15) {
    const end = chance.pick([call.stop, call.draining]);
    clock.at(chance.below(lengthMs), () => end.abort());
  }
  await clock.advance(lengthMs + 2_000);
  const isOver = endedMs !== undefined;
  await clock.advance(12_000);
  return { call, service, runningTools: tools.running, isOver, endedMs: endedMs ?? clock.nowMs() };
}

/** Some calls have a second model, some were placed by us, and a machine answers some of these. */
function randomParts(
  chance: Chance,
  { clock, second }: { clock: FakeClock; second: () => OpenModel },
): Partial<CallParts> {
  const machine = new AbortController();
  const answersMs = chance.between(0, 6_000);
  const isMachine = chance.unit() < 0.5;
  const voicemail = chance.pick<VoicemailConfig>(["hang-up", { message: "Call us." }]);
  const hasSecond = chance.unit() < 0.2;
  const isOutbound = chance.unit() < 0.2;
  if (isOutbound && isMachine) clock.at(answersMs, () => machine.abort());
  return {
    ...(hasSecond ? { openSecondModel: second() } : {}),
    ...(isOutbound ? { outbound: { voicemail, machineAnswered: machine.signal } } : {}),
  };
}

function randomAgent(chance: Chance): Partial<typeof AGENT> {
  const deadAir = { askAfterMs: 2_500, asks: ["Hello?"], goodbye: "Bye.", longestHoldMs: 60_000 };
  return {
    turns: chance.unit() < 0.25 ? { ...AGENT.turns, automatic: AUTOMATIC } : AGENT.turns,
    bargeIn: { ...AGENT.bargeIn, mode: chance.pick(["decide", "decide", "immediate", "never"]) },
    deadAir: chance.unit() < 0.3 ? deadAir : null,
    cutNote: chance.pick(["", 'They heard "{{heard}}".']),
    digits: { ...AGENT.digits, policy: chance.pick(["interrupt", "wait", "ignore"]) },
  };
}

/** The caller acts, and hangs up; gives how long that takes. */
function actByChance(line: FakeLine, chance: Chance, longestMs: number): number {
  const endMs = chance.between(3_000, longestMs);
  let atMs = 0;
  while (atMs < endMs) {
    const ms = 20 * Math.ceil(chance.between(60, 1_800) / 20);
    const what = chance.unit();
    if (what < 0.05) line.press(chance.pick([..."0123456789*#"]));
    else if (what < 0.15) line.stall(ms);
    else if (what < 0.5) line.pause(ms);
    else line.say(chance.pick(CALLER_VOICES).subarray(0, ms * LINE_BYTES_PER_MS));
    atMs += ms;
  }
  line.hangUp();
  return atMs;
}

function randomScript(chance: Chance): ModelScript {
  return {
    answers: () => randomAnswer(chance),
    hear: () => "Hm.",
    delivery: randomDelivery(chance),
    faults: randomFaults(chance),
  };
}

function randomDelivery(chance: Chance): Partial<Delivery> {
  return {
    thinkMs: chance.below(900),
    pace: chance.pick([1.2, 3, 20]),
    inputTranscription: chance.pick(["before", "after", "never"]),
    outputTranscription: chance.pick(["bundled", "separate"]),
    heartbeats: chance.unit() < 0.3,
    lateAudioMs: chance.pick([0, 0, 200]),
    completesToolTurn: chance.unit() < 0.3,
    strayUsage: chance.unit() < 0.3,
    tellsActivity: chance.unit() < 0.3,
    underWayMs: 2 * LONGEST_WAY_MS,
  };
}

function randomAnswer(chance: Chance): Answer | undefined {
  const kind = chance.unit();
  if (kind < 0.04) return undefined;
  if (kind < 0.1) return { text: chance.pick(["", "In writing."]), pcm: new Int16Array() };
  const pcm = AGENT_VOICE.subarray(0, Math.ceil(chance.between(80, 3_000)) * AGENT_SAMPLES_PER_MS);
  const answer = { text: "One two three four.", pcm };
  if (kind < 0.55) return answer;
  const count = 1 + chance.below(3);
  return { ...answer, calls: Array.from({ length: count }, () => chance.pick(CALLS)) };
}

const CALLS: NonNullable<Answer["calls"]>[number][] = [
  ...["quick", "slow", "stuck", "broken", "waited", "booking", "unknown", "wait_for_user"].map(
    (name) => ({ name, args: {} }),
  ),
  { name: "send_digits", args: { keys: "12" } },
  { name: "send_digits", args: { keys: "none" } },
  { name: "take_message", args: { name: "Ann", callBack: "", text: "Hello" } },
  { name: "transfer_call", args: { destination: "nobody" } },
  { name: "transfer_call", args: { destination: "kitchen" } },
  { name: "hang_up", args: {} },
];

function randomFaults(chance: Chance): Fault[] {
  return Array.from({ length: chance.below(4) }, () => randomFault(chance));
}

function randomFault(chance: Chance): Fault {
  const afterMs = chance.below(3_000);
  const turn = chance.below(4);
  const connection = chance.pick([0, 0, 1]);
  const when = chance.pick<Fault & { type: "reset" }>([
    { type: "reset", when: { at: "ready", afterMs } },
    { type: "reset", when: { at: "turn", turn, afterMs } },
    { type: "reset", when: { at: "answer", turn, afterMs } },
  ]).when;
  const close = { type: "close", reason: "Internal error encountered." } as const;
  return chance.pick<Fault>([
    { type: "go-away", timeLeftMs: chance.pick([400, 3_000, 50_000]), when, connection },
    { type: "go-away", timeLeftMs: chance.pick([400, 3_000, 50_000]), when, connection },
    { type: "reset", when, connection },
    { ...close, code: 1011, when, connection },
    { ...close, code: 1007, when, connection },
    { type: "mute", when, connection },
    { type: "lose-start", withinMs: 50, when: { at: "ready" } },
    { type: "delay-setup", ms: chance.below(4_000), when: { at: "setup" }, connection },
    { type: "ignore-close", when, connection },
  ]);
}

/**
 * Tools that settle soon, late, never, with an error, or whatever happens, beside those that act on the call; all of them
 * stop when they are told to.
 */
class RandomTools {
  readonly kit: ToolKit;
  running = 0;
  readonly #clock: FakeClock;

  constructor(clock: FakeClock, model: "blocking" | "either" | "non-blocking") {
    this.#clock = clock;
    const kit = kitOf(
      toolOf("quick", () => "done"),
      toolOf("slow", this.#later(1_500), { scheduling: "interrupt" }),
      toolOf("stuck", this.#later(60_000), { timeoutMs: 3_000 }),
      toolOf("broken", () => {
        throw new ToolError("out of order");
      }),
      toolOf("waited", this.#later(700), { isBlocking: true }),
      toolOf("booking", this.#later(900), { onInterruption: "finish", delayMs: 300 }),
    );
    const asTheModelHas = (tool: Tool) =>
      model === "either" ? tool : { ...tool, isBlocking: model === "blocking" };
    this.kit = { ...kit, tools: (control) => kit.tools(control).map(asTheModelHas) };
  }

  #later(ms: number): Tool["run"] {
    return (_args, { signal }) => {
      this.running++;
      const done = Promise.withResolvers<string>();
      const timer = this.#clock.at(this.#clock.nowMs() + ms, () => done.resolve("done"));
      signal.addEventListener("abort", () => done.reject(signal.reason));
      return done.promise.finally(() => {
        timer.cancel();
        this.running--;
      });
    };
  }
}
