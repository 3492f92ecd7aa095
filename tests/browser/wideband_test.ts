/** The softphone in wideband, through the gateway, in a real browser, against the emulated model. */

import { assert, assertEquals, assertGreater, assertLess, assertStringIncludes } from "@std/assert";
import { MODEL_INPUT_HZ } from "../../audio/rates.ts";
import { recogniseCaller } from "../../emulators/recogniser.ts";
import { AGENT_LINES, CALLER_LINES } from "../../emulators/speech.ts";
import { browserTest, ConsoleRig } from "./console_rig.ts";
import { CutLine } from "./cut_line.ts";
import { heardIn, listenTo, loudMs, untilLoud } from "./ear.ts";
import { giveMicrophone, say } from "./microphone.ts";
import { call, lineSound, MOST_OF_IT, untilPlayed, untilState } from "./softphone_page.ts";
import { aboveTelephone, shareHeard } from "./sound_pieces.ts";

const INTO_THE_ANSWER_MS = 1_500;
const LAST_WORDS_MS = 3_000;
/**
 * What speech has above 4 kHz is faint. A gap in what a busy machine plays puts it off by a third of a sample, which at
 * 8 kHz is a sixth of a period: half of the likeness. Other sounds are less than a tenth alike.
 */
const ABOVE_TELEPHONE = { quietDbfs: -50, leastCorrelation: 0.45 };

browserTest(
  "the softphone in wideband: answers are heard as no telephone carries them, barge-in, words and pictures work",
  async () => {
    await using rig = await ConsoleRig.start();
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
    await say(page, "wait");
    const said = page.locator("#said");
    await said.locator(".caller").getByText(CALLER_LINES.wait).waitFor();
    await said.locator(".agent").getByText(AGENT_LINES["of-course"]).waitFor();

    await page.getByRole("button", { name: "Camera" }).click();
    await page.locator("#preview").waitFor();
    const [session] = rig.model.sessions;
    for (let tries = 0; session?.pictures.length === 0 && tries < 20; tries++) {
      await page.getByLabel("Write to the agent").fill("What do you see?");
      await page.getByRole("button", { name: "Send" }).click();
      await said.locator(".agent").getByText(AGENT_LINES.greeting).nth(tries).waitFor();
    }
    assertEquals(session?.pictures[0]?.mimeType, "image/jpeg");
    await page.getByRole("button", { name: "Hang up" }).click();
    await untilState(page, "not in a call");

    const heard = await heardIn(page, MODEL_INPUT_HZ);
    const cut = lineSound("by-the-window", MODEL_INPUT_HZ);
    const lastWords = cut.subarray(-LAST_WORDS_MS * MODEL_INPUT_HZ / 1_000);
    assertLess(shareHeard(lastWords, { heard, hz: MODEL_INPUT_HZ }), 0.5, "the answer was not cut");
    const free = lineSound("table-is-free", MODEL_INPUT_HZ);
    assertGreater(shareHeard(free, { heard, hz: MODEL_INPUT_HZ }), MOST_OF_IT);
    const above = { heard: aboveTelephone(heard), hz: MODEL_INPUT_HZ, ...ABOVE_TELEPHONE };
    assertGreater(shareHeard(aboveTelephone(free), above), MOST_OF_IT, "what is above 4 kHz");

    assertEquals(session?.violations, []);
    const instruction = JSON.stringify(session?.setup?.systemInstruction);
    assertStringIncludes(instruction, "front desk", "the agent that was chosen");
    assertEquals(session?.windows.map(({ pcm }) => recogniseCaller(pcm)), [
      CALLER_LINES.tomorrow,
      CALLER_LINES.window,
      CALLER_LINES.wait,
    ]);
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
