/**
 * What the model is told in writing during a call.
 *
 * @module
 */

/** The call begins: the agent speaks first. */
export function greetingCue(greeting: string): string {
  return `The call has just been answered and you speak first. Greet the caller with: "${greeting}"`;
}

/** The call is almost over. */
export const WRAP_UP_CUE =
  "The call must end in a few seconds. Tell the caller so in one short sentence and say goodbye.";
