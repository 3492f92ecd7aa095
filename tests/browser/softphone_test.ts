/** The softphone in a real browser, with a microphone that hears a recording, against the emulated model. */

import type { Page } from "playwright-core";
import { assert, assertEquals, assertGreater, assertMatch } from "@std/assert";
import { convertRate } from "../../audio/file_to_pcm.ts";
import { LINE_HZ, MODEL_OUTPUT_HZ } from "../../audio/rates.ts";
import { AGENT_LINES, agentLine, type AgentLineName } from "../../emulators/speech.ts";
import { findSound } from "../../tasks/sound_match.ts";
import { browserTest, ConsoleRig } from "./console_rig.ts";
import { CutLine } from "./cut_line.ts";
import { heardIn, listenTo } from "./ear.ts";
import { microphoneFile } from "./microphone.ts";

/** The telephone's coder and two changes of rate leave this much of a voice. */
const LEAST_CORRELATION = 0.95;
/** Of an answer that was broken off, this much was surely heard. */
const SURELY_HEARD_MS = 1_000;

const CONVERSATION = [4, "table", 4.5, "window", 3.5, "wait", 6] as const;

/** Opens the page and calls. */
async function dial(page: Page, url = ""): Promise<void> {
  await page.goto(`${url}/try`);
  await page.getByRole("button", { name: "Call" }).click();
  await page.locator("#state", { hasText: "in a call" }).waitFor();
}

/** Waits until the model has begun its answer of that number, on its first connection. */
async function answered(rig: ConsoleRig, count: number): Promise<void> {
  while ((rig.model.sessions[0]?.sent.length ?? 0) < count) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function lineSound(name: AgentLineName): Int16Array {
  return convertRate(agentLine(name).pcm24k, { fromHz: MODEL_OUTPUT_HZ, toHz: LINE_HZ });
}

browserTest(
  "a spoken conversation through the softphone: answers are heard, barge-in and keys work, the live page follows",
  async () => {
    const microphone = await microphoneFile(CONVERSATION);
    await using rig = await ConsoleRig.start({ microphone });
    const context = await rig.context();
    const page = await context.newPage();
    await listenTo(page);
    await dial(page);
    const live = await context.newPage();
    await live.goto("/");
    await answered(rig, 4);
    await page.waitForTimeout(2_000);
    await page.getByRole("button", { name: "4", exact: true }).click();
    await page.getByRole("button", { name: "#", exact: true }).click();
    await answered(rig, 5);

    const said = live.locator("#said");
    await said.getByText("Good evening. I would like a table for four").waitFor();
    await said.getByText(AGENT_LINES["of-course"]).waitFor();
    assertMatch(await said.locator("del").first().innerText(), /kitchen stays open until eleven/);
    assertEquals(await live.locator("#turns tr").count(), 3);
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
    assertGreater(
      findSound(surely, heard).correlation,
      LEAST_CORRELATION,
      "the answer's beginning",
    );
    assert(findSound(cut, heard).correlation < LEAST_CORRELATION, "the answer was not cut");

    const [session] = rig.model.sessions;
    assertEquals(session?.violations, []);
    assert(session?.texts.some(({ text }) => text.includes("4")), "the key did not arrive");
    const { calls } = await rig.server.records.list({ limit: 1 });
    assertEquals(calls[0]?.ending, "console-hung-up");
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
    await answered(rig, 1);
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
