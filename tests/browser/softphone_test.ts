/** The softphone in a real browser, with a microphone that hears a recording, against the emulated model. */

import type { Page } from "playwright-core";
import { assert, assertEquals, assertGreater, assertLess, assertMatch } from "@std/assert";
import { convertRate } from "../../audio/file_to_pcm.ts";
import { LINE_HZ, MODEL_OUTPUT_HZ } from "../../audio/rates.ts";
import { AGENT_LINES, agentLine, type AgentLineName } from "../../emulators/speech.ts";
import { findSound } from "../../tasks/sound_match.ts";
import { CallFollower } from "./call_follower.ts";
import { browserTest, ConsoleRig } from "./console_rig.ts";
import { CutLine } from "./cut_line.ts";
import { heardIn, listenTo } from "./ear.ts";
import { giveMicrophone, microphoneFile, say } from "./microphone.ts";

/** The telephone's coder and two changes of rate leave this much of a voice. */
const LEAST_CORRELATION = 0.95;
/** Of an answer that was broken off, this much was surely heard. */
const SURELY_HEARD_MS = 1_000;

/** How far into an answer the caller breaks in. */
const INTO_THE_ANSWER_MS = 2_000;

/** Opens the page and calls. @returns Name of the call */
async function dial(page: Page, url = ""): Promise<string> {
  await page.goto(`${url}/try`);
  await page.getByRole("button", { name: "Call" }).click();
  await page.locator("#state", { hasText: "in a call" }).waitFor();
  const href = await page.locator("#follow").getAttribute("href");
  return new URLSearchParams(href?.split("?")[1]).get("call") ?? "";
}

function lineSound(name: AgentLineName): Int16Array {
  return convertRate(agentLine(name).pcm24k, { fromHz: MODEL_OUTPUT_HZ, toHz: LINE_HZ });
}

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
    await heardTo("greeting");
    await say(page, "table");
    await heardTo("which-day");
    await say(page, "window");
    await call.until("a long answer", () => call.said.at(-1)?.party === "agent");
    await page.waitForTimeout(INTO_THE_ANSWER_MS);
    await say(page, "wait");
    await heardTo("of-course");
    await page.getByRole("button", { name: "4", exact: true }).click();
    await page.getByRole("button", { name: "#", exact: true }).click();
    const { greeting } = AGENT_LINES;
    await call.until("an answer to the keys", () => {
      return call.heard.filter(({ text }) => text === greeting).length === 2;
    });

    const said = live.locator("#said");
    await said.getByText("Good evening. I would like a table for four").waitFor();
    await said.getByText(AGENT_LINES["of-course"]).waitFor();
    assertMatch(await said.locator("del").first().innerText(), /see the lighthouse and the boats/);
    await live.getByRole("button", { name: "Hang up" }).click();
    await live.locator("#call-state", { hasText: "over: console hung up" }).waitFor();
    await page.locator("#state", { hasText: "not in a call" }).waitFor();

    const heard = await heardIn(page);
    for (const name of ["greeting", "which-day", "of-course"] as const) {
      const { correlation } = findSound(lineSound(name), heard);
      assertGreater(correlation, LEAST_CORRELATION, name);
    }
    const cut = lineSound("by-the-window");
    const surely = cut.subarray(0, SURELY_HEARD_MS * LINE_HZ / 1_000);
    const { correlation } = findSound(surely, heard);
    assertGreater(correlation, LEAST_CORRELATION, "the beginning of the answer that was cut");
    assertLess(findSound(cut, heard).correlation, LEAST_CORRELATION, "the answer was not cut");

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
    const microphone = await microphoneFile("table", 5);
    await using rig = await ConsoleRig.start({ microphone });
    const page = await (await rig.context({ hasEar: true })).newPage();
    await listenTo(page);
    const callSid = await dial(page);
    await using call = await CallFollower.start(rig.url, callSid);
    const answer = AGENT_LINES["which-day"];
    await call.until(answer, () => call.heard.some(({ text }) => text === answer));
    const { correlation } = findSound(lineSound("which-day"), await heardIn(page));
    assertGreater(correlation, LEAST_CORRELATION);
    await Deno.remove(microphone);
  },
);

browserTest(
  "the softphone says that permission is the trouble when the microphone is refused",
  async () => {
    await using rig = await ConsoleRig.start({ hasPermission: false });
    const page = await (await rig.context()).newPage();
    await page.goto("/try");
    await page.getByRole("button", { name: "Call" }).click();
    await page.getByRole("alert").filter({ hasText: "Permission:" }).waitFor();
    assertEquals(await page.locator("#state").innerText(), "not in a call");
    assertEquals(rig.model.connects, 0);
  },
);

browserTest(
  "the softphone says that the connection is the trouble when it breaks, and can call again",
  async () => {
    await using rig = await ConsoleRig.start();
    await using line = new CutLine(rig.server.port);
    const page = await (await rig.context()).newPage();
    await dial(page, line.url);
    line.cut();
    await page.getByRole("alert").filter({ hasText: "Connection:" }).waitFor();
    await page.locator("#state", { hasText: "not in a call" }).waitFor();
    await dial(page, line.url);
    await page.getByRole("button", { name: "Hang up" }).click();
    await page.locator("#state", { hasText: "not in a call" }).waitFor();
  },
);

browserTest(
  "the softphone says that the model is the trouble when it cannot be reached",
  async () => {
    await using rig = await ConsoleRig.start();
    await rig.model.close();
    const page = await (await rig.context()).newPage();
    await page.goto("/try");
    await page.getByRole("button", { name: "Call" }).click();
    await page.getByRole("alert").filter({ hasText: /^(Model|Server):/ }).waitFor({
      timeout: 60_000,
    });
  },
);
