/**
 * The clients of one server: who may come, whose conversation waits for them, and how they are all told to end.
 *
 * @module
 */

import type { Ids } from "../ids.ts";
import { type Choice, choose, type Offer, type Refused } from "./client_choice.ts";
import type { ClientLine } from "./client_mailbox.ts";
import type { ClientConfig } from "./client_messages.ts";
import type { ConversationParts } from "./client_parts.ts";
import { ClientSession } from "./client_session.ts";

/** Sockets of one address; people behind one proxy share theirs. */
const MOST_PER_ADDRESS = 16;
/** Sockets that have not begun a conversation; each of them does so within a second. */
const MOST_PENDING = 32;

/** What a desk needs. */
export interface ClientDeskParts extends ConversationParts {
  /** What clients may choose from. */
  readonly offer: Offer;
  /** Most conversations at once, those of clients who are away among them. */
  readonly mostClients: number;
  /** Whether the model can be reached at all: there is a key. */
  readonly hasModelKey: boolean;
  /** Makes tokens. */
  readonly ids: Ids;
}

/** Serves clients. */
export class ClientDesk {
  readonly #parts: ClientDeskParts;
  readonly #sessions = new Set<ClientSession>();
  readonly #byToken = new Map<string, ClientSession>();
  readonly #addresses = new Map<string, number>();
  #pending = 0;

  /** Serves none yet. */
  constructor(parts: ClientDeskParts) {
    this.#parts = parts;
  }

  /** Whether the model can be reached at all. */
  get hasModelKey(): boolean {
    return this.#parts.hasModelKey;
  }

  /** Why no socket of an address is taken now, if so. Whether there is room is seen later: it may come back to its own. */
  obstacleTo(address: string): "too-many-pending" | "too-many-of-address" | undefined {
    if ((this.#addresses.get(address) ?? 0) >= MOST_PER_ADDRESS) return "too-many-of-address";
    return this.#pending >= MOST_PENDING ? "too-many-pending" : undefined;
  }

  /** Whether there is no room for another conversation. */
  get isFull(): boolean {
    return this.#sessions.size >= this.#parts.mostClients;
  }

  /** A socket of an address is open, and counts as pending. @returns What is to be called once, when it is closed */
  entered(address: string): () => void {
    this.#pending++;
    this.#addresses.set(address, (this.#addresses.get(address) ?? 0) + 1);
    return () => {
      const left = (this.#addresses.get(address) ?? 1) - 1;
      if (left > 0) this.#addresses.set(address, left);
      else this.#addresses.delete(address);
    };
  }

  /** A socket has a conversation, or was closed without one: it is not pending any more. */
  settled(): void {
    this.#pending--;
  }

  /** Chooses what a client wants. */
  choose(config?: ClientConfig): Choice | Refused {
    return choose(this.#parts.offer, config);
  }

  /** Begins a conversation. */
  begin(choice: Choice, options: { wasAsked: boolean; line: ClientLine }): ClientSession {
    const { ids, log } = this.#parts;
    let token = "";
    const session: ClientSession = new ClientSession({
      ...this.#parts,
      log: log.with({ clientId: ids.next().slice(0, 12) }),
      newToken: () => {
        this.#byToken.delete(token);
        token = ids.next();
        this.#byToken.set(token, session);
        return token;
      },
      ended: () => {
        this.#byToken.delete(token);
        this.#sessions.delete(session);
      },
    }, { choice, ...options });
    this.#sessions.add(session);
    return session;
  }

  /** The conversation that a token stands for, if it still goes on. */
  sessionOf(token: string): ClientSession | undefined {
    return this.#byToken.get(token);
  }

  /** Ends all conversations: the server stops. */
  close(): void {
    for (const session of [...this.#sessions]) session.close("server-stopped");
  }
}
