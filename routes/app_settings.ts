/**
 * Settings that routes depend on.
 *
 * @module
 */

import type { FullHouse } from "./farewells.ts";

/** Settings that routes depend on; what is `undefined` is not set. */
export interface AppSettings {
  /** The one public origin: signatures are checked over it, and the stream's URL is made from it. */
  readonly publicUrl: string;
  /** The only account that is served; any that our token signs for, if it is not set. */
  readonly twilioAccountSid: string | undefined;
  /** Signs Twilio's requests and our stream tokens; with an empty one every Twilio route refuses. */
  readonly twilioAuthToken: string;
  /** Who takes calls that cannot be served, if anybody does. */
  readonly fallbackNumber: string | undefined;
  /** What becomes of a call for which there is no room. */
  readonly fullHouse: FullHouse;
  /** Whether pages for tests of the protocol are served; never to the public. */
  readonly hasDebugPages: boolean;
  /** Opens the console's routes to others than this machine. */
  readonly consoleToken: string | undefined;
}
