/**
 * What a row is made of that is proved on the rig.
 *
 * @module
 */

import type { Delivery, Fault, ModelTurn } from "../../emulators/model_script.ts";
import type { Rig } from "./rig.ts";
import type { CodedAnswer } from "./speech.ts";

/** How a rig differs from the usual one. */
export interface RigSetup {
  /** Put over the environment of the servers. */
  readonly environment?: Readonly<Record<string, string>>;
  /** How many servers there are, with one store; one unless given. */
  readonly servers?: 1 | 2;
  /** What the model says in the calls of the row, asked in place of the usual answers. */
  readonly answers?: (turn: ModelTurn) => CodedAnswer | undefined;
  /** How answers travel in the calls of the row and of the canaries. */
  readonly delivery?: Partial<Delivery>;
  /** The words in what the model hears, in place of the bundled recordings'. */
  readonly hear?: (pcm16k: Int16Array) => string;
  /** What befalls the model's connections that are opened in the row; `connection` counts those, from 0. */
  readonly modelFaults?: readonly Fault[];
  /** Whether three calls run beside it that must not be harmed; they do unless said otherwise. */
  readonly hasCanaries?: boolean;
}

/** A row, or one of several cases of it. */
export interface Row extends RigSetup {
  /** As in the catalogue. */
  readonly id: string;
  /** Which case, where there are several. */
  readonly case?: string;
  /** It takes minutes, or the whole machine: `deno task accept` alone runs it. */
  readonly isLong?: boolean;
  /** How long it may take, without what is done around it. */
  readonly limitMs?: number;
  /**
   * Makes the calls and takes the figures; throws where something is not as it must be and is no figure. What takes long to
   * reckon is given back, to be reckoned when no call runs that it would make late.
   */
  readonly run: (rig: Rig) => Promise<void | (() => void)>;
}
