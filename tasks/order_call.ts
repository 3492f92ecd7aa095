/**
 * `deno task call --out-to`: has a running server call somebody, and tells the call.
 *
 * @module
 */

import { type Clock, sleep } from "../lib/clock.ts";
import { followCall } from "./follow_call.ts";

/** A call to be ordered. */
export interface OrderOptions {
  /** Where the server is. */
  readonly serverUrl: string;
  /** Opens the API, where the server asks for it. */
  readonly consoleToken: string | undefined;
  /** Which agent calls. */
  readonly agent: string;
  /** Who is called. */
  readonly to: string;
  /** The number that is shown; the agent's own if absent. */
  readonly from: string | undefined;
  /** What the agent should know, each `name=value`. */
  readonly variables: readonly string[];
  /** Takes the story, line by line. */
  readonly print: (line: string) => void;
  /** Waits between looks. */
  readonly clock: Clock;
}

/** A telephone rings no longer than that. */
const RINGING_MS = 90_000;
const LOOK_EVERY_MS = 500;

/**
 * Orders a call and follows it.
 *
 * @returns Whether somebody answered and the call came to its end
 */
export async function orderCall(options: OrderOptions): Promise<boolean> {
  const { serverUrl, consoleToken, agent, to, from, variables, print } = options;
  const headers: Record<string, string> = consoleToken
    ? { authorization: `Bearer ${consoleToken}` }
    : {};
  const body = JSON.stringify({
    agent,
    to,
    ...(from === undefined ? {} : { from }),
    variables: Object.fromEntries(variables.map(splitAtEquals)),
  });
  const response = await fetch(`${serverUrl}/api/calls`, { method: "POST", headers, body });
  const answer = await response.json();
  if (!response.ok) {
    print(answer.error?.message ?? `The server answered ${response.status}`);
    return false;
  }
  const callSid = String(answer.callSid);
  print(`Calling ${to}: ${callSid}`);
  if (!await isAnswered(callSid, { ...options, headers })) {
    print("Nobody answered.");
    return false;
  }
  const call = { serverUrl, callSid, consoleToken, print };
  const record = await followCall(call, new Promise(() => {}));
  print(`Ended: ${record?.ending ?? "unknown"}`);
  return record?.ending === "caller-hung-up" || record?.ending === "agent-hung-up";
}

/** Whether there is a record of the call before the telephone has stopped to ring. */
async function isAnswered(
  callSid: string,
  { serverUrl, clock, headers }: OrderOptions & { headers: Record<string, string> },
): Promise<boolean> {
  const endMs = clock.nowMs() + RINGING_MS;
  while (clock.nowMs() < endMs) {
    const response = await fetch(`${serverUrl}/api/calls/${callSid}`, { headers });
    await response.body?.cancel();
    if (response.ok) return true;
    await sleep(clock, LOOK_EVERY_MS);
  }
  return false;
}

function splitAtEquals(text: string): [string, string] {
  const at = text.indexOf("=");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
