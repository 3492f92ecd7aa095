/**
 * A page of the console as a browser gets it.
 *
 * @module
 */

import type { CallRecord } from "../../../lib/records/call_record.ts";
import { type AppOptions, ServedApp } from "../served_app.ts";

/** What a page says, with the calls of a test kept. */
export async function page(
  path: string,
  { records = [], ...options }: AppOptions & { records?: readonly CallRecord[] } = {},
): Promise<{ response: Response; text: string }> {
  await using app = await ServedApp.start(options);
  for (const record of records) app.records.save(record);
  const response = await fetch(app.url + path);
  return { response, text: await response.text() };
}
