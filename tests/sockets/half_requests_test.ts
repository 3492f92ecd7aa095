/** The server as a process: who sends half a request keeps nobody else from anything. */
import { assert, assertEquals, assertLessOrEqual } from "@std/assert";
import { hangUp } from "../../emulators/caller_script.ts";
import { answerPlaceMs, assertUnbroken } from "../support/call_audio.ts";
import { endedAfterMs, HALVES } from "../support/half_requests.ts";
import { ProcessRig } from "../support/process_rig.ts";
import { hearsOut, says, spoken } from "../support/recorded.ts";
import { until } from "../support/socket_call.ts";

const LONGEST_MS = 15_000;

Deno.test("a server cuts 500 half-sent requests within 15 s, and its call is not harmed [D01]", async () => {
  await using rig = await ProcessRig.start({ answers: spoken("of-course", "which-day") });
  const port = Number(new URL(rig.server.url ?? "").port);
  const call = rig.dial([hearsOut, says("stop"), hearsOut, hangUp()]);
  await until(() => rig.model.sessions.length === 1, "the call runs");
  const ends = await Promise.all(
    Array.from({ length: 500 }, (_, n) => endedAfterMs(port, HALVES[n % HALVES.length] ?? "")),
  );
  assertLessOrEqual(Math.max(...ends), LONGEST_MS);
  const report = await call.ended;
  const [session] = rig.model.sessions;
  assertUnbroken({ report, session });
  assertEquals(session?.sent.length, 2);
  for (const { pcm } of session?.sent ?? []) assert(answerPlaceMs(pcm, report) >= 0);
  assertEquals(rig.server.errors, "");
});
