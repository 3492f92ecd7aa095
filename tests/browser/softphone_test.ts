/** The softphone by the way of a telephone, in a real browser, against the emulated model. */

import { assert, assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import { LINE_HZ } from "../../audio/rates.ts";
import { AGENT_LINES, type AgentLineName } from "../../emulators/speech.ts";
import { CallFollower } from "./call_follower.ts";
import { browserTest, ConsoleRig } from "./console_rig.ts";
import { heardIn, listenTo, loudMs, untilLoud } from "./ear.ts";
import { giveMicrophone, say } from "./microphone.ts";
import { dial, lineSound, MOST_OF_IT, shareOf, untilPlayed, untilState } from "./softphone_page.ts";
import { shareHeard } from "./sound_pieces.ts";

/** How far into an answer the caller breaks in. */
const INTO_THE_ANSWER_MS = 1_500;
/** The last words of an answer, which nobody hears when it is cut. */
const LAST_WORDS_MS = 3_000;

browserTest(
  "a spoken conversation through the softphone: answers are heard, barge-in and keys work, the live page follows",
  async () => {
    await using rig = await ConsoleRig.start();
    const context = await rig.context({ hasEar: true });
    const page = await context.newPage();
    await listenTo(page);
    await giveMicrophone(page);
    const callSid = await dial(page);
    await using call = await CallFollower.start(rig.url, callSid);
    const live = await context.newPage();
    await live.goto("/");
    const heardTo = async (line: AgentLineName) => {
      const text = AGENT_LINES[line];
      await call.until(text, () => call.heard.some((entry) => entry.text === text));
    };
    await untilPlayed(page, "greeting", 0);
    let before = await loudMs(page);
    await say(page, "table");
    await untilPlayed(page, "which-day", before);
    before = await loudMs(page);
    await say(page, "window");
    await untilLoud(page, before + INTO_THE_ANSWER_MS);
    await say(page, "wait");
    before = await loudMs(page);
    await heardTo("of-course");
    await untilPlayed(page, "of-course", before);
    await page.getByRole("button", { name: "4", exact: true }).click();
    await page.getByRole("button", { name: "#", exact: true }).click();
    // The keys are a turn of the caller's, in which this model hears no word.
    await heardTo("nothing-heard");

    const said = live.locator("#said");
    await said.getByText("Good evening. I would like a table for four").waitFor();
    await said.getByText(AGENT_LINES["of-course"]).waitFor();
    assertMatch(await said.locator("del").first().innerText(), /the lighthouse/);
    await live.getByRole("button", { name: "Hang up" }).click();
    await live.locator("#call-state", { hasText: "over: console hung up" }).waitFor();
    await untilState(page, "not in a call");

    for (const name of ["greeting", "which-day", "of-course"] as const) {
      assertGreater(await shareOf(page, name), MOST_OF_IT, name);
    }
    const heard = await heardIn(page, LINE_HZ);
    const cut = lineSound("by-the-window", LINE_HZ);
    const begun = cut.subarray(0, INTO_THE_ANSWER_MS * LINE_HZ / 1_000);
    assertGreater(shareHeard(begun, { heard, hz: LINE_HZ }), MOST_OF_IT, "the answer's beginning");
    const lastWords = cut.subarray(-LAST_WORDS_MS * LINE_HZ / 1_000);
    assertLess(shareHeard(lastWords, { heard, hz: LINE_HZ }), 0.5, "the answer was not cut");

    const [session] = rig.model.sessions;
    assertEquals(session?.violations, []);
    assert(session?.texts.some(({ text }) => text.includes("4")), "the key did not arrive");
    const { calls } = await rig.server.records.list({ limit: 1 });
    assertEquals(calls[0]?.ending, "console-hung-up");
  },
);

browserTest(
  "the softphone carries what Chromium's own microphone hears, a file, to the model and the answer back",
  async () => {
    await using rig = await ConsoleRig.start();
    const page = await (await rig.context({ hasEar: true })).newPage();
    await listenTo(page);
    const callSid = await dial(page);
    await using call = await CallFollower.start(rig.url, callSid);
    await untilPlayed(page, "greeting", 0);
    const before = await loudMs(page);
    const answer = AGENT_LINES["which-day"];
    await call.until(answer, () => call.said.some(({ text }) => text === answer));
    await untilPlayed(page, "which-day", before);
    assertGreater(await shareOf(page, "which-day"), MOST_OF_IT);
  },
);
