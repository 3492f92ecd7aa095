/** The softphone by the way of a telephone, in a real browser, against the emulated model. */

import { assert, assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import { LINE_HZ } from "../../audio/rates.ts";
import { AGENT_LINES, type AgentLineName } from "../../emulators/speech.ts";
import { CallFollower } from "./call_follower.ts";
import { browserTest, ConsoleRig } from "./console_rig.ts";
import { heardIn, listenTo, loudMs, untilLoud, untilQuiet } from "./ear.ts";
import { giveMicrophone, say } from "./microphone.ts";
import {
  dial,
  lineSound,
  MOST_OF_IT,
  PAUSE_MS,
  shareOf,
  untilAnswered,
  untilState,
} from "./softphone_page.ts";
import { shareHeard } from "./sound_pieces.ts";

/** How far into an answer the caller breaks in. */
const INTO_THE_ANSWER_MS = 1_500;
/** The last words of an answer, which nobody hears when it is cut. */
const LAST_WORDS_MS = 3_000;

browserTest(
  "a spoken conversation by the way of a telephone: answers are heard, barge-in and keys work, the live page follows",
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
    await untilAnswered(page, "greeting", () => heardTo("greeting"));
    await untilAnswered(page, "which-day", () => say(page, "table"));
    const before = await loudMs(page);
    await say(page, "window");
    await untilLoud(page, before + INTO_THE_ANSWER_MS);
    await say(page, "wait");
    await heardTo("of-course");
    await untilQuiet(page, PAUSE_MS);
    await page.getByRole("button", { name: "4", exact: true }).click();
    await page.getByRole("button", { name: "#", exact: true }).click();
    // The keys are a turn of the caller's, in which this model hears no word.
    await heardTo("nothing-heard");

    const said = live.locator("#said");
    await said.getByText("Good evening. I would like a table for four").waitFor();
    await said.getByText(AGENT_LINES["of-course"]).waitFor();
    assertMatch(await said.locator("del").first().innerText(), /stays open until eleven/);
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
  "what Chromium's own microphone hears, a file, reaches the model, and the answer is heard",
  async () => {
    await using rig = await ConsoleRig.start();
    const page = await (await rig.context({ hasEar: true })).newPage();
    await listenTo(page);
    const callSid = await dial(page);
    await using call = await CallFollower.start(rig.url, callSid);
    await untilAnswered(page, "greeting", () => Promise.resolve());
    const answer = AGENT_LINES["which-day"];
    await untilAnswered(page, "which-day", async () => {
      await call.until(answer, () => call.said.some(({ text }) => text === answer));
    });
    assertGreater(await shareOf(page, "which-day"), MOST_OF_IT);
  },
);
