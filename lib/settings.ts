/**
 * What a server is set to do.
 *
 * @module
 */

/** `dev` runs on one's own machine, on emulators where there are no keys; `start` serves the public. */
export type Mode = "dev" | "start";

/** How the model is reached. */
export type ModelAccess =
  | { readonly type: "gemini-api"; readonly apiKey: string }
  | { readonly type: "vertex-ai"; readonly project: string; readonly location: string };

/** What is known of the Twilio account. */
export interface TwilioSettings {
  /** Whose calls are taken; absent: whoever signs with the token. */
  readonly accountSid: string | undefined;
  /** Signs requests, and opens the REST API; absent only while nobody but this machine can reach the server. */
  readonly authToken: string | undefined;
  /** Opens the REST API in place of the token. */
  readonly apiKey: { readonly sid: string; readonly secret: string } | undefined;
  /** Where the REST API is: an origin. */
  readonly apiOrigin: string;
}

/** The settings of a server, checked. */
export interface Settings {
  /** Port to listen on; 0 leaves the choice to the host. */
  readonly port: number;
  /** Address to listen on. */
  readonly host: string;
  /** The one origin under which Twilio and people reach the server, no slash at its end. */
  readonly publicOrigin: string;
  /** What is known of the Twilio account. */
  readonly twilio: TwilioSettings;
  /** How the model is reached; absent only in dev: the emulator. */
  readonly modelAccess: ModelAccess | undefined;
  /** Where the model is, in place of Google's own address. */
  readonly modelBaseUrl: string | undefined;
  /** Version of the model's interface; absent: `v1beta` on the Gemini API, the SDK's own on Vertex AI. */
  readonly modelApiVersion: string | undefined;
  /** Id of the model for every agent; absent: each agent's own. */
  readonly modelId: string | undefined;
  /** A folder of agent files, or one of them. */
  readonly agentsPath: string;
  /** The store: a file, `:memory:`, or the address of a `denokv` server; absent on Deno Deploy, which assigns one. */
  readonly kvPath: string | undefined;
  /** A folder for recordings; absent: they are kept in the store. */
  readonly recordingsPath: string | undefined;
  /** Whether each call is recorded so that it can be replayed. */
  readonly recordsFlights: boolean;
  /** Opens the console from anywhere; absent: it answers this machine only. */
  readonly consoleToken: string | undefined;
  /** Most calls at once. */
  readonly maxCalls: number;
  /** Most calls at once from one caller. */
  readonly maxCallsPerCaller: number;
  /** By how much this process may be late and still take new calls. */
  readonly maxLoopLagMs: number;
  /** Longest call. */
  readonly maxCallSeconds: number;
  /** US dollars that all calls may cost in a day, UTC; absent: no limit. */
  readonly maxDailyUsd: number | undefined;
  /** What tools of agent files send to services, by name. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Where a call goes that cannot be served, E.164. */
  readonly fallbackNumber: string | undefined;
  /** What becomes of a call for which there is no room: words, the fallback number after them, or the busy tone. */
  readonly fullHouse: "say" | "dial" | "reject";
  /** How long calls may go on after the server was asked to stop. */
  readonly drainSeconds: number;
  /** Whether the host is Deno Deploy. */
  readonly isOnDeploy: boolean;
  /** Whether this is for one's own machine, with pages that the public does not get. */
  readonly isDev: boolean;
  /** How much is logged. */
  readonly logLevel: "debug" | "info" | "warn" | "error";
  /** What is allowed and yet looks like a mistake, a line each. */
  readonly warnings: readonly string[];
}
