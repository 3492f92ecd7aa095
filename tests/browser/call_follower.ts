/** Follows a running call by its stream of events, as the live page does. */

import { AGENT_LINES, type AgentLineName } from "../../emulators/speech.ts";
import type { CallNews } from "../../lib/call/sight_reader.ts";
import type { TranscriptEntry } from "../../lib/records/call_record.ts";

/** A machine that does three things at once is slow, but not this slow. */
const PATIENCE_MS = 90_000;
/** A call runs a moment after its socket is open. */
const MOST_TRIES = 100;

/** What is known of a running call by now. */
export class CallFollower implements AsyncDisposable {
  readonly said: TranscriptEntry[] = [];
  #changed = Promise.withResolvers<void>();
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  private constructor(response: Response) {
    this.#done = this.#read(response);
  }

  /** Follows a call that runs, or is about to. */
  static async start(url: string, callSid: string): Promise<CallFollower> {
    for (let tries = 0;; tries++) {
      const response = await fetch(`${url}/api/calls/${callSid}/events`);
      if (response.ok) return new CallFollower(response);
      const why = await response.text();
      if (tries === MOST_TRIES) throw new Error(`Cannot follow call: ${why}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Waits for something to be so. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    const late = setTimeout(
      () => this.#changed.reject(new Error(`Never seen: ${what}, but ${this.#words}`)),
      PATIENCE_MS,
    );
    try {
      while (!isSo()) await this.#changed.promise;
    } finally {
      clearTimeout(late);
    }
  }

  /** Waits until a line of the agent's was said, and it is known how much of it was heard. */
  async untilHeard(name: AgentLineName): Promise<void> {
    const line = AGENT_LINES[name];
    await this.until(
      line,
      () =>
        this.said.some(({ party, text, heardMs }) =>
          party === "agent" && text === line && heardMs !== undefined
        ),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  get #words(): string {
    return JSON.stringify(this.said.map(({ party, text, heardMs }) => [party, text, heardMs]));
  }

  async #read({ body }: Response): Promise<void> {
    let text = "";
    try {
      await body?.pipeThrough(new TextDecoderStream()).pipeTo(
        new WritableStream({
          write: (piece) => {
            const events = (text + piece).split("\n\n");
            text = events.pop() ?? "";
            for (const event of events) this.#take(event);
          },
        }),
        { signal: this.#stop.signal },
      );
    } catch (error) {
      if (!this.#stop.signal.aborted) throw error;
    }
  }

  #take(event: string): void {
    if (!event.startsWith("data: ")) return;
    const { said = [] }: CallNews = JSON.parse(event.slice("data: ".length));
    for (const [index, entry] of said) this.said[index] = entry;
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
    this.#changed.promise.catch(() => {});
  }
}
