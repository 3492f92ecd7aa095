/**
 * Draws `docs/turn-taking-call.svg`: one whole call with recorded speech, as its turns were taken. The caller's phone lets
 * some of the agent's voice back in; the caller hums into an answer, then breaks into it, and later makes a pause in the
 * middle of a turn. Leg, call, detector and playout are the real ones; phone and model follow a script on a clock that
 * passes only when everything is done, so the picture is the same each time.
 *
 * To be run after a change to how turns are taken: `deno run -RE --allow-write=docs tasks/plot_turns.ts`.
 *
 * @module
 */

import { convertRate } from "../audio/file_to_pcm.ts";
import { levelDbfs } from "../audio/level.ts";
import { decodeMulaw, encodeMulaw } from "../audio/mulaw.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES, LINE_HZ, MODEL_INPUT_HZ } from "../audio/rates.ts";
import type { Vad } from "../audio/vad.ts";
import { Chance } from "../bench/barge_in/chance.ts";
import { amplitude, atLevel, mixIn, samplesIn } from "../bench/barge_in/signal.ts";
import { background, hum } from "../bench/barge_in/sounds.ts";
import { agentLine, type AgentLineName, callerLine } from "../emulators/speech.ts";
import { SileroNetwork } from "../lib/hearing/silero_vad.ts";
import { DEFAULT_BARGE_IN } from "../lib/turns/turn_settings.ts";
import { settle } from "../tests/support/fake_clock.ts";
import { type Scenario, startCall } from "../tests/support/scenario.ts";
import { drawTurns, type Mark, type Phase, type Stretch } from "./turns_svg.ts";

const CALL_MS = 16_200;
/** Speech and noise at the caller's phone. */
const VOICE_DB = -22;
const NOISE_DB = -58;
/** How much of the agent's voice comes back, and when. */
const ECHO_DB = -22;
const ECHO_FRAMES = 6;
/** What the agent says: first by itself, then after each turn of the caller. */
const ANSWERS: readonly AgentLineName[] = ["by-the-window", "of-course", "table-is-free"];

/** A sound at the caller's phone, 8 kHz. */
interface CallerSound {
  readonly atMs: number;
  readonly text: string;
  readonly sound: Float32Array;
}

const CALLER: readonly CallerSound[] = [
  { atMs: 1_500, text: "mm-hmm", sound: hum(new Chance("plot"), "mm-hmm") },
  spoken(4_440, "wait"),
  spoken(9_100, "window"),
  spoken(11_400, "tomorrow"),
];

function spoken(atMs: number, name: Parameters<typeof callerLine>[0]): CallerSound {
  const { text, pcm16k } = callerLine(name);
  const pcm = convertRate(pcm16k, { fromHz: MODEL_INPUT_HZ, toHz: LINE_HZ });
  return { atMs, text, sound: Float32Array.from(pcm, (sample) => sample / 32_768) };
}

/** All that sounds at the caller's phone but the agent. */
function callerSide(): Float32Array {
  const noise = background(new Chance("plot"), "pink", samplesIn(CALL_MS));
  const all = atLevel(noise, NOISE_DB);
  for (const { atMs, sound } of CALLER) mixIn(all, atLevel(sound, VOICE_DB), samplesIn(atMs));
  return all;
}

/** The real detector, and what it said of each frame. */
class NotingVad implements Vad {
  readonly scores: number[] = [];
  readonly #vad: Vad;
  #last: Promise<unknown> = Promise.resolve();

  constructor(vad: Vad) {
    this.#vad = vad;
  }

  score(frame: Int16Array): Promise<number> {
    const score = this.#vad.score(frame);
    this.#last = score.then((probability) => this.scores.push(probability));
    return score;
  }

  /** Waits until every frame is scored and the call has done what follows. */
  async idle(): Promise<void> {
    await this.#last;
    await settle();
  }
}

/** Lets the call run, frame by frame. */
async function run({ clock, line }: Scenario, vad: NotingVad): Promise<void> {
  const near = callerSide();
  const pcm = new Int16Array(LINE_FRAME_SAMPLES);
  for (let frame = 0; frame < CALL_MS / FRAME_MS; frame++) {
    const heard = line.heard[frame - ECHO_FRAMES];
    if (heard) decodeMulaw(heard, pcm);
    else pcm.fill(0);
    for (let i = 0; i < pcm.length; i++) {
      const voice = near[frame * LINE_FRAME_SAMPLES + i] ?? 0;
      pcm[i] = Math.round(voice * 32_767 + (pcm[i] ?? 0) * amplitude(ECHO_DB));
    }
    const mulaw = new Uint8Array(LINE_FRAME_SAMPLES);
    encodeMulaw(pcm, mulaw);
    line.say(mulaw);
    await clock.advance(FRAME_MS);
    await vad.idle();
  }
}

/** What the two wires say of the turns: each moment at which one of them was told something, in order. */
function marksOf({ line, model }: Scenario): Mark[] {
  const marks: Mark[] = [];
  for (const { event, atMs } of line.sent) {
    if (event !== "clear") continue;
    const next = line.sent.find((sent) => sent.event === "media" && sent.atMs > atMs)?.atMs;
    const openedMs = model.turns.find((turn) => turn.openedAtMs >= atMs)?.openedAtMs;
    if (openedMs !== atMs) marks.push({ atMs, name: "hold" });
    if (openedMs !== undefined && openedMs <= (next ?? Infinity)) {
      marks.push({ atMs: openedMs, name: "interrupt" });
    } else if (next !== undefined) marks.push({ atMs: next, name: "resume" });
  }
  for (const { openedAtMs, closedAtMs } of model.turns) {
    marks.push({ atMs: openedAtMs, name: "open" });
    if (closedAtMs !== undefined) marks.push({ atMs: closedAtMs, name: "close" });
  }
  return marks.sort((a, b) => a.atMs - b.atMs);
}

/** Who has the floor, frame by frame, put together to stretches. */
function stretchesOf({ line }: Scenario, marks: readonly Mark[]): Stretch[] {
  const stretches: Stretch[] = [];
  for (let frame = 0; frame < line.heard.length; frame++) {
    const atMs = frame * FRAME_MS;
    const phase = phaseAt(atMs, marks, isSounding(line.sent, atMs));
    const last = stretches.at(-1);
    if (last?.phase === phase) last.endMs = atMs + FRAME_MS;
    else stretches.push({ phase, startMs: atMs, endMs: atMs + FRAME_MS });
  }
  return stretches;
}

function phaseAt(atMs: number, marks: readonly Mark[], sounds: boolean): Phase {
  const last = marks.findLast((mark) => mark.atMs <= atMs && mark.name !== "interrupt")?.name;
  if (last === "open") return "caller";
  if (last === "hold") return "held";
  return sounds ? "agent" : "nobody";
}

/** Whether the line has something to play. */
function isSounding(sent: Scenario["line"]["sent"], atMs: number): boolean {
  let emptyAtMs = 0;
  for (const message of sent) {
    if (message.atMs > atMs) break;
    if (message.event === "clear") emptyAtMs = 0;
    emptyAtMs = Math.max(emptyAtMs, message.atMs) + message.bytes * 1_000 / LINE_HZ;
  }
  return emptyAtMs > atMs;
}

function levels(frames: readonly Uint8Array[]): number[] {
  const pcm = new Int16Array(LINE_FRAME_SAMPLES);
  return frames.map((frame) => {
    decodeMulaw(frame, pcm);
    return levelDbfs(pcm);
  });
}

const network = await SileroNetwork.load();
const vad = new NotingVad(network.detector());
const scenario = await startCall({
  vad,
  agent: { bargeIn: DEFAULT_BARGE_IN },
  model: {
    answers: (index) => {
      const name = ANSWERS[index];
      if (!name) return undefined;
      const { text, pcm24k } = agentLine(name);
      return { pcm: pcm24k, text };
    },
  },
});
await run(scenario, vad);
const marks = marksOf(scenario);
const svg = drawTurns({
  callMs: CALL_MS,
  agentDb: levels(scenario.line.heard),
  callerDb: levels(scenario.line.said),
  speechProbability: vad.scores,
  words: CALLER.map(({ atMs, text }) => ({ atMs, text })),
  stretches: stretchesOf(scenario, marks),
  marks,
});
scenario.line.hangUp();
await scenario.clock.advance(1_000);
await scenario.ended;
await Deno.writeTextFile(new URL("../docs/turn-taking-call.svg", import.meta.url), svg);
