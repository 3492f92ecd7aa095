/**
 * What the facts from the model mean for the conversation.
 *
 * @module
 */

import type { Conversation } from "./conversation.ts";
import type { ModelEvent } from "./model.ts";
import { sourcesOf } from "./sources.ts";

/** Takes a fact from the model; what it costs, and its tools, are not the conversation's business. */
export function takeFromModel(
  event: Exclude<ModelEvent, { type: "usage-reported" }>,
  conversation: Conversation,
): void {
  const { answers, callerTurns } = conversation;
  switch (event.type) {
    case "agent-audio-received":
      return answers.audio(event.pcm);
    case "agent-words-received":
      return answers.words(event.text);
    case "agent-text-received":
      return answers.text();
    case "caller-words-received":
      return callerTurns.words(event.text);
    case "caller-activity-started":
    case "caller-activity-ended":
      return callerTurns.activity(event.type);
    case "activity-end-sent":
      return conversation.latencies.activityEndSent(conversation.callMs);
    case "generation-interrupted":
      return conversation.answerBrokenOff();
    case "generation-completed":
      return answers.generationCompleted();
    case "model-turn-completed":
      return answers.turnCompleted(event.reason);
    case "model-state-changed":
      return answers.modelChanged(event.state);
    case "model-lost":
      return answers.modelLost();
    case "grounding-reported":
      return conversation.transcript.agentSources(sourcesOf(event.grounding));
    case "functions-called":
    case "functions-cancelled":
    case "resumption-updated":
    case "model-rotation-due":
    case "model-reconnected":
      return;
    default:
      event satisfies never;
  }
}
