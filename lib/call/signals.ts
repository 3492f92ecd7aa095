/**
 * What the server wants of a call, as it reaches the call.
 *
 * @module
 */

/** Acts once the signal is aborted, at once if it is; no more when `over` is. */
export function onAbort(signal: AbortSignal, act: () => void, over: AbortSignal): void {
  signal.addEventListener("abort", act, { signal: over });
  if (signal.aborted) act();
}
