/**
 * The auth token of a server that only this machine can reach and that was given none: made once, kept in a file that
 * the caller's emulator on the same machine reads too. Nobody outside can guess it, so a tunnel opens nothing.
 *
 * @module
 */

import type { Ids } from "./ids.ts";

/** Where it is kept, below the working directory. */
export const LOCAL_TOKEN_PATH = "data/local-auth-token";

/**
 * Reads the token, and makes it if there is none.
 *
 * @throws {Deno.errors.NotCapable} If the file may not be read or written
 */
export async function localToken(ids: Ids): Promise<string> {
  const kept = await keptToken();
  if (kept) return kept;
  const token = ids.next();
  await Deno.mkdir("data", { recursive: true });
  await Deno.writeTextFile(LOCAL_TOKEN_PATH, token, { mode: 0o600 });
  return token;
}

async function keptToken(): Promise<string | undefined> {
  try {
    return (await Deno.readTextFile(LOCAL_TOKEN_PATH)).trim();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
