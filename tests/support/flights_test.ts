import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { replayFlight } from "../../lib/flight/flight_replay.ts";
import { keepingFlights } from "./flights.ts";
import { agentVoice, startCall } from "./scenario.ts";

const ROOT = new URL("../../", import.meta.url);

/** Makes a call that does not end as is expected of it. */
async function callThatFails(): Promise<void> {
  const call = await startCall({ model: { answers: () => ({ pcm: agentVoice(500), text: "" }) } });
  await call.clock.advance(1_000);
  call.line.hangUp();
  await call.clock.advance(100);
  throw new Error(`it ended as ${(await call.ended).ending}`);
}

Deno.test("a test of calls that fails leaves files that replay, and names them", async () => {
  const error = await assertRejects(
    () => keepingFlights(`A "name" of a test [F01], ${crypto.randomUUID()}`, callThatFails),
    Error,
  );
  assertEquals(String(error.cause), "Error: it ended as caller-hung-up");
  const [, path = ""] = /^Its calls are kept: deno task replay (\S+)$/.exec(error.message) ?? [];
  assertMatch(path, /^data\/failed\/a-name-of-a-test-f01-[\da-f-]+-1\.jsonl$/);
  const file = new URL(path, ROOT);
  try {
    const lines = (await Deno.readTextFile(file)).trimEnd().split("\n");
    const { difference, cutShort } = await replayFlight(lines);
    assertEquals([difference, cutShort], [undefined, undefined]);
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("a test of calls that passes leaves nothing, and one without calls says only why it fails", async () => {
  await keepingFlights("passes", async () => {
    const call = await startCall({ model: { answers: () => undefined } });
    call.line.hangUp();
    await call.clock.advance(100);
    await call.ended;
  });
  const why = new Error("no call");
  const error = await assertRejects(
    () => keepingFlights("fails", () => Promise.reject(why)),
    Error,
  );
  assert(error === why);
});
