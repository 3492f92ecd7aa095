/**
 * `deno task pictures`: the console as people see it, for the README. A softphone's call runs while the live page is
 * taken, with the emulated model; the other pages show calls that are made up.
 *
 * @module
 */

import { ConsoleRig } from "../tests/browser/console_rig.ts";
import { microphoneFile } from "../tests/browser/microphone.ts";
import { plainCalls, RICH_CALL } from "../tests/support/kept_calls.ts";

/** Long enough for the answer that is broken off to be shown as such. */
const CALL_MS = 19_500;

const microphone = await microphoneFile([3.5, "table", 4, "window", 3.5, "wait", 6]);
const rig = await ConsoleRig.start({ microphone });
try {
  for (const record of [...plainCalls(30), RICH_CALL]) rig.server.records.save(record);
  await Deno.mkdir("docs/console", { recursive: true });

  const desk = await rig.context({ height: 800 });
  const softphone = await desk.newPage();
  await softphone.goto("/try");
  await softphone.getByRole("button", { name: "Call" }).click();
  const live = await desk.newPage();
  await live.goto("/");
  await live.waitForTimeout(CALL_MS);
  await live.screenshot({ path: "docs/console/live.png" });

  const pictures = [
    { path: `/calls/${RICH_CALL.callSid}`, file: "call_dark.png", scheme: "dark", height: 800 },
    { path: "/calls", file: "calls.png", scheme: "light", height: 700 },
  ] as const;
  for (const { path, file, ...look } of pictures) {
    const page = await (await rig.context(look)).newPage();
    await page.goto(path);
    if (path !== "/calls") {
      await page.getByRole("heading", { name: "When" }).scrollIntoViewIfNeeded();
    }
    await page.screenshot({ path: `docs/console/${file}` });
  }
  const phone = await (await rig.context({ width: 390, height: 780, scheme: "dark" })).newPage();
  await phone.goto("/try");
  await phone.screenshot({ path: "docs/console/try_phone.png" });
} finally {
  await rig[Symbol.asyncDispose]();
  await Deno.remove(microphone);
}
