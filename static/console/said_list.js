// @ts-check
/**
 * What is said in a conversation in wideband, as it comes: in pieces, and the words of the caller at times behind the
 * answer to them.
 *
 * @module
 */

import { make } from "./page.js";

const WHO = { caller: "you", agent: "agent" };

/** @typedef {"caller" | "agent"} Party */

/** A list that grows. */
export class SaidList {
  #list;
  /** What each party is still saying. @type {{ caller?: HTMLElement, agent?: HTMLElement }} */
  #open = {};

  /** @param {HTMLElement} list */
  constructor(list) {
    this.#list = list;
  }

  /**
   * A piece of what somebody says.
   *
   * @param {Party} party
   * @param {string} text
   */
  add(party, text) {
    const entry = this.#open[party] ??= this.#begin(party);
    entry.append(text);
    this.#list.scrollTop = this.#list.scrollHeight;
  }

  /** Whoever spoke has finished: what comes now is something else. */
  turn() {
    this.#open = {};
  }

  /** Forgets the conversation before. */
  clear() {
    this.turn();
    this.#list.replaceChildren();
  }

  /** @param {Party} party */
  #begin(party) {
    const words = make("p", "");
    const entry = make("li", party, make("span", "who", WHO[party]), words);
    const answer = party === "caller" ? this.#open.agent?.parentElement : null;
    this.#list.insertBefore(entry, answer ?? null);
    return words;
  }
}
