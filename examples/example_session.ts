/**
 * Opens a session for an example: with `GEMINI_API_KEY` the real service, without it an emulator on this machine.
 *
 * @module
 */

import { startGeminiLive } from "../emulators/gemini_live.ts";
import type { ModelScript } from "../emulators/model_script.ts";
import { systemClock } from "../lib/clock.ts";
import { Session } from "../lib/session/session.ts";
import type { SessionOptions } from "../lib/session/session_options.ts";

/** How an example opens its session. */
export interface ExampleOptions extends SessionOptions {
  /** What the emulator says; its own demo unless given. */
  readonly script?: ModelScript;
}

/**
 * Connects, runs `use`, and closes everything again.
 *
 * @returns What `use` gives
 * @throws {SessionError} If the session cannot be opened
 */
export async function withSession<T>(
  { script, ...options }: ExampleOptions,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const apiKey = options.apiKey ?? (Deno.env.get("GEMINI_API_KEY") || undefined);
  if (apiKey !== undefined) return await connected({ ...options, apiKey }, use);
  const clock = options.clock ?? systemClock;
  await using service = await startGeminiLive({ clock, ...(script ? { script } : {}) });
  return await connected({ ...options, apiKey: "emulator", baseUrl: service.url }, use);
}

async function connected<T>(
  options: SessionOptions,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  using session = new Session(options);
  await session.connect();
  return await use(session);
}
