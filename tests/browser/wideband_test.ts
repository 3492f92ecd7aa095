/** The softphone in wideband, through the gateway, in a real browser, against the emulated model. */

import { assert, assertEquals, assertGreater, assertLess, assertStringIncludes } from "@std/assert";
import { demoScript } from "../../emulators/demo_script.ts";
import { recogniseCaller } from "../../emulators/recogniser.ts";
import { AGENT_LINES, CALLER_LINES } from "../../emulators/speech.ts";
import { browserTest, ConsoleRig } from "./console_rig.ts";
import { CutLine } from "./cut_line.ts";
import { heardIn, listenTo, loudMs, untilLoud } from "./ear.ts";
import { giveMicrophone, say } from "./microphone.ts";
import {
  AT_ONCE,
  breakIn,
  call,
  HARDLY_ANY,
  INTO_THE_ANSWER_MS,
  lastWordsSound,
  lineSound,
  MOST_OF_IT,
  untilPlayed,
  untilState,
} from "./softphone_page.ts";
import { shareHeard, shareHeardAbove } from "./sound_pieces.ts";

/** A camera needs a moment, and shows a picture a second. */
const MOST_TRIES = 50;

/** The whole conversation. @returns What was heard; to compare sounds takes so long that nothing should wait for it */
async function converse(): Promise<Int16Array> {
  await using rig = await ConsoleRig.start({ script: { ...demoScript(), delivery: AT_ONCE } });
  const page = await (await rig.context({ hasEar: true })).newPage();
  await listenTo(page);
  await giveMicrophone(page);
  await call(page, { way: "Wideband", agent: "desk" });
  await untilState(page, "in a call");
  await say(page, "tomorrow");
  await untilPlayed(page, "table-is-free", 0);
  const before = await loudMs(page);
  await say(page, "window");
  await untilLoud(page, before + INTO_THE_ANSWER_MS);
  const cutMs = await breakIn(page);
  const said = page.locator("#said");
  await said.locator(".caller").getByText(CALLER_LINES.wait).waitFor();
  await said.locator(".agent").getByText(AGENT_LINES["of-course"]).waitFor();
  await untilPlayed(page, "of-course", cutMs);

  await page.getByRole("button", { name: "Camera" }).click();
  await page.locator("#preview").waitFor();
  const [session] = rig.model.sessions;
  for (let tries = 0; session?.pictures.length === 0 && tries < MOST_TRIES; tries++) {
    await page.getByLabel("Write to the agent").fill("What do you see?");
    await page.getByRole("button", { name: "Send" }).click();
    await said.locator(".agent").getByText(AGENT_LINES.greeting).nth(tries).waitFor();
  }
  assertEquals(session?.pictures[0]?.mimeType, "image/jpeg");
  await page.getByRole("button", { name: "Mute" }).click();
  await say(page, "goodbye");
  await page.getByRole("button", { name: "Hang up" }).click();
  await untilState(page, "not in a call");

  assertEquals(session?.violations, []);
  const instruction = JSON.stringify(session?.setup?.systemInstruction);
  assertStringIncludes(instruction, "front desk", "the agent that was chosen");
  // What was said while the microphone was muted is none of them.
  const { tomorrow, window, wait } = CALLER_LINES;
  assertEquals(session?.windows.map(({ pcm }) => recogniseCaller(pcm)), [tomorrow, window, wait]);
  return await heardIn(page);
}

browserTest(
  "the softphone in wideband: answers are heard as no telephone carries them, barge-in, words, pictures and mute work",
  async () => {
    const heard = await converse();
    const lastWords = lastWordsSound("by-the-window");
    assertLess(shareHeard(lastWords, heard), HARDLY_ANY, "the answer was not cut");
    assertGreater(shareHeard(lineSound("of-course"), heard), MOST_OF_IT);
    const share = shareHeardAbove(lineSound("table-is-free"), heard);
    assertGreater(share, MOST_OF_IT, "what is above 4 kHz");
  },
);

browserTest("the softphone in wideband goes on over a connection that was lost", async () => {
  await using rig = await ConsoleRig.start();
  await using line = new CutLine(rig.server.port);
  const page = await (await rig.context()).newPage();
  await giveMicrophone(page);
  await call(page, { way: "Wideband", url: line.url });
  await untilState(page, "in a call");
  line.cut();
  await untilState(page, "connection: it broke, trying again");
  line.mend();
  await untilState(page, "in a call");
  await page.getByLabel("Write to the agent").fill("Hello");
  await page.keyboard.press("Enter");
  await page.locator("#said .agent").getByText(AGENT_LINES.greeting).waitFor();
  assertEquals(rig.model.connects, 1, "it is another conversation");
  assert(await page.getByRole("alert").isHidden());
});
