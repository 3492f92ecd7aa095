/**
 * What the model is told in writing during a call.
 *
 * @module
 */

import type { FailedTransfer } from "../records/call_snapshot.ts";

/** The call begins: the agent speaks first. */
export function greetingCue(greeting: string): string {
  return `The call has just been answered and you speak first. Greet the caller with: "${greeting}"`;
}

/** The call begins, and the caller hears a greeting that was kept. */
export function greetedCue(greeting: string): string {
  return `The call has just been answered, and the caller hears you say: "${greeting}" ` +
    "Do not greet again; wait for the caller.";
}

/** Somebody listens in on the call and helps the agent. */
export function whisperCue(text: string): string {
  return `A colleague who listens in tells you, and the caller does not hear it: "${text}" ` +
    "Do not answer that and do not mention it; act on it from your next words on.";
}

/** We placed the call and somebody picked up: they speak first, if they do. */
export function calleeCue(greeting: string): string {
  return "You have called somebody, and they have just picked up. Wait for them to speak; your first words to " +
    `them are then: "${greeting}"`;
}

/** A machine answered, and its beep is over. */
export function voicemailCue(message: string): string {
  return `You have reached an answering machine, and it records now. Say just this: "${message}"`;
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

/**
 * The caller is back after the line broke, perhaps on another instance.
 *
 * @param left What the caller said last, and what the agent had begun to do: nothing, or an answer, with the words of it
 * that were heard
 */
export function comeBackCue(
  { callerText, answer }: { callerText: string; answer: { heardText: string } | undefined },
): string {
  const next = answer === undefined
    ? "ask the caller to go on."
    : answer.heardText === ""
    ? "answer what the caller said last."
    : `go on with your answer, of which the caller heard only: "${answer.heardText}"`;
  const said = callerText === "" ? "" : `The caller said last: "${callerText}" `;
  return "The line to the caller broke for a moment and is back; the conversation goes on. " +
    `${said}Do not greet again. Say in a few words that you are back, then ${next}`;
}

const WHY_NOT_REACHED: Record<FailedTransfer["reason"], string> = {
  busy: "the line was busy",
  "no-answer": "nobody answered",
  failed: "the connection could not be made",
};

/** The caller could not be put through and is back. */
export function notReachedCue({ destination, reason }: FailedTransfer): string {
  return `You tried to put the caller through to "${destination}", but ${
    WHY_NOT_REACHED[reason]
  }. The caller is back with you. Do not greet again. Tell them so in one sentence, and ask how else you can help.`;
}

/** An answer did not come, or nobody could hear it. */
export const NUDGE_CUE =
  "The caller is waiting and has heard nothing from you. Answer them now, aloud.";

/** Longest piece of an answer that is quoted. */
const LONGEST_QUOTE = 400;

/**
 * An answer ceased in the middle.
 *
 * @param said What of it the caller has heard, or will have
 */
export function goOnCue(said: string): string {
  const quote = said.slice(-LONGEST_QUOTE);
  return "The line broke off while you were speaking. " +
    `The caller heard your answer up to here: "${quote}". ` +
    "Go on from there with the words that come next; repeat nothing and do not mention this.";
}

/** The call is almost over. */
export const WRAP_UP_CUE =
  "The call must end in a few seconds. Tell the caller so in one short sentence and say goodbye.";
