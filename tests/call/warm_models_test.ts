import { assert, assertEquals } from "@std/assert";
import { WarmModels } from "../../lib/call/warm_models.ts";
import { ModelError, type ModelEvent } from "../../lib/call/model.ts";
import { FakeClock, settle } from "../support/fake_clock.ts";
import { agentVoice } from "../support/scenario.ts";
import { ScriptedModel } from "../support/scripted_model.ts";

const CALL = "CA1";

function begun(clock: FakeClock) {
  const model = new ScriptedModel(clock, {
    answers: () => ({ pcm: agentVoice(1_000), text: " hello" }),
  });
  const warm = new WarmModels({ clock });
  warm.begin(CALL, {
    openModel: model.open,
    handle: "handle-1",
    recap: () => "recap",
    cue: "Greet.",
    reply: true,
    greeting: undefined,
  });
  return { model, warm };
}

Deno.test("WarmModels.claim() hands over a conversation with all that has happened, in order, and goes on", async () => {
  const clock = new FakeClock();
  const { model, warm } = begun(clock);
  await clock.advance(400);
  assertEquals(model.texts, ["Greet."]);
  const claimed = warm.claim(CALL);
  assert(claimed);
  assertEquals(warm.claim(CALL), undefined, "once");
  const events: ModelEvent[] = [];
  const opened = claimed.openModel((event) => events.push(event), { recap: () => "" });
  assertEquals(opened, model);
  assertEquals(events, [], "not before it is returned");
  await settle();
  const early = events.length;
  assertEquals(events.slice(0, 3).map(({ type }) => type), [
    "model-state-changed",
    "agent-words-received",
    "agent-audio-received",
  ]);
  await clock.advance(5_000);
  assert(events.length > early);
  assertEquals(events.at(-1)?.type, "model-turn-completed");
  assertEquals(model.isClosed, false);
  assertEquals(clock.pendingTimers, 0);
});

Deno.test("WarmModels closes what nobody claims within 10 s, what is begun again, and all at the end", async () => {
  const clock = new FakeClock();
  const first = begun(clock);
  await clock.advance(9_999);
  assertEquals(first.model.isClosed, false);
  await clock.advance(1);
  assert(first.model.isClosed);
  assertEquals(first.warm.claim(CALL), undefined);
  const second = begun(clock);
  second.warm.close();
  assert(second.model.isClosed);
});

Deno.test("WarmModels.claim() gives nothing when the conversation is over before its call", async () => {
  const clock = new FakeClock();
  const { model, warm } = begun(clock);
  await clock.advance(200);
  model.post({ type: "model-lost", error: new ModelError("unavailable", "gone") });
  assertEquals(warm.claim(CALL), undefined);
  assert(model.isClosed);
});
