/**
 * The server as a process of its own, started as `deno task start` does.
 *
 * @module
 */

import { ACCOUNT_SID } from "./sign.ts";
import { API_KEY, AUTH_TOKEN, PUBLIC_URL, until } from "./socket_call.ts";

const ROOT = new URL("../../", import.meta.url);
const PERMISSIONS = ["--allow-net", "--allow-env", "--allow-read=.", "--allow-write=data"];
const STARTED_WITHIN_MS = 20_000;

/** What a server needs to be told; one that is reached by this machine alone. */
export const GOOD_ENVIRONMENT: Readonly<Record<string, string>> = {
  HOST: "127.0.0.1",
  PORT: "0",
  PUBLIC_URL,
  TWILIO_ACCOUNT_SID: ACCOUNT_SID,
  TWILIO_AUTH_TOKEN: AUTH_TOKEN,
  GEMINI_API_KEY: API_KEY,
  // The machine of the tests is often shared with others, and then late.
  MAX_LOOP_LAG_MS: "5000",
  KV_PATH: ":memory:",
};

/** What is started: `deno task start`, or `deno task dev`. */
export type Entry = "main.ts" | "dev.ts";

/** A server that runs, or has run. */
export class ServerProcess implements AsyncDisposable {
  /** How it ended. */
  readonly status: Promise<Deno.CommandStatus>;
  readonly #child: Deno.ChildProcess;
  readonly #read: Promise<unknown>;
  #isOver = false;
  #output = "";
  #errors = "";

  /** Starts one with these variables and no others of ours, as `entry` does. */
  constructor(environment: Readonly<Record<string, string>>, entry: Entry = "main.ts") {
    const kept = ["HOME", "PATH", "DENO_DIR", "TMPDIR"].map((name) => [name, Deno.env.get(name)]);
    this.#child = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", ...PERMISSIONS, entry],
      cwd: ROOT,
      clearEnv: true,
      env: { ...Object.fromEntries(kept.filter(([, value]) => value)), ...environment },
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.status = this.#child.status;
    this.status.then(() => this.#isOver = true);
    this.#read = Promise.all([
      read(this.#child.stdout, (text) => this.#output += text),
      read(this.#child.stderr, (text) => this.#errors += text),
    ]);
  }

  /**
   * Starts one and waits until it listens and hears.
   *
   * @throws {Error} If it does not, with what it wrote
   */
  static async start(
    environment: Readonly<Record<string, string>>,
    entry?: Entry,
  ): Promise<ServerProcess> {
    const server = new ServerProcess(environment, entry);
    const isReady = () => server.url !== undefined && server.events("hearing-loaded").length > 0;
    try {
      await until(() => server.isOver || isReady(), "the server listens", STARTED_WITHIN_MS);
      if (server.isOver) throw new Error("Cannot start server: it has ended");
      return server;
    } catch (cause) {
      await server[Symbol.asyncDispose]();
      throw new Error(`No server to call: ${server.output}`, { cause });
    }
  }

  /** Its number. */
  get pid(): number {
    return this.#child.pid;
  }

  /** Whether it has ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Where it listens, once it does. */
  get url(): string | undefined {
    const [listening] = this.events("listening");
    return listening && `http://127.0.0.1:${listening.port}`;
  }

  /** What it said to whoever started it. */
  get errors(): string {
    return this.#errors;
  }

  /** All that it wrote. */
  get output(): string {
    return this.#output + this.#errors;
  }

  /** The whole lines of its log that tell of one event. */
  events(event: string): Readonly<Record<string, unknown>>[] {
    const lines = this.#output.split("\n").slice(0, -1).filter((line) => line.startsWith("{"));
    return lines.map((line) => JSON.parse(line)).filter((entry) => entry.event === event);
  }

  /** Asks it to stop. */
  signal(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Waits until it is over and has been read to the end. */
  async ended(): Promise<Deno.CommandStatus> {
    await this.#read;
    return await this.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOver) this.#child.kill("SIGKILL");
    await this.ended();
  }
}

async function read(stream: ReadableStream<Uint8Array>, take: (text: string) => void) {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) take(text);
}
