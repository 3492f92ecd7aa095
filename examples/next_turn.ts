/**
 * The next whole turn of the model, whatever asks for it.
 *
 * @module
 */

import type { Session } from "../lib/session/session.ts";
import { SessionClosedError } from "../lib/session/session_errors.ts";
import { type Turn, TurnReader } from "../lib/session/turn_reader.ts";

/**
 * Waits for a turn; to be called before what asks for it is sent.
 *
 * @throws {SessionClosedError} If the session ends first
 */
export async function nextTurn(session: Session): Promise<Turn> {
  const reader = new TurnReader(false);
  for await (const event of session.receive()) {
    const turn = reader.take(event);
    if (turn) return turn;
  }
  throw new SessionClosedError("wait for a turn");
}
