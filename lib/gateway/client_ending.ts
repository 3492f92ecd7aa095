/**
 * How a client's conversation ends, and with which close code.
 *
 * @module
 */

/** Why a conversation ended. */
export type ClientEnding =
  | "client-closed"
  | "client-gone"
  | "agent-hung-up"
  | "idle"
  | "time-limit"
  | "model-failed"
  | "server-stopped";

/** What the client's socket is closed with. */
export const CLOSE_CODES: Readonly<Record<ClientEnding, number>> = {
  "client-closed": 1000,
  "client-gone": 1000,
  "agent-hung-up": 1000,
  idle: 1000,
  "time-limit": 1000,
  "model-failed": 1011,
  "server-stopped": 1001,
};

/** Another socket has the conversation now. */
export const TAKEN_OVER = 4000;
/** The client does not do as the protocol says: it sends too much, or reads too little. */
export const POLICY_VIOLATION = 1008;
/** The server cannot serve. */
export const CANNOT_SERVE = 1011;
