/**
 * Follows a call by the server's API and tells it.
 *
 * @module
 */

import { sleep, systemClock } from "../lib/clock.ts";
import type { CallRecord } from "../lib/records/call_record.ts";
import { CallStory } from "./call_story.ts";

/** How often the record is read. */
const READ_EVERY_MS = 250;
/** How long the record of a call that is over may take to say so. */
const LAST_WORD_MS = 3_000;

/** A call to follow. */
export interface FollowedCall {
  /** Where the server is. */
  readonly serverUrl: string;
  /** Name of the call. */
  readonly callSid: string;
  /** Opens the API, where the server asks for it. */
  readonly consoleToken: string | undefined;
  /** Takes the story, line by line. */
  readonly print: (line: string) => void;
}

/**
 * Tells a call until it is over.
 *
 * @param ended Settles when the line is down
 * @returns The last record, if the server gave one
 */
export async function followCall(
  call: FollowedCall,
  ended: Promise<unknown>,
): Promise<CallRecord | undefined> {
  const story = new CallStory(call.print);
  let isDown = false;
  ended.finally(() => isDown = true);
  let record: CallRecord | undefined;
  for (let leftMs = LAST_WORD_MS; leftMs > 0;) {
    await sleep(systemClock, READ_EVERY_MS);
    record = await readRecord(call) ?? record;
    if (record) story.tell(record);
    if (record?.ending !== undefined) break;
    if (isDown) leftMs -= READ_EVERY_MS;
  }
  return record;
}

async function readRecord(call: FollowedCall): Promise<CallRecord | undefined> {
  const { serverUrl, callSid, consoleToken } = call;
  const headers = consoleToken ? { authorization: `Bearer ${consoleToken}` } : undefined;
  try {
    const response = await fetch(`${serverUrl}/api/calls/${callSid}`, headers ? { headers } : {});
    if (response.ok) return await response.json();
    await response.body?.cancel();
  } catch (error) {
    // A server that is not there, or goes away, has no more to tell; the line tells what became of the call.
    if (!(error instanceof TypeError)) throw error;
  }
  return undefined;
}
