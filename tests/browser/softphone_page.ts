/** The page of the softphone, as a person uses it. */

import type { Page } from "playwright-core";
import { convertRate } from "../../audio/file_to_pcm.ts";
import { MODEL_OUTPUT_HZ } from "../../audio/rates.ts";
import { agentLine, type AgentLineName } from "../../emulators/speech.ts";
import { loudMs, untilLoud, untilQuiet } from "./ear.ts";
import { say } from "./microphone.ts";
import { EAR_HZ } from "./sound_pieces.ts";

/** The ways in which a call can go. */
export type Way = "As a telephone" | "Wideband";

/** What is heard is heard to this share at least: pieces with a gap of a busy machine do not count. */
export const MOST_OF_IT = 0.6;
/** What is not heard has a few pieces that are like others. */
export const HARDLY_ANY = 0.3;
/** All of an answer is there before the caller breaks in: what then is not heard was thrown away. */
export const AT_ONCE = { pace: 20 };
/** How far into an answer the caller breaks in. */
export const INTO_THE_ANSWER_MS = 1_500;
/** The last words of an answer, which nobody hears when it is cut. */
const LAST_WORDS_MS = 3_000;
/** Longer than any pause within a line. */
const PAUSE_MS = 600;

/** Opens the page and presses Call. */
export async function call(
  page: Page,
  options: { way: Way; url?: string; agent?: string },
): Promise<void> {
  const { way, url = "", agent } = options;
  await page.goto(`${url}/try`);
  await page.getByLabel(way).check();
  if (agent !== undefined) await page.getByLabel("Agent").first().selectOption(agent);
  await page.getByRole("button", { name: "Call" }).click();
}

/** Waits until the page says how things stand. */
export async function untilState(page: Page, words: string): Promise<void> {
  const exactly = new RegExp(`^${RegExp.escape(words)}$`);
  try {
    await page.locator("#state", { hasText: exactly }).waitFor();
  } catch (cause) {
    throw new Error(`Never ${words}: ${await page.locator("main").innerText()}`, { cause });
  }
}

/** Waits until the page says what the trouble is. */
export async function untilTrouble(page: Page, words: RegExp): Promise<void> {
  await page.getByRole("alert").filter({ hasText: words }).waitFor();
}

/** Calls by the way of a telephone. @returns Name of the call */
export async function dial(page: Page, url = ""): Promise<string> {
  await call(page, { way: "As a telephone", url });
  await untilState(page, "in a call");
  const href = await page.locator("#follow").getAttribute("href");
  return new URLSearchParams(href?.split("?")[1]).get("call") ?? "";
}

/** What a line of the agent's sounds like. */
export function lineSound(name: AgentLineName): Int16Array {
  return convertRate(agentLine(name).pcm24k, { fromHz: MODEL_OUTPUT_HZ, toHz: EAR_HZ });
}

/** What the last words of it sound like. */
export function lastWordsSound(name: AgentLineName): Int16Array {
  return lineSound(name).subarray(-LAST_WORDS_MS * EAR_HZ / 1_000);
}

/**
 * Waits until the page has played a line: it has sounded for half as long at least, and is quiet.
 *
 * @param sinceMs How long the page had sounded before
 */
export async function untilPlayed(
  page: Page,
  name: AgentLineName,
  sinceMs: number,
): Promise<void> {
  const halfMs = 500 * agentLine(name).pcm24k.length / MODEL_OUTPUT_HZ;
  await untilLoud(page, sinceMs + halfMs);
  await untilQuiet(page, PAUSE_MS);
}

/** Says something into an answer, which falls silent. @returns How long the page had sounded by then */
export async function breakIn(page: Page): Promise<number> {
  const saying = say(page, "wait");
  await untilQuiet(page, PAUSE_MS);
  const cutMs = await loudMs(page);
  await saying;
  return cutMs;
}
