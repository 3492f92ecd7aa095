/** The softphone by the way of a telephone, in a real browser, against the emulated model. */

import { assert, assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import { demoScript } from "../../emulators/demo_script.ts";
import { AGENT_LINES } from "../../emulators/speech.ts";
import { CallFollower } from "./call_follower.ts";
import { browserTest, ConsoleRig } from "./console_rig.ts";
import { heardIn, listenTo, loudMs, untilLoud, untilQuiet } from "./ear.ts";
import { giveMicrophone, say } from "./microphone.ts";
import {
  AT_ONCE,
  breakIn,
  dial,
  HARDLY_ANY,
  INTO_THE_ANSWER_MS,
  lastWordsSound,
  lineSound,
  MOST_OF_IT,
  untilPlayed,
  untilState,
} from "./softphone_page.ts";
import { EAR_HZ, shareHeard } from "./sound_pieces.ts";

/** How far a busy page may be behind what the server takes for heard. */
const LATER_MS = 1_500;

/** The whole conversation. @returns What was heard; to compare sounds takes so long that nothing should wait for it */
async function converse(): Promise<Int16Array> {
  await using rig = await ConsoleRig.start({ script: { ...demoScript(), delivery: AT_ONCE } });
  const context = await rig.context({ hasEar: true });
  const page = await context.newPage();
  await listenTo(page);
  await giveMicrophone(page);
  const callSid = await dial(page);
  await using call = await CallFollower.start(rig.url, callSid);
  const live = await context.newPage();
  await live.goto("/");
  await untilPlayed(page, "greeting", 0);
  let before = await loudMs(page);
  await say(page, "table");
  await untilPlayed(page, "which-day", before);
  before = await loudMs(page);
  await say(page, "window");
  await untilLoud(page, before + INTO_THE_ANSWER_MS);
  const cutMs = await breakIn(page);
  await call.untilHeard("of-course");
  await untilPlayed(page, "of-course", cutMs);
  await page.getByRole("button", { name: "4", exact: true }).click();
  await page.getByRole("button", { name: "#", exact: true }).click();
  // The keys are a turn of the caller's, in which this model hears no word.
  await call.untilHeard("nothing-heard");

  const said = live.locator("#said");
  await said.getByText("Good evening. I would like a table for four").waitFor();
  await said.getByText(AGENT_LINES["of-course"]).waitFor();
  assertMatch(await said.locator("del").first().innerText(), /the lighthouse/);
  await live.getByRole("button", { name: "Hang up" }).click();
  await live.locator("#call-state", { hasText: "over: console hung up" }).waitFor();
  await untilState(page, "not in a call");

  const [session] = rig.model.sessions;
  assertEquals(session?.violations, []);
  assert(session?.texts.some(({ text }) => text.includes("4")), "the key did not arrive");
  const { calls } = await rig.server.records.list({ limit: 1 });
  assertEquals(calls[0]?.ending, "console-hung-up");
  return await heardIn(page);
}

browserTest(
  "a spoken conversation through the softphone: answers are heard, barge-in and keys work, the live page follows",
  async () => {
    const heard = await converse();
    for (const name of ["greeting", "which-day", "of-course"] as const) {
      assertGreater(shareHeard(lineSound(name), heard), MOST_OF_IT, name);
    }
    const cut = lineSound("by-the-window");
    const begun = cut.subarray(0, INTO_THE_ANSWER_MS * EAR_HZ / 1_000);
    assertGreater(shareHeard(begun, heard), MOST_OF_IT, "the beginning of the answer");
    const lastWords = lastWordsSound("by-the-window");
    assertLess(shareHeard(lastWords, heard), HARDLY_ANY, "the answer was not cut");
  },
);

/** Chromium's own microphone asks for a table, over and over. @returns What was heard */
async function hearAnswer(): Promise<Int16Array> {
  await using rig = await ConsoleRig.start();
  const page = await (await rig.context({ hasEar: true })).newPage();
  await listenTo(page);
  const callSid = await dial(page);
  await using call = await CallFollower.start(rig.url, callSid);
  await call.untilHeard("which-day");
  await untilQuiet(page, LATER_MS);
  return await heardIn(page);
}

browserTest(
  "the softphone carries what Chromium's own microphone hears, a file, to the model and the answer back",
  async () => {
    assertGreater(shareHeard(lineSound("which-day"), await hearAnswer()), MOST_OF_IT);
  },
);
