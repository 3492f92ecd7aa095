import { assertEquals } from "@std/assert";
import { test } from "../support/flights.ts";
import { agentVoice, callerVoice, startCall } from "../support/scenario.ts";

const answers = () => ({ pcm: agentVoice(1_500, 1), text: " High water is at six." });

test("a call keeps the pages that an answer rests on with that answer [P26]", async () => {
  const { clock, line, model, record } = await startCall({ model: { answers } });
  line.pause(3_000);
  line.say(callerVoice(1_000, 1));
  line.pause(6_000);
  line.hangUp();
  await clock.advance(7_000);
  const web = { uri: "https://tides.example.com/", title: "Tides" };
  model.post({ type: "grounding-reported", grounding: { groundingChunks: [{ web }, { web }] } });
  model.post({ type: "grounding-reported", grounding: { webSearchQueries: ["tides"] } });
  await clock.advance(20_000);
  assertEquals(record().transcript.map(({ sources }) => sources), [
    undefined,
    undefined,
    [{ title: "Tides", url: "https://tides.example.com/" }],
  ]);
});
