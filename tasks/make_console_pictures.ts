/**
 * `deno task pictures`: every view of the console as people see it, on a phone and on a desk, in light and dark. A softphone's
 * call runs while the live page is taken, and one in wideband for the softphone itself, with the emulated model; the other
 * pages show calls that are made up.
 *
 * @module
 */

import type { Locator, Page } from "../tests/browser/chromium.ts";
import { AGENT_LINES } from "../emulators/speech.ts";
import { ConsoleRig, type ContextOptions } from "../tests/browser/console_rig.ts";
import { listenTo, loudMs, untilLoud } from "../tests/browser/ear.ts";
import { giveMicrophone, say } from "../tests/browser/microphone.ts";
import { call, untilPlayed, untilState } from "../tests/browser/softphone_page.ts";
import { plainCalls, recent, RICH_CALL } from "../tests/support/kept_calls.ts";

const QUALITY = 70;
/** How far into an answer the caller breaks in. */
const INTO_THE_ANSWER_MS = 2_500;

type Look = Pick<ContextOptions, "width" | "height" | "scheme">;

const LOOKS: readonly Look[] = [[390, 780], [1_280, 900]].flatMap(([width = 0, height = 0]) =>
  (["light", "dark"] as const).map((scheme) => ({ width, height, scheme }))
);

/** How a view is brought before the eye. */
type Show = (page: Page) => Promise<void>;

const VIEWS: Readonly<Record<string, Show>> = {
  calls: async (page) => void await page.goto("/calls"),
  call: async (page) => {
    await page.goto(`/calls/${RICH_CALL.callSid}`);
    await scrollTo(page.getByRole("heading", { name: "When" }));
  },
  agents: async (page) => void await page.goto("/agents"),
  try: async (page) => {
    await giveMicrophone(page);
    await call(page, { way: "Wideband" });
    await untilState(page, "in a call");
    await page.getByLabel("Write to the agent").fill("Good evening.");
    await page.keyboard.press("Enter");
    await page.locator("#said .agent").getByText(AGENT_LINES.greeting).waitFor();
    await scrollTo(page.getByText("in a call", { exact: true }));
  },
};

const rig = await ConsoleRig.start();
try {
  for (const record of recent([RICH_CALL, ...plainCalls(30)], Date.now())) {
    rig.server.records.save(record);
  }
  await takeLive();
  for (const look of LOOKS) await takeOthers(look);
} finally {
  await rig[Symbol.asyncDispose]();
}

/** The live page while an answer has just been broken off. */
async function takeLive(): Promise<void> {
  const phone = await rig.context({ hasEar: true });
  const page = await phone.newPage();
  await listenTo(page);
  await giveMicrophone(page);
  await call(page, { way: "As a telephone" });
  await untilState(page, "in a call");
  await untilPlayed(page, "greeting", 0);
  const views = await Promise.all(LOOKS.map(async (look) => {
    const context = await rig.context(look);
    const live = await context.newPage();
    await live.goto("/");
    return { look, live };
  }));
  const before = await loudMs(page);
  await say(page, "window");
  await untilLoud(page, before + INTO_THE_ANSWER_MS);
  await say(page, "wait");
  for (const { look, live } of views) {
    await live.locator("#said").getByText(AGENT_LINES["of-course"]).waitFor();
    await take(live, "live", look);
  }
  await page.getByRole("button", { name: "Hang up" }).click();
  await untilState(page, "not in a call");
}

async function takeOthers(look: Look): Promise<void> {
  const context = await rig.context(look);
  for (const [view, show] of Object.entries(VIEWS)) {
    const page = await context.newPage();
    await show(page);
    await take(page, view, look);
    await page.close();
  }
  await context.close();
}

/** Keeps what is on the screen, as WebP: a third of a PNG. */
async function take(page: Page, view: string, { width, scheme }: Look): Promise<void> {
  const browser = await page.context().newCDPSession(page);
  const options = { format: "webp", quality: QUALITY } as const;
  const { data } = await browser.send("Page.captureScreenshot", options);
  const path = `docs/console/${view}_${width}_${scheme}.webp`;
  await Deno.writeFile(path, Uint8Array.fromBase64(data));
}

async function scrollTo(place: Locator): Promise<void> {
  await place.evaluate((element: { scrollIntoView(): void }) => element.scrollIntoView());
}
