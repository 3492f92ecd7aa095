/**
 * A booking at the restaurant: what the model says to what the caller says, and which functions it calls.
 *
 * @module
 */

import type { Answer, ModelTurn } from "../../emulators/model_script.ts";
import { agentLine, type AgentLineName, CALLER_LINES } from "../../emulators/speech.ts";

const TOMORROW = "2026-11-22";

/** What was agreed. */
export const BOOKING = { day: TOMORROW, time: "19:30", guests: 4, name: "Ann" } as const;

/** What the agent says, first to last. */
export const AGENT_LINES = [
  ...["greeting", "which-day", "table-is-free", "by-the-window", "goodbye"] as const,
];

/** A line of the agent, behind functions that it asks for. */
export function line(
  name: AgentLineName,
  ...calls: NonNullable<Answer["calls"]>[number][]
): Answer {
  const { text, pcm24k } = agentLine(name);
  return { text, pcm: pcm24k, ...(calls.length > 0 ? { calls } : {}) };
}

/** Takes a booking, with a look at the tables and a note of what was agreed; then says goodbye and hangs up. */
export function books({ type, words }: ModelTurn): Answer {
  if (type === "written") return line("greeting");
  switch (words) {
    case CALLER_LINES.table:
      return line("which-day");
    case CALLER_LINES.tomorrow:
      return line("table-is-free", { name: "find_table", args: { day: TOMORROW, guests: 4 } });
    case CALLER_LINES.window:
      return line("by-the-window", { name: "book_table", args: BOOKING });
    case CALLER_LINES.goodbye:
      return line("goodbye", { name: "hang_up", args: {} });
    default:
      return line("nothing-heard");
  }
}
