/**
 * Breaking in as a table: our judge beside what peers do, which is to stop for all speech, or for all speech that lasts
 * long enough. On every second call of the development set; `bench/barge_in_bench.ts` has the whole and the details.
 *
 * @module
 */

import type { BargeInOrder } from "../lib/turns/barge_in.ts";
import type { BargeInFrame } from "../lib/turns/barge_in_evidence.ts";
import { DEFAULT_ENDPOINT_SETTINGS } from "../lib/turns/endpoint_settings.ts";
import { Endpointer } from "../lib/turns/endpointing.ts";
import {
  type Contestant,
  FixedOnset,
  judge,
  outcomes,
  playAll,
  type SceneResult,
  strays,
} from "./barge_in_bench.ts";
import { makeScenes, type Scene } from "./barge_in/scenes.ts";
import { loadScenes } from "./barge_in/scene_files.ts";
import { BARGE_IN_SETS } from "./barge_in/sets.ts";
import { ScoreCache } from "./barge_in/scored_line.ts";
import { print, row } from "./measure.ts";
import { findTalkers, HOW_TO_GET_PROMPTS } from "./prompt_packages.ts";

const COLUMNS = ["yield", "hold median", "hold p95", "hums kept", "words yield", "echo kept"];
const LONGEST_HOLD_MS = 500;

/** Plays the set to everybody and prints the table. */
export async function bargeInTable(): Promise<void> {
  print("\nBreaking in, on every second call of the development set");
  const all = await developmentScenes();
  if (!all) return print(`No set: ${HOW_TO_GET_PROMPTS}`);
  const scenes = all.filter((_, n) => n % 2 === 0);
  const cache = new ScoreCache();
  const contestants: Record<string, () => Contestant> = {
    "Offhook": () => judge(),
    "Offhook, immediate": () => new Immediate(),
    [`network, at least ${LONGEST_HOLD_MS} ms`]: () =>
      new FixedOnset(LONGEST_HOLD_MS, ({ speechProbability }) => speechProbability >= 0.5),
  };
  print(row("", COLUMNS));
  for (const [name, make] of Object.entries(contestants)) {
    print(row(name, columnsOf(await playAll(scenes, cache, make))));
  }
}

/** What an agent does whose mode is immediate: all that the end-pointer takes for speech has the floor. */
class Immediate implements Contestant {
  readonly #endpointer = new Endpointer(DEFAULT_ENDPOINT_SETTINGS);

  hear(frame: BargeInFrame, isAgentsTurn: boolean): BargeInOrder | undefined {
    const { endMs, speechProbability, levelDb, bandsDb } = frame;
    const heard = this.#endpointer.hear({ endMs, speechProbability, levelDbfs: levelDb, bandsDb });
    if (!isAgentsTurn || heard?.type !== "speech-started") return undefined;
    return { type: "interrupt", onsetMs: heard.onsetMs };
  }

  answerBegan(): void {}
}

/** The set in `$BARGE_IN_WORK`, else one that is made of the prompts; nothing where they are missing. */
async function developmentScenes(): Promise<readonly Scene[] | undefined> {
  const folder = Deno.env.get("BARGE_IN_WORK");
  if (folder !== undefined) return await loadScenes(`${folder}/dev`);
  const { seed, callers, agents } = BARGE_IN_SETS.dev;
  const [callersFound, agentsFound] = [findTalkers(callers), findTalkers(agents)];
  return callersFound && agentsFound
    ? makeScenes({ seed, callers: callersFound, agents: agentsFound })
    : undefined;
}

/** Shares of sounds that get the floor, or not; holds in ms; calls with an echo in which nothing stops the agent. */
export function columnsOf(results: readonly SceneResult[]): string[] {
  const sounds = results.flatMap(outcomes);
  const of = (...kinds: string[]) => sounds.filter(({ event }) => kinds.includes(event.kind));
  const yields = (kind: string) => shareOf(of(kind), ({ yieldMs }) => yieldMs !== undefined);
  const holds = of("sentence").flatMap(({ holdMs }) => holdMs ?? []).toSorted((a, b) => a - b);
  const holdMs = (part: number) => holds[Math.floor(part * (holds.length - 1))]?.toFixed(0) ?? "-";
  return [
    yields("sentence"),
    holdMs(0.5),
    holdMs(0.95),
    shareOf(of("hum", "vowel"), ({ yieldMs }) => yieldMs === undefined),
    yields("word"),
    shareOf(
      results.filter(({ scene }) => scene.group === "echo"),
      (result) => strays(result, "interrupt") === 0,
    ),
  ];
}

function shareOf<Item>(items: readonly Item[], isSo: (item: Item) => boolean): string {
  return (items.filter(isSo).length / items.length).toFixed(3);
}

if (import.meta.main) {
  await bargeInTable();
  Deno.exit(0);
}
