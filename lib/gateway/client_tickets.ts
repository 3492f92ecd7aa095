/**
 * Tickets: a browser cannot send a token with the handshake of a socket, and an address is no place for one. So it asks for
 * a ticket first, and names that among the sub-protocols; a ticket opens one socket, and soon.
 *
 * @module
 */

import type { Clock } from "../clock.ts";
import type { Ids } from "../ids.ts";

/** How long a ticket is good. */
export const TICKET_SECONDS = 30;
/** Tickets that wait; the oldest make room. */
const MOST_TICKETS = 256;
/** What the sub-protocol of a ticket begins with. */
export const TICKET_PREFIX = "ticket.";

/** Gives out tickets and takes them back. */
export class ClientTickets {
  readonly #clock: Clock;
  readonly #ids: Ids;
  /** Until when each is good, oldest first. */
  readonly #tickets = new Map<string, number>();

  /** Has given out none. */
  constructor({ clock, ids }: { clock: Clock; ids: Ids }) {
    this.#clock = clock;
    this.#ids = ids;
  }

  /** Makes a ticket. */
  issue(): string {
    const ticket = this.#ids.next();
    this.#tickets.set(ticket, this.#clock.nowMs() + TICKET_SECONDS * 1_000);
    for (const oldest of this.#tickets.keys()) {
      if (this.#tickets.size <= MOST_TICKETS) break;
      this.#tickets.delete(oldest);
    }
    return ticket;
  }

  /** Takes a ticket back. @returns Whether it was good */
  redeem(ticket: string): boolean {
    const untilMs = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    return untilMs !== undefined && this.#clock.nowMs() < untilMs;
  }
}
