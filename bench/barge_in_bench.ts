/**
 * Breaking in, measured: our judge beside an energy gate and the network with a fixed onset, on the calls that
 * `tasks/make_barge_in_set.ts` makes. The agent falls silent when told and goes on when told, so its echo does too.
 *
 * @module
 */

import { EchoMatch } from "../audio/echo_match.ts";
import { BANDS, FrameShapes } from "../audio/frame_shape.ts";
import { decodeMulaw } from "../audio/mulaw.ts";
import { LINE_FRAME_SAMPLES } from "../audio/rates.ts";
import { BargeInJudge, type BargeInOrder } from "../lib/turns/barge_in.ts";
import type { BargeInFrame } from "../lib/turns/barge_in_evidence.ts";
import { type BargeInTuning, DEFAULT_BARGE_IN_TUNING } from "../lib/turns/barge_in_settings.ts";
import { DEFAULT_BARGE_IN } from "../lib/turns/turn_settings.ts";
import { SceneLine } from "./barge_in/line.ts";
import { loadScenes } from "./barge_in/scene_files.ts";
import type { Scene, SceneEvent } from "./barge_in/scenes.ts";
import { ScoreCache } from "./barge_in/scored_line.ts";

/** Somebody who decides when the agent falls silent. */
export interface Contestant {
  /** Hears a frame; `isAgentsTurn`: the agent has the floor. */
  hear(frame: BargeInFrame, isAgentsTurn: boolean): BargeInOrder | undefined;
  answerBegan(): void;
}

/** An order and when it came. */
interface Given {
  readonly atMs: number;
  readonly order: BargeInOrder;
}

/** What happened in a scene. */
export interface SceneResult {
  readonly scene: Scene;
  readonly given: readonly Given[];
  readonly playedMs: number;
}

/** After a wrong turn the agent begins anew this much later; after a right one, when the caller has been silent that long. */
const NEW_ANSWER_MS = 1_000;

/** Plays one scene. */
export async function playScene(
  scene: Scene,
  cache: ScoreCache,
  contestant: Contestant,
): Promise<SceneResult> {
  const line = new SceneLine(scene);
  const scored = cache.line();
  const shapes = new FrameShapes();
  const echo = new EchoMatch();
  const [caller, played] = [new Int16Array(LINE_FRAME_SAMPLES), new Int16Array(LINE_FRAME_SAMPLES)];
  const given: Given[] = [];
  let [isAgentsTurn, quietSinceMs, playedMs, floorDb] = [true, 0, 0, -60];
  for (let at = line.next(); at; at = line.next()) {
    if (line.isPlaying) playedMs += 20;
    decodeMulaw(at.caller, caller);
    decodeMulaw(at.played, played);
    shapes.push(caller, played);
    const { levelDb, bandsDb } = shapes.caller;
    floorDb = Math.min(floorDb + 0.06, Math.max(levelDb, floorDb - 3));
    echo.push(shapes.caller, shapes.played, levelDb > floorDb + 8);
    const { endMs } = at;
    const frame: BargeInFrame = {
      endMs,
      speechProbability: await scored.score(at.caller),
      levelDb,
      bandsDb,
      voicing: shapes.voicing,
      echoLikeness: echo.view.likeness,
      echoExcessDb: echo.view.excessDb,
      isEchoCertain: echo.view.isCertain,
    };
    const order = contestant.hear(frame, isAgentsTurn);
    if (order) given.push({ atMs: endMs, order });
    if (order?.type === "hold" || order?.type === "interrupt") line.isPlaying = false;
    if (order?.type === "resume") line.isPlaying = true;
    if (order?.type === "interrupt") isAgentsTurn = false;
    const isHeard = scene.events.some((event) => event.onsetMs < endMs && endMs < event.endMs);
    if (isAgentsTurn || isHeard) quietSinceMs = endMs;
    if (endMs - quietSinceMs >= NEW_ANSWER_MS) {
      isAgentsTurn = true;
      line.isPlaying = true;
      quietSinceMs = endMs;
      contestant.answerBegan();
    }
  }
  return { scene, given, playedMs };
}

/** Interrupts after so much uninterrupted speech. */
export class FixedOnset implements Contestant {
  #runMs = 0;
  #isDone = false;
  readonly #isSpeech: (frame: BargeInFrame) => boolean;
  readonly #onsetMs: number;

  constructor(onsetMs: number, isSpeech: (frame: BargeInFrame) => boolean) {
    this.#onsetMs = onsetMs;
    this.#isSpeech = isSpeech;
  }

  hear(frame: BargeInFrame, isAgentsTurn: boolean): BargeInOrder | undefined {
    this.#runMs = this.#isSpeech(frame) ? this.#runMs + 20 : 0;
    if (!isAgentsTurn || this.#isDone || this.#runMs < this.#onsetMs) return undefined;
    this.#isDone = true;
    return { type: "interrupt", onsetMs: frame.endMs - this.#runMs };
  }

  answerBegan(): void {
    this.#isDone = false;
    this.#runMs = 0;
  }
}

/** What came of one sound. */
export interface Outcome {
  readonly event: SceneEvent;
  readonly holdMs: number | undefined;
  readonly yieldMs: number | undefined;
  readonly decideMs: number | undefined;
  /** How long the agent was silent for it. */
  readonly gapMs: number;
}

const AFTER_EVENT_MS = 700;

/** What came of each sound of a scene. */
export function outcomes({ scene, given }: SceneResult): Outcome[] {
  return scene.events.map((event) => {
    const own = given.filter(({ atMs }) =>
      atMs > event.onsetMs && atMs < event.endMs + AFTER_EVENT_MS
    );
    const hold = own.find(({ order }) => order.type !== "resume");
    const taken = own.find(({ order }) => order.type === "interrupt");
    const decided = own.find(({ order }) => order.type !== "hold");
    let gapMs = 0;
    for (const [i, { order, atMs }] of own.entries()) {
      if (order.type === "resume") gapMs += atMs - (own[i - 1]?.atMs ?? atMs);
    }
    const since = (found?: Given) => found && found.atMs - event.onsetMs;
    return { event, holdMs: since(hold), yieldMs: since(taken), decideMs: since(decided), gapMs };
  });
}

/** Orders that no sound of the caller explains. */
export function strays({ scene, given }: SceneResult, type: BargeInOrder["type"]): number {
  return given.filter(({ atMs, order }) =>
    order.type === type &&
    !scene.events.some((e) => atMs > e.onsetMs && atMs < e.endMs + AFTER_EVENT_MS)
  ).length;
}

function quantile(values: readonly (number | undefined)[], part: number): string {
  const sorted = values.filter((v) => v !== undefined).toSorted((a, b) => a - b);
  return (sorted[Math.floor(part * (sorted.length - 1))] ?? NaN).toFixed(0);
}

function share(part: number, all: number): string {
  return `${(all === 0 ? NaN : part / all).toFixed(3)} (${part}/${all})`;
}

/** The figures of one contestant, as lines. */
export function report(results: readonly SceneResult[]): string[] {
  const lines: string[] = [];
  const groups = [
    "quiet",
    "noisy 20 dB",
    "noisy 10 dB",
    "echo-talk -30 dB",
    "echo-talk -20 dB",
    "echo-talk -10 dB",
  ];
  const talk = results.flatMap((result) => outcomes(result).map((o) => ({ result, ...o })));
  const inGroup = (group: string) =>
    talk.filter(({ result: { scene } }) =>
      group === "all" ||
      group === (scene.group === "quiet" ? "quiet" : `${scene.group} ${scene.detail}`)
    );
  for (const group of ["all", ...groups]) {
    const of = (...kinds: string[]) => inGroup(group).filter((o) => kinds.includes(o.event.kind));
    const yields = (...kinds: string[]) =>
      share(of(...kinds).filter((o) => o.yieldMs !== undefined).length, of(...kinds).length);
    const keeps = (...kinds: string[]) =>
      share(of(...kinds).filter((o) => o.yieldMs === undefined).length, of(...kinds).length);
    const sentences = of("sentence");
    const words = of("word");
    lines.push(
      `${group.padEnd(17)} sentence ${yields("sentence")} hold ${
        quantile(sentences.map((o) => o.holdMs), 0.5)
      }/${quantile(sentences.map((o) => o.holdMs), 0.95)} yield ${
        quantile(sentences.map((o) => o.yieldMs), 0.5)
      }/${quantile(sentences.map((o) => o.yieldMs), 0.95)} in 620 ms ${
        share(sentences.filter((o) => (o.yieldMs ?? Infinity) <= 620).length, sentences.length)
      } | word ${yields("word")} yield ${quantile(words.map((o) => o.yieldMs), 0.5)}/${
        quantile(words.map((o) => o.yieldMs), 0.95)
      } | kept: hum ${keeps("hum")} vowel ${keeps("vowel")} syllable ${keeps("syllable")} cough ${
        keeps("cough")
      } click ${keeps("click")} | selectivity ${keeps("hum", "vowel")} gap ${
        quantile(
          of("hum", "vowel", "syllable", "cough", "click").filter((o) => o.gapMs > 0).map((o) =>
            o.gapMs
          ),
          0.5,
        )
      }`,
    );
  }
  for (
    const scope of [
      "-10 dB",
      "-15 dB",
      "-20 dB",
      "-30 dB",
      "-40 dB",
      "noise",
      "quiet",
      "noisy",
      "echo-talk",
    ]
  ) {
    const own = results.filter(({ scene }) =>
      scene.group === "echo" ? scene.detail === scope : scene.group === scope
    );
    if (own.length === 0) continue;
    const turns = own.map((result) => strays(result, "interrupt"));
    const minutes = own.reduce((sum, { playedMs }) => sum + playedMs, 0) / 60_000;
    const holds = own.reduce((sum, result) => sum + strays(result, "hold"), 0);
    lines.push(
      `${(scope.startsWith("-") ? "echo " + scope : scope).padEnd(17)} calls without a false turn ${
        share(turns.filter((n) => n === 0).length, own.length)
      } · false turns ${turns.reduce((a, b) => a + b, 0)} · false holds ${holds} in ${
        minutes.toFixed(1)
      } min = ${(holds / minutes).toFixed(2)}/min`,
    );
  }
  return lines;
}

/** Plays all scenes to new contestants. */
export async function playAll(
  scenes: readonly Scene[],
  cache: ScoreCache,
  make: () => Contestant,
): Promise<SceneResult[]> {
  const results: SceneResult[] = [];
  for (const scene of scenes) results.push(await playScene(scene, cache, make()));
  return results;
}

/** Our judge, with other numbers where they are tried out. */
export function judge(
  tuning: Partial<BargeInTuning> = {},
  settings = DEFAULT_BARGE_IN,
): Contestant {
  return new BargeInJudge(BANDS, settings, { ...DEFAULT_BARGE_IN_TUNING, ...tuning });
}

if (import.meta.main) {
  const folder = Deno.env.get("BARGE_IN_WORK") ?? `${Deno.env.get("TMPDIR") ?? "/tmp"}/barge-in`;
  const print = (line: string) => Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
  const [set = "dev", which = "all"] = Deno.args;
  const scenes = await loadScenes(`${folder}/${set}`);
  const cache = new ScoreCache(`${folder}/${set}.scores`);
  const contestants: Record<string, () => Contestant> = {
    judge: () => judge(),
    "energy 60 ms": () => new FixedOnset(60, (frame) => frame.levelDb > -45),
    "network 60 ms": () => new FixedOnset(60, (frame) => frame.speechProbability >= 0.5),
    "network 500 ms": () => new FixedOnset(500, (frame) => frame.speechProbability >= 0.5),
  };
  for (const [name, make] of Object.entries(contestants)) {
    if (which !== "all" && which !== name) continue;
    print(`== ${set}: ${name}`);
    for (const line of report(await playAll(scenes, cache, make))) print(line);
  }
  cache.save();
}
