/**
 * A conversation in writing, line by line.
 *
 * @module
 */

import type { Session } from "../lib/session/session.ts";
import { SessionError } from "../lib/session/session_errors.ts";

/** What a chat needs. */
export interface ChatParts {
  /** A session that is connected. */
  readonly session: Session;
  /** What the person types. */
  readonly lines: AsyncIterable<string>;
  /** Takes text as it comes; not always whole lines. */
  readonly write: (text: string) => void;
  /** What the agent is asked first, so that it greets; absent: the person begins. */
  readonly opening?: string | undefined;
  /** Whether the agent has ended it; it never does if absent. */
  readonly isLeft?: (() => boolean) | undefined;
}

/** The word that ends it. */
const QUIT = "quit";

/**
 * Talks until the person types `quit`, the lines end, or the agent leaves.
 *
 * @throws {SessionError} If the session ends before that
 */
export async function chat(
  { session, lines, write, opening, isLeft = () => false }: ChatParts,
): Promise<void> {
  const stops = (["text", "output-transcription"] as const).map((type) =>
    session.on(type, ({ text }) => write(text))
  );
  stops.push(session.on("error", ({ willRetry }) => {
    if (willRetry) write("\n(The line to the model broke; it is being put right.)\n");
  }));
  try {
    if (opening !== undefined) await answered(opening);
    write("> ");
    for await (const line of lines) {
      const text = line.trim();
      if (text === QUIT) return;
      if (text !== "") await answered(text);
      if (isLeft()) return;
      write("> ");
    }
  } finally {
    for (const stop of stops) stop();
  }

  async function answered(text: string): Promise<void> {
    try {
      await session.ask(text);
    } catch (error) {
      const isPassing = error instanceof SessionError &&
        ["rate_limited", "turn_timed_out"].includes(error.code);
      if (!isPassing) throw error;
      write(`(${error.message})`);
    }
    write("\n");
  }
}

/** Text as it arrives in pieces, line by line. */
export async function* linesOf(
  input: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  let rest = "";
  for await (const piece of input.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
