/**
 * Asks in writing, and prints the answers as they come.
 *
 *   deno run -A examples/text_chat.ts "Who are you?" "And what can you do?"
 *
 * @module
 */

import { print } from "../tasks/terminal.ts";
import { type ExampleOptions, withSession } from "./example_session.ts";

/**
 * Asks one after the other.
 *
 * @returns The answers
 */
export function textChat(
  questions: readonly string[],
  options: ExampleOptions = {},
): Promise<string[]> {
  const config = { systemInstruction: "Answer in one or two sentences." };
  return withSession({ config, ...options }, async (session) => {
    const answers: string[] = [];
    for (const question of questions) answers.push((await session.ask(question)).text);
    return answers;
  });
}

if (import.meta.main) {
  const questions = Deno.args.length > 0 ? Deno.args : ["Who are you?"];
  const answers = await textChat(questions);
  for (const [n, answer] of answers.entries()) print(`> ${questions[n]}`, answer, "");
}
