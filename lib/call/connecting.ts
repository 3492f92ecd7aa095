/**
 * The way to a conversation with the model, as a fact.
 *
 * @module
 */

import type { CallEvent } from "./call_events.ts";
import { type ConnectModel, ModelError } from "./model.ts";

/**
 * Opens a conversation and posts what came of it. A conversation that is open after the call has ended is closed.
 *
 * @param post Takes the fact, and all that come from the model
 * @param ended Aborts with the call
 */
export async function connect(
  connectModel: ConnectModel,
  post: (event: CallEvent) => void,
  ended: AbortSignal,
): Promise<void> {
  try {
    const model = await connectModel(post, ended);
    if (ended.aborted) model.close();
    else post({ type: "model-connected", model });
  } catch (cause) {
    const error = cause instanceof ModelError
      ? cause
      : new ModelError("unavailable", "Cannot connect to the model: unknown fault", { cause });
    post({ type: "model-unreachable", error });
  }
}
