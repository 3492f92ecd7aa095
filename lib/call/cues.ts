/**
 * What the model is told in writing during a call.
 *
 * @module
 */

/** The call begins: the agent speaks first. */
export function greetingCue(greeting: string): string {
  return `The call has just been answered and you speak first. Greet the caller with: "${greeting}"`;
}

/** The caller says nothing: the agent asks. */
export function askCue(question: string): string {
  return `The caller has said nothing for a while. Say just this: "${question}"`;
}

/** The caller never said anything: the agent takes its leave. */
export function farewellCue(goodbye: string): string {
  return `The caller does not answer and the call will now end. Say just this: "${goodbye}"`;
}

/** The caller pressed keys. */
export function digitsCue(digits: string): string {
  return `The caller pressed these keys on the telephone: ${[...digits].join(" ")}`;
}

/**
 * The caller broke in.
 *
 * @param note The agent's own words for it, with `{{heard}}` where what was heard stands
 */
export function cutCue(note: string, heardText: string): string {
  return note.replaceAll("{{heard}}", () => heardText);
}

/** The call is almost over. */
export const WRAP_UP_CUE =
  "The call must end in a few seconds. Tell the caller so in one short sentence and say goodbye.";
