/**
 * What an agent file may wish of tools.
 *
 * @module
 */

/** How a tool is treated; what is absent is the tool's own. */
export interface ToolHandling {
  /** Whether the model waits for it. */
  readonly blocking?: boolean | undefined;
  /** When its result is taken up; `immediate` is what some call `interrupt`. */
  readonly scheduling?: "when-idle" | "silent" | "interrupt" | "immediate" | undefined;
  /** How long its result is held back. */
  readonly delaySeconds?: number | undefined;
  /** How long it may take. */
  readonly timeoutSeconds?: number | undefined;
  /** What the agent says before it asks for it. */
  readonly filler?: string | undefined;
  /** What becomes of it when the caller breaks in. */
  readonly onInterruption?: "abort" | "finish" | undefined;
}

/** A tool of the server's own, by name. */
export interface NamedTool extends ToolHandling {
  /** Its name. */
  readonly use: string;
}

/** How a service is asked. */
export interface HttpToolConfig {
  /** How. */
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Where: `https`, and `{name}` of a parameter in its path or query. */
  readonly url: string;
  /** Sent along; `{{secret:NAME}}` stands for a secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** Which part of the answer counts, names joined by dots; absent: all of it. */
  readonly pick?: string | undefined;
}

/** A tool that asks a service over HTTPS. */
export interface HttpTool extends ToolHandling {
  /** Name that the model asks for. */
  readonly name: string;
  /** What it does and when to use it, for the model. */
  readonly description: string;
  /** What it takes, as a JSON Schema of an object. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** How the service is asked. */
  readonly http: HttpToolConfig;
}

/** Somebody a call can be put through to; the agent file names them, the model only says the name. */
export interface Destination {
  /** E.164. */
  readonly number: string;
  /** Who they are and when to put a caller through, for the model. */
  readonly description: string;
  /** How long it may ring. */
  readonly ringSeconds: number;
  /** Said to the one who is called before the two are joined; empty: nothing. */
  readonly whisper: string;
}

/** A tool, as an agent file has it. */
export type WishedTool = NamedTool | HttpTool;

/** What an agent can do beside talking. */
export interface ToolWishes {
  /** Its tools. */
  readonly tools: readonly WishedTool[];
  /** To whom callers can be put through. */
  readonly destinations: Readonly<Record<string, Destination>>;
  /** Who gets text messages beside the caller. */
  readonly smsRecipients: Readonly<Record<string, string>>;
}
