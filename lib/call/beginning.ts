/**
 * How a conversation with the model begins: with the greeting, or where it was.
 *
 * @module
 */

import type { AgentConfig } from "../agents/agent_config.ts";
import type { CallSnapshot } from "../records/call_snapshot.ts";
import { whereItWas } from "./call_past.ts";
import type { CallParts } from "./call_parts.ts";
import type { Conversation } from "./conversation.ts";
import { calleeCue, comeBackCue, greetedCue, greetingCue, notReachedCue } from "./cues.ts";
import { GreetingTape } from "./greeting_tape.ts";
import type { ModelEvent } from "./model.ts";
import type { ModelLink } from "./model_link.ts";
import { recap } from "./recap.ts";

/** What the model is told first, and whether it is to answer. */
export interface Opening {
  /** In writing. */
  readonly cue: string;
  /** Whether it speaks then. */
  readonly reply: boolean;
}

/**
 * What the model is told first.
 *
 * @param resumed What was before, if the call has come back
 * @param isGreeted Whether the caller hears a greeting that was kept
 * @param isOutbound Whether we placed the call: then the other party may speak first
 */
export function openingOf(
  agent: AgentConfig,
  { resumed, isGreeted, isOutbound }: {
    resumed: CallSnapshot | undefined;
    isGreeted: boolean;
    isOutbound?: boolean;
  },
): Opening {
  const failed = resumed?.failedTransfer;
  if (failed) return { cue: notReachedCue(failed), reply: true };
  if (resumed) return { cue: comeBackCue(whereItWas(resumed)), reply: true };
  if (isOutbound) return { cue: calleeCue(agent.greeting), reply: false };
  if (isGreeted) return { cue: greetedCue(agent.greeting), reply: false };
  return { cue: greetingCue(agent.greeting), reply: true };
}

/** Opens the model and tells it how to begin, unless it was told before there was a stream; plays a kept greeting. */
export function beginConversation(
  { agent, openModel, greeting, hasBegun, outbound, continuity: { resumed } }: CallParts,
  { post, link, conversation }: {
    post: (event: ModelEvent) => void;
    link: ModelLink;
    conversation: Conversation;
  },
): void {
  const tellPast = () => recap(conversation.transcript.entries());
  const kept = resumed ? undefined : greeting?.kept;
  const tape = greeting && !resumed && !kept ? new GreetingTape(greeting.keep) : undefined;
  const take = (event: ModelEvent) => {
    tape?.take(event);
    post(event);
  };
  link.begin(openModel(take, { handle: resumed?.handle, recap: tellPast }));
  const { cue, reply } = openingOf(agent, {
    resumed,
    isGreeted: kept !== undefined,
    isOutbound: outbound !== undefined,
  });
  if (reply) conversation.answers.ask(cue, { isAsked: hasBegun ?? false });
  else if (!hasBegun) link.sendText(cue, { reply });
  if (!kept) return;
  post({ type: "agent-words-received", text: agent.greeting });
  post({ type: "agent-audio-received", pcm: kept });
  post({ type: "generation-completed" });
  post({ type: "model-turn-completed", reason: undefined });
}
