import { assertAlmostEquals, assertEquals } from "@std/assert";
import { modelFamily } from "../../lib/agents/model_family.ts";
import type { Usage } from "../../lib/call/model.ts";
import { addTokens, costOf, NO_TOKENS } from "../../lib/call/tokens.ts";
import { readFrame } from "../../lib/gemini/live_frames.ts";

/** A price for each, so that a token of the wrong kind shows. */
const PRICES = { textIn: 1, audioIn: 100, textOut: 10_000, audioOut: 1_000_000 };

/** What a message of the service says of tokens. */
function usageOf(usageMetadata: Record<string, unknown>): Usage {
  const { events } = readFrame(JSON.stringify({ usageMetadata }));
  const [event] = events;
  if (event?.type !== "usage-reported") throw new Error("no usage was reported");
  return event.usage;
}

function details(audio: number, text: number) {
  return [{ modality: "AUDIO", tokenCount: audio }, { modality: "TEXT", tokenCount: text }];
}

const CASES: readonly [why: string, metadata: Record<string, unknown>, dollars: number][] = [
  [
    "each kind at its price",
    {
      promptTokenCount: 30,
      promptTokensDetails: details(10, 20),
      responseTokenCount: 12,
      responseTokensDetails: details(5, 7),
      totalTokenCount: 42,
    },
    10 * 100 + 20 * 1 + 5 * 1_000_000 + 7 * 10_000,
  ],
  [
    "what is not attributed taken for sound",
    { promptTokenCount: 30, promptTokensDetails: details(0, 20), responseTokenCount: 4 },
    10 * 100 + 20 * 1 + 4 * 1_000_000,
  ],
  [
    "thoughts beside what was said, also where nothing is attributed",
    { promptTokenCount: 0, responseTokenCount: 5, thoughtsTokenCount: 3, totalTokenCount: 8 },
    5 * 1_000_000 + 3 * 10_000,
  ],
  [
    "what the service's own tools gave it to read, as text",
    { promptTokenCount: 2, promptTokensDetails: details(0, 2), toolUsePromptTokenCount: 6 },
    2 * 1 + 6 * 1,
  ],
  [
    "more attributed than counted, as attributed",
    { promptTokenCount: 1, promptTokensDetails: details(3, 4) },
    3 * 100 + 4 * 1,
  ],
];

for (const [why, metadata, millionths] of CASES) {
  Deno.test(`costOf() counts ${why} [A07]`, () => {
    assertAlmostEquals(costOf(usageOf(metadata), PRICES), millionths / 1_000_000, 1e-9);
  });
}

Deno.test("costOf() of a minute of speech both ways is what the published prices say", () => {
  const { prices } = modelFamily("gemini-3.8-live");
  const minute = 60 * 25;
  const usage = { promptTokens: minute, responseTokens: minute, totalTokens: 2 * minute };
  // $0.005 in and $0.018 out.
  assertAlmostEquals(costOf(usage, prices), 0.0045 + 0.018, 1e-9);
});

Deno.test("addTokens() sums what turns have cost", () => {
  const usage = { promptTokens: 3, responseTokens: 2, totalTokens: 6 };
  const sum = addTokens(addTokens(NO_TOKENS, usage), usage);
  assertEquals(sum, { prompt: 6, response: 4, total: 12 });
});
