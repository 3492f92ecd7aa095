/**
 * The next whole turn of the model, whatever asks for it.
 *
 * @module
 */

import type { Session } from "../lib/session/session.ts";
import { SessionClosedError } from "../lib/session/session_errors.ts";
import { readTurn, type Turn } from "../lib/session/turn_reader.ts";

/**
 * Waits for a turn; to be called before what asks for it is sent.
 *
 * @throws {SessionClosedError} If the session ends first
 */
export async function nextTurn(session: Session): Promise<Turn> {
  const turn = await readTurn(session.receive());
  if (!turn) throw new SessionClosedError("wait for a turn");
  return turn;
}
