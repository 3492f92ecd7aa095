/**
 * Facts of the model as a program is told them.
 *
 * @module
 */

import type { ModelEvent } from "../call/model.ts";
import type { SessionEvent } from "./session_events.ts";

/**
 * What a program is told of one fact; nothing of those that concern the connection.
 *
 * @param options `isText`: what the sound says is told as writing, and the sound itself is not
 */
export function sessionEventOf(
  event: ModelEvent,
  { isText }: { isText: boolean },
): SessionEvent | undefined {
  switch (event.type) {
    case "agent-audio-received":
      return isText ? undefined : { type: "audio", pcm: event.pcm };
    case "agent-text-received":
      return { type: "text", text: event.text };
    case "agent-words-received":
      return { type: isText ? "text" : "output-transcription", text: event.text };
    case "caller-words-received":
      return { type: "input-transcription", text: event.text };
    case "caller-activity-started":
      return { type: "activity-started" };
    case "caller-activity-ended":
      return { type: "activity-ended" };
    case "generation-interrupted":
      return { type: "interrupted" };
    case "generation-completed":
      return { type: "generation-complete" };
    case "model-turn-completed":
      return { type: "turn-complete", reason: event.reason };
    case "functions-called":
      return { type: "tool-call", calls: event.calls };
    case "functions-cancelled":
      return { type: "tool-call-cancellation", ids: event.ids };
    case "usage-reported":
      return { type: "usage", usage: event.usage };
    case "grounding-reported":
      return { type: "grounding", grounding: event.grounding };
    case "activity-end-sent":
    case "model-state-changed":
    case "model-reconnected":
    case "model-rotation-due":
    case "resumption-updated":
    case "model-lost":
      return undefined;
    default:
      return event satisfies never;
  }
}
