/**
 * What the models of one family have in common, as far as it matters to an agent.
 *
 * @module
 */

import type { PriceTable } from "./agent_config.ts";

/** The model where neither the environment nor the agent names one. */
export const DEFAULT_MODEL = "gemini-3.8-live";

/** What models of a family can do, and what they refuse. */
export interface ModelFamily {
  /** What it is called in messages. */
  readonly name: string;
  /** Whether it closes the connection when a language is named. */
  readonly refusesLanguage: boolean;
  /** How much it thinks can be set by a number, by a word, or not at all. */
  readonly thinking: "budget" | "level" | "none";
  /** Words of that which it refuses. */
  readonly refusedLevels: readonly string[];
  /** Whether it may be told to stay silent of its own accord, or not to; `always`: it may not be told not to. */
  readonly proactivity: "always" | "none";
  /** Whether it waits for tools, goes on meanwhile, or either. */
  readonly tools: "blocking" | "either" | "non-blocking";
  /** Whether the result of a tool may say when it is to be taken up. */
  readonly takesScheduling: boolean;
  /** What it costs, as published. */
  readonly prices: PriceTable;
}

const PRICES_3: PriceTable = { textIn: 0.75, audioIn: 3, textOut: 4.5, audioOut: 12 };
const PRICES_2: PriceTable = { textIn: 0.5, audioIn: 3, textOut: 2, audioOut: 12 };

const SECOND: ModelFamily = {
  name: "2.5",
  refusesLanguage: true,
  thinking: "budget",
  refusedLevels: [],
  proactivity: "none",
  tools: "either",
  takesScheduling: true,
  prices: PRICES_2,
};

/** Models that are asked for tools wait for them, and need no scheduling. */
const FLASH_3_1: ModelFamily = {
  name: "3.1",
  refusesLanguage: false,
  thinking: "level",
  refusedLevels: [],
  proactivity: "none",
  tools: "blocking",
  takesScheduling: false,
  prices: PRICES_3,
};

const LIVE_3_8: ModelFamily = {
  name: "3.8",
  refusesLanguage: false,
  thinking: "none",
  refusedLevels: [],
  proactivity: "always",
  tools: "either",
  takesScheduling: true,
  prices: PRICES_3,
};

const EXTENDED_THINKING: ModelFamily = {
  ...LIVE_3_8,
  name: "3.8 extended thinking",
  thinking: "level",
  refusedLevels: ["minimal"],
  tools: "non-blocking",
  takesScheduling: false,
};

/** The first that fits counts; the newest is taken for any that is not known. */
const FAMILIES: readonly (readonly [RegExp, ModelFamily])[] = [
  [/^gemini-3\.8-live-extended-thinking/, EXTENDED_THINKING],
  [/^gemini-3\.1-/, FLASH_3_1],
  [/^gemini-(live-)?2[.-]/, SECOND],
];

/**
 * The family of a model.
 *
 * @param model Its id, with or without `models/`
 */
export function modelFamily(model: string): ModelFamily {
  const id = model.replace(/^.*\//, "");
  return FAMILIES.find(([pattern]) => pattern.test(id))?.[1] ?? LIVE_3_8;
}
