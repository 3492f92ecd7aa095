/**
 * The fields of an agent file that say by which model it speaks, and how.
 *
 * @module
 */

import { z } from "zod";
import { choice, number, section, text, wholeNumber } from "./file_fields.ts";

/** The prebuilt voices, as Google lists them. */
export const VOICES: readonly string[] = [
  ["Zephyr", "Puck", "Charon", "Kore", "Fenrir", "Leda", "Orus", "Aoede", "Callirrhoe", "Autonoe"],
  ["Enceladus", "Iapetus", "Umbriel", "Algieba", "Despina", "Erinome", "Algenib", "Rasalgethi"],
  ["Laomedeia", "Achernar", "Alnilam", "Schedar", "Gacrux", "Pulcherrima", "Achird"],
  ["Zubenelgenubi", "Vindemiatrix", "Sadachbia", "Sadaltager", "Sulafat"],
].flat();

const threshold = () =>
  choice("off", "none", "only-high", "medium-and-above", "low-and-above").optional();

const thinking = section({
  budget: wholeNumber(0, 24_576).optional().describe("In tokens, for models of generation 2"),
  level: choice("minimal", "low", "medium", "high").optional()
    .describe("In words, for those of generation 3 that take it"),
}).refine(({ budget, level }) => (budget === undefined) !== (level === undefined), {
  message: "expected either budget or level",
});

const generation = section({
  temperature: number(0, 2).optional().describe("How freely answers are worded"),
  topP: number(0, 1).optional().describe("Probability from which words are drawn"),
  topK: wholeNumber(1, 1_000).optional().describe("How many words are drawn from"),
  maxOutputTokens: wholeNumber(1, 65_536).optional().describe("Longest answer, in tokens"),
  thinking: thinking.optional().describe("How much it thinks before it answers"),
  safety: section({
    harassment: threshold(),
    "hate-speech": threshold(),
    "sexually-explicit": threshold(),
    "dangerous-content": threshold(),
  }).optional().describe("From which likelihood on content of a kind is withheld"),
  proactive: z.boolean("expected true or false").optional()
    .describe("Whether the model may stay silent of its own accord"),
  turnCoverage: choice("only-activity", "all-input", "activity-and-all-video").optional()
    .describe("What of the caller's line belongs to their turn; only-activity unless given"),
});

const price = () => number(0, 100_000);

/**
 * The fields.
 *
 * @internal
 */
export const MODEL_FIELDS = {
  voice: text(/^\w+$/, "the name of a voice, such as Kore").default("Kore")
    .meta({ description: "A prebuilt voice", examples: [...VOICES] }),
  language: text(/^[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?$/, "a BCP-47 code such as en-US")
    .optional().describe("Language it begins with; without one the model hears for itself"),
  model: text(/^[\w./-]+$/, "a model id such as gemini-3.8-live")
    .optional().describe("Model id; without one the server's"),
  fallbackModel: text(/^[\w./-]+$/, "a model id such as gemini-3.1-flash-live-preview")
    .optional().describe("Model that goes on with a call when the first one does not answer"),
  search: z.boolean("expected true or false").optional()
    .describe(
      "Whether it may look things up on the web, by Google Search; it does not unless told",
    ),
  generation: generation.prefault({})
    .describe("How answers are made; what is absent is left to the model"),
  prices: section({
    textIn: price().describe("What it reads"),
    audioIn: price().describe("What it hears"),
    textOut: price().describe("What it writes and thinks"),
    audioOut: price().describe("What it says"),
  }).optional().describe("US dollars for a million tokens; without them the published prices"),
};
