/**
 * Runs the tools of one call.
 *
 * Every function call of the model is answered exactly once: with a result, an error, the end of its time, or that there
 * is no such tool; one that the model has taken back is not answered at all. What a tool does cannot hurt the call: it
 * runs behind a wall, its time is bounded, and its result comes back as a fact.
 *
 * A tool that must finish goes on when it is taken back. If the model soon asks for the same again, because its connection
 * was lost or the caller had broken in, that call gets what the first one gives: nothing is done twice.
 *
 * @module
 */

import type { Clock, Timer } from "../clock.ts";
import type { Log } from "../log.ts";
import { KeptResults, wishOf } from "./kept_results.ts";
import type { Tool, ToolCaller, ToolScheduling } from "./tool.ts";
import type { ToolResponse } from "./tool_output.ts";
import { runTool, type Settled } from "./tool_wall.ts";

/** What the model asks for. */
export interface ToolRequest {
  /** Name of this call, to be answered once. */
  readonly id: string;
  /** Name of the tool. */
  readonly name: string;
  /** Its arguments, not yet checked. */
  readonly args: Readonly<Record<string, unknown>>;
}

/** What the model is answered. */
export interface ToolAnswer {
  /** Which call. */
  readonly id: string;
  /** Which tool. */
  readonly name: string;
  /** What it gave. */
  readonly response: ToolResponse;
  /** When it is to be taken up; absent for a tool that the model waits for. */
  readonly scheduling: ToolScheduling | undefined;
}

/** A fact from a tool; `id` is that of the call that began it. */
export type ToolEvent =
  /** It is done. */
  | { type: "tool-settled"; id: string; response: ToolResponse; hasFailed: boolean }
  /** Its time is over. */
  | { type: "tool-timed-out"; id: string }
  /** Its result was held back long enough. */
  | { type: "tool-delay-over"; id: string };

/** How a tool ended. */
export type ToolEnding = "answered" | "failed" | "timed-out" | "cancelled" | "done-unheard";

/** What is kept of a tool that ran. Times are of the clock that the runner was given. */
export interface ToolRun {
  /** Which tool. */
  readonly name: string;
  /** When it was asked for. */
  readonly startedMs: number;
  /** When it was answered, or given up. */
  readonly endedMs: number;
  /** How it ended; `done-unheard`: it had been taken back and did its work all the same. */
  readonly ending: ToolEnding;
}

/** A tool that runs. */
export interface RunningTool {
  /** Which call. */
  readonly id: string;
  /** Which tool. */
  readonly name: string;
  /** Since when. */
  readonly startedMs: number;
  /** For how long. */
  readonly ageMs: number;
}

/** More at once is a model that has lost its way. */
const MOST_RUNNING = 32;
/** Most that are kept of a call. */
const MOST_RUNS = 500;

/** What a runner needs. */
export interface ToolRunnerParts {
  /** What there is. */
  readonly tools: readonly Tool[];
  /** The call. */
  readonly call: ToolCaller;
  /** Whose time counts. */
  readonly clock: Clock;
  /** Tells of failures; never of arguments or results. */
  readonly log: Log;
  /** The inbox of the call. */
  readonly post: (event: ToolEvent) => void;
  /** Takes an answer for the model. */
  readonly answer: (answer: ToolAnswer) => void;
}

interface Running {
  readonly tool: Tool;
  /** Which tool, with which arguments. */
  readonly wish: string;
  /** Which call waits for it. */
  answerTo: string;
  readonly startedMs: number;
  readonly abort: AbortController;
  /** Waits for the end of its time, then for the end of its delay. */
  timer: Timer;
  /** Nobody waits for it any more, but it may finish. */
  isTakenBack: boolean;
  /** Held back until the delay is over. */
  held?: Settled;
}

/** The tools of one call. */
export class ToolRunner {
  readonly #parts: ToolRunnerParts;
  readonly #tools: ReadonlyMap<string, Tool>;
  readonly #running = new Map<string, Running>();
  readonly #runs: ToolRun[] = [];
  readonly #kept = new KeptResults();

  /** Runs nothing yet. */
  constructor(parts: ToolRunnerParts) {
    this.#parts = parts;
    this.#tools = new Map(parts.tools.map((tool) => [tool.name, tool]));
  }

  /** What runs now, oldest first; what was taken back is not among it. */
  get running(): RunningTool[] {
    const nowMs = this.#parts.clock.nowMs();
    return [...this.#running.values()].filter(({ isTakenBack }) => !isTakenBack)
      .map(({ answerTo, tool, startedMs }) => ({
        id: answerTo,
        name: tool.name,
        startedMs,
        ageMs: nowMs - startedMs,
      }));
  }

  /** All that ended, first to last. */
  get runs(): readonly ToolRun[] {
    return this.#runs;
  }

  /** The model asks for tools; an id that was asked for already is not run again. */
  request(requests: readonly ToolRequest[]): void {
    const isNew = ({ id }: ToolRequest) => !this.#running.has(id) && !this.#waitedFor(id);
    for (const request of requests) if (isNew(request)) this.#begin(request);
  }

  /** The model takes calls back; unknown ids change nothing. */
  cancel(ids: readonly string[]): void {
    for (const id of ids) {
      const [key = "", running] = this.#waitedFor(id) ?? [];
      if (!running) continue;
      if (running.tool.onInterruption === "finish") this.#takeBack(key, running);
      else {
        running.abort.abort(new DOMException("taken back", "AbortError"));
        this.#end(key, running, "cancelled");
      }
    }
  }

  /** Takes a fact that was posted. */
  take(event: ToolEvent): void {
    const running = this.#running.get(event.id);
    if (!running) return;
    switch (event.type) {
      case "tool-settled":
        return this.#settled(event, running);
      case "tool-timed-out":
        running.abort.abort(new DOMException("took too long", "TimeoutError"));
        return this.#finish(event.id, running, {
          response: { error: `The tool took longer than ${running.tool.timeoutMs} ms` },
          ending: "timed-out",
        });
      case "tool-delay-over":
        if (!running.held) return;
        return this.#finish(event.id, running, {
          response: running.held.response,
          ending: running.held.hasFailed ? "failed" : "answered",
        });
      default:
        event satisfies never;
    }
  }

  /** The call is over: whatever runs is aborted and nobody is answered. */
  close(): void {
    for (const [id, running] of [...this.#running]) {
      running.abort.abort(new DOMException("the call is over", "AbortError"));
      this.#end(id, running, "cancelled");
    }
  }

  #begin({ id, name, args }: ToolRequest): void {
    const { answer, clock, log, post } = this.#parts;
    const tool = this.#tools.get(name);
    if (!tool || this.#running.size >= MOST_RUNNING) {
      const error = tool ? "Too many tools run already" : "There is no tool of this name";
      log.warn("tool-refused", { tool: name.slice(0, 64), error });
      return answer({ id, name, response: { error }, scheduling: undefined });
    }
    const startedMs = clock.nowMs();
    const wish = wishOf(name, args);
    if (tool.onInterruption === "finish" && this.#isDoneAlready({ id, wish, tool })) return;
    const running: Running = {
      tool,
      wish,
      answerTo: id,
      startedMs,
      abort: new AbortController(),
      timer: clock.at(startedMs + tool.timeoutMs, () => post({ type: "tool-timed-out", id })),
      isTakenBack: false,
    };
    this.#running.set(id, running);
    log.debug("tool-called", { tool: name });
    runTool(tool, { ...this.#parts, args, signal: running.abort.signal }).then((settled) =>
      post({ type: "tool-settled", id, ...settled })
    );
  }

  /** The one that a call waits for, and its key. */
  #waitedFor(id: string): [string, Running] | undefined {
    return this.#running.entries().find(([, { answerTo, isTakenBack }]) =>
      answerTo === id && !isTakenBack
    );
  }

  /** It does its work all the same; what it has done already is kept. */
  #takeBack(key: string, running: Running): void {
    running.isTakenBack = true;
    if (running.held) this.#endUnheard(key, running, running.held);
  }

  /** Whether the same was done, or is being done, for a call that was taken back: that counts for this one. */
  #isDoneAlready({ id, wish, tool }: { id: string; wish: string; tool: Tool }): boolean {
    const { clock, log } = this.#parts;
    const running = this.#running.values().find((one) => one.isTakenBack && one.wish === wish);
    const kept = running ? undefined : this.#kept.take(wish, clock.nowMs());
    if (!running && !kept) return false;
    log.info("tool-not-repeated", { tool: tool.name, isDone: kept !== undefined });
    if (running) {
      running.answerTo = id;
      running.isTakenBack = false;
    } else if (kept) this.#answer({ id, tool, response: kept });
    return true;
  }

  #settled(
    { id, response, hasFailed }: ToolEvent & { type: "tool-settled" },
    running: Running,
  ): void {
    const { clock, post } = this.#parts;
    if (running.isTakenBack) return this.#endUnheard(id, running, { response, hasFailed });
    const { delayMs } = running.tool;
    if (delayMs === 0) {
      const ending = hasFailed ? "failed" : "answered";
      return this.#finish(id, running, { response, ending });
    }
    running.timer.cancel();
    running.held = { response, hasFailed };
    running.timer = clock.at(
      clock.nowMs() + delayMs,
      () => post({ type: "tool-delay-over", id }),
    );
  }

  #finish(
    id: string,
    running: Running,
    { response, ending }: { response: ToolResponse; ending: ToolEnding },
  ): void {
    const { tool, isTakenBack, answerTo } = running;
    this.#end(id, running, ending);
    if (!isTakenBack) this.#answer({ id: answerTo, tool, response });
  }

  #answer({ id, tool, response }: { id: string; tool: Tool; response: ToolResponse }): void {
    const scheduling = tool.isBlocking ? undefined : tool.scheduling;
    this.#parts.answer({ id, name: tool.name, response, scheduling });
  }

  #endUnheard(id: string, running: Running, { response, hasFailed }: Settled): void {
    if (!hasFailed) this.#kept.keep(running.wish, response, this.#parts.clock.nowMs());
    this.#end(id, running, hasFailed ? "failed" : "done-unheard");
  }

  #end(id: string, { timer, tool, startedMs }: Running, ending: ToolEnding): void {
    const endedMs = this.#parts.clock.nowMs();
    timer.cancel();
    this.#running.delete(id);
    this.#runs.push({ name: tool.name, startedMs, endedMs, ending });
    if (this.#runs.length > MOST_RUNS) this.#runs.shift();
    const durationMs = Math.round(endedMs - startedMs);
    this.#parts.log.info("tool-ended", { tool: tool.name, ending, durationMs });
  }
}
