/**
 * Messages that no model should send.
 *
 * @module
 */

import fc from "fast-check";

const MESSAGES = 1_000;
const HUGE_BYTES = 5 * 1024 * 1024;

/** Audio whose bytes are whatever they are, under a type that may be wrong. */
const strangeAudio = fc.record({
  data: fc.oneof(
    fc.uint8Array({ maxLength: 961 }).map((bytes) => bytes.toBase64()),
    fc.string(),
    fc.integer(),
    fc.constant(null),
  ),
  mimeType: fc.oneof(
    fc.constantFrom("audio/pcm;rate=48000", "audio/pcm", "audio/pcm;rate=0", "image/png", ""),
    fc.string(),
    fc.constant(undefined),
  ),
}).map((inlineData) => ({ serverContent: { modelTurn: { parts: [{ inlineData }] } } }));

/** Known fields with values of any kind. */
const strangeFields = fc.dictionary(
  fc.constantFrom(
    ...["serverContent", "toolCall", "goAway", "usageMetadata", "sessionResumptionUpdate"],
    ...["setupComplete", "toolCallCancellation", "novelty", "__proto__", "text"],
  ),
  fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.record({ parts: fc.jsonValue(), modelTurn: fc.jsonValue() }),
    fc.record({ inputTranscription: fc.jsonValue(), outputTranscription: fc.jsonValue() }),
  ),
  { maxKeys: 3 },
);

const frame: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  strangeAudio.map((message) => JSON.stringify(message)),
  strangeFields.map((message) => JSON.stringify(message)),
  fc.json(),
  fc.string(),
  fc.uint8Array({ maxLength: 300 }),
  strangeFields.map((message) => new TextEncoder().encode(JSON.stringify(message))),
);

/** A thousand frames that nobody should send, and one of 5 MB among them. */
export function strangeFrames(seed: number): (string | Uint8Array)[] {
  const frames = fc.sample(frame, { numRuns: MESSAGES - 1, seed });
  frames.push(JSON.stringify({ novelty: "x".repeat(HUGE_BYTES) }));
  return frames;
}
