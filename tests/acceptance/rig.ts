/**
 * What a row runs on: servers as processes of their own, started as in production; a telephone and a model, emulated in
 * this process, whose own lateness is measured; all in real time, over sockets of this machine.
 *
 * @module
 */

import type { CallerScript } from "../../emulators/caller_script.ts";
import { type GeminiLiveEmulator, startGeminiLive } from "../../emulators/gemini_live.ts";
import type { SessionRecord } from "../../emulators/gemini_records.ts";
import type { LineFaults } from "../../emulators/line_faults.ts";
import type { Answer, Fault, ModelTurn } from "../../emulators/model_script.ts";
import type { PhoneCall } from "../../emulators/phone_call.ts";
import { PhoneLine } from "../../emulators/phone_line.ts";
import type { PhoneCallReport } from "../../emulators/phone_report.ts";
import { systemClock } from "../../lib/clock.ts";
import type { CallRecord } from "../../lib/records/call_record.ts";
import { socketOf } from "../../tasks/socket_url.ts";
import { GOOD_ENVIRONMENT, ServerProcess } from "../support/server_process.ts";
import { ACCOUNT_SID, sign } from "../support/sign.ts";
import { AUTH_TOKEN, PUBLIC_URL } from "../support/socket_call.ts";
import { Figures } from "./figures.ts";
import { settledDescriptorsOf } from "./process_facts.ts";
import { RecordWatch } from "./record_watch.ts";
import type { RigSetup } from "./row.ts";
import { usualAnswer } from "./speech.ts";

/** Where calls go that cannot be served. */
export const FALLBACK_NUMBER = "+15558880000";
const CALLED_NUMBER = "+15559990000";
/** The only folder that the server may write to. */
const STORES = new URL("../../data/acceptance/", import.meta.url);

/** How one call differs from another. */
export interface DialOptions {
  readonly faults?: LineFaults;
  readonly from?: string;
  /** Asked if the server has no document. */
  readonly fallbackUrl?: string;
}

/** A call that is over, from each side. */
export interface FinishedCall {
  /** The telephone's. */
  readonly report: PhoneCallReport;
  /** The server's; the last one's if there were several. */
  readonly record: CallRecord;
  /** The model's connections, first to last. */
  readonly sessions: readonly SessionRecord[];
}

/** Servers, a line and a model. */
export class Rig implements AsyncDisposable {
  /** What the row measures. */
  readonly figures = new Figures();
  /** What every run measures. */
  readonly invariants = new Figures();
  readonly model: GeminiLiveEmulator;
  /** Every server that was started, those that have ended too. */
  readonly servers: readonly ServerProcess[];
  /** Where the telephone network finds the server: the first one, until a row says otherwise. */
  target: ServerProcess;
  /** Other origins that it knows, and where they are. */
  readonly elsewhere = new Map<string, string>();
  /** Descriptors of each server before the first call. */
  readonly descriptors: readonly number[];
  /** Every call that was made and is not a canary. */
  readonly dialled: PhoneCall[] = [];
  /** What becomes of the record of each call. */
  readonly records = new RecordWatch((callSid) => this.#askForRecord(callSid));
  /** Every answer to a plain request. */
  readonly answers: string[] = [];
  /** How it differs from the usual one. */
  readonly setup: RigSetup;
  readonly #faults: Fault[];
  readonly #client: Deno.HttpClient;
  readonly #line: PhoneLine;
  readonly #store: URL;
  /** The first connection to the model that is the row's; before it begins there is none. */
  #firstConnection = Infinity;

  private constructor(
    parts: Pick<Rig, "model" | "servers" | "descriptors"> & { faults: Fault[]; store: URL },
    setup: RigSetup,
  ) {
    const [first] = parts.servers;
    if (!first) throw new RangeError("Cannot build a rig: there is no server");
    this.model = parts.model;
    this.servers = parts.servers;
    this.target = first;
    this.setup = setup;
    this.#faults = parts.faults;
    this.#store = parts.store;
    // A kept connection is a descriptor of the server's that no call owns.
    this.#client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
    this.#line = this.lineTo(() => this.target);
    this.descriptors = parts.descriptors;
  }

  /** Starts everything; with two servers both have one store. */
  static async start(setup: RigSetup = {}): Promise<Rig> {
    await using starting = new AsyncDisposableStack();
    const faults: Fault[] = [];
    let rig: Rig | undefined;
    const model = starting.use(
      await startGeminiLive({
        clock: systemClock,
        script: {
          answers: (turn) => rig?.answer(turn),
          faults,
          ...(setup.delivery ? { delivery: setup.delivery } : {}),
          ...(setup.hear ? { hear: setup.hear } : {}),
        },
      }),
    );
    const store = new URL(`${crypto.randomUUID()}.sqlite3`, STORES);
    await Deno.mkdir(STORES, { recursive: true });
    const environment = {
      ...GOOD_ENVIRONMENT,
      GOOGLE_GEMINI_BASE_URL: model.url,
      FALLBACK_NUMBER,
      KV_PATH: store.pathname,
      ...setup.environment,
    };
    const servers: ServerProcess[] = [];
    for (let n = 0; n < (setup.servers ?? 1); n++) {
      servers.push(starting.use(await ServerProcess.start(environment)));
    }
    const descriptors = await Promise.all(servers.map(({ pid }) => settledDescriptorsOf(pid)));
    starting.move();
    return rig = new Rig({ model, faults, servers, descriptors, store }, setup);
  }

  /** The server of a rig that has one. */
  get server(): ServerProcess {
    return this.target;
  }

  /** A line whose server is asked for anew with every request. */
  lineTo(server: () => ServerProcess): PhoneLine {
    return new PhoneLine({
      clock: systemClock,
      accountSid: ACCOUNT_SID,
      authToken: AUTH_TOKEN,
      client: this.#client,
      address: (at) => {
        const url = server().url ?? "";
        const known = this.elsewhere.entries().find(([origin]) => at.startsWith(origin));
        if (known) return at.replace(...known);
        return at.replace(PUBLIC_URL, url).replace(socketOf(PUBLIC_URL), socketOf(url));
      },
    });
  }

  /** Begins a call of the row. */
  dial(script: CallerScript, options: DialOptions = {}): PhoneCall {
    const { from = `+1555002${String(this.dialled.length + 1).padStart(4, "0")}` } = options;
    const call = this.dialOn(this.#line, script, { ...options, from });
    this.dialled.push(call);
    return call;
  }

  /** Begins a call on another line. */
  dialOn(
    line: PhoneLine,
    script: CallerScript,
    options: DialOptions & { from: string },
  ): PhoneCall {
    const call = line.dial({
      voiceUrl: `${PUBLIC_URL}/twilio/voice`,
      statusCallback: `${PUBLIC_URL}/twilio/status`,
      to: CALLED_NUMBER,
      script,
      ...options,
    });
    this.records.watch(call);
    return call;
  }

  /** Makes a call and waits until it is over on all sides. */
  async call(script: CallerScript, options: DialOptions = {}): Promise<FinishedCall> {
    return await this.finish(this.dial(script, options));
  }

  /**
   * Waits until a call is over on all sides.
   *
   * @throws {Error} If its record never says how it ended
   */
  async finish(call: PhoneCall): Promise<FinishedCall> {
    const report = await call.ended;
    const record = await this.records.of(call.callSid);
    if (!record) throw new Error(`Cannot find the record of ${call.callSid}`);
    return { report, record, sessions: this.sessionsOf(report.from) };
  }

  /** The model's connections for a caller, whose number stands in the instructions, first to last. */
  sessionsOf(from: string): SessionRecord[] {
    return this.model.sessions.filter((session) => callerOf(session)?.includes(from));
  }

  /** From now on the faults of the row strike, on connections that are opened from now on. */
  arm(): void {
    this.#firstConnection = this.model.connects;
    for (const fault of this.setup.modelFaults ?? []) {
      const connection = (fault.connection ?? 0) + this.#firstConnection;
      this.#faults.push(fault.connection === undefined ? fault : { ...fault, connection });
    }
  }

  /** When each connection of the row to the model was tried, refused ones among them. */
  get connectsAtMs(): readonly number[] {
    return this.model.connectsAtMs.slice(this.#firstConnection);
  }

  /** What the model says. */
  answer(turn: ModelTurn): Answer | undefined {
    const { answers } = this.setup;
    const isRow = turn.connection >= this.#firstConnection;
    return isRow && answers ? answers(turn) : usualAnswer(turn);
  }

  /** The status of an answer to `GET`, and its text. */
  async get(path: string, server = this.target): Promise<{ status: number; text: string }> {
    const response = await fetch(server.url + path, { client: this.#client });
    const text = await response.text();
    this.answers.push(text);
    return { status: response.status, text };
  }

  /** Posts the webhook of a call, signed; gives the document. */
  async postVoice(
    callSid: string,
    { server = this.target, from = "+15550030000" } = {},
  ): Promise<string> {
    const form = {
      AccountSid: ACCOUNT_SID,
      CallSid: callSid,
      Direction: "inbound",
      From: from,
      To: CALLED_NUMBER,
    };
    const response = await fetch(`${server.url}/twilio/voice`, {
      client: this.#client,
      method: "POST",
      headers: { "x-twilio-signature": sign(`${PUBLIC_URL}/twilio/voice`, form, AUTH_TOKEN) },
      body: new URLSearchParams(form),
    });
    return await response.text();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#line.close();
    for (const server of this.servers) await server[Symbol.asyncDispose]();
    await this.model.close();
    this.#client.close();
    await removeStore(this.#store);
  }

  /** What the living servers have of a call; one that is killed meanwhile has nothing to say. */
  async #askForRecord(callSid: string): Promise<CallRecord[] | undefined> {
    const alive = this.servers.filter(({ isOver }) => !isOver);
    if (alive.length === 0) return undefined;
    const answers = await Promise.allSettled(
      alive.map((server) => this.get(`/api/calls/${callSid}`, server)),
    );
    return answers.flatMap((answer) =>
      answer.status === "fulfilled" && answer.value.status === 200
        ? [JSON.parse(answer.value.text)]
        : []
    );
  }
}

function callerOf({ setup }: SessionRecord): string | undefined {
  return setup?.systemInstruction?.parts?.map(({ text = "" }) => text).join("\n");
}

/** A store is several files, and none if nothing was ever written. */
async function removeStore(store: URL): Promise<void> {
  for (const end of ["", "-shm", "-wal"]) {
    try {
      await Deno.remove(store.pathname + end);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}
