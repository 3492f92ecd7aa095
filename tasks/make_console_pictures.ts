/**
 * `deno task pictures`: the console as people see it, for the README. A softphone's call runs while the live page is
 * taken, with the emulated model; the other pages show calls that are made up.
 *
 * @module
 */

import { AGENT_LINES } from "../emulators/speech.ts";
import { ConsoleRig } from "../tests/browser/console_rig.ts";
import { giveMicrophone, say } from "../tests/browser/microphone.ts";
import { plainCalls, RICH_CALL } from "../tests/support/kept_calls.ts";

const rig = await ConsoleRig.start();
try {
  for (const record of [...plainCalls(30), RICH_CALL]) rig.server.records.save(record);
  await Deno.mkdir("docs/console", { recursive: true });

  const desk = await rig.context({ height: 800 });
  const softphone = await desk.newPage();
  await giveMicrophone(softphone);
  await softphone.goto("/try");
  await softphone.getByRole("button", { name: "Call" }).click();
  const live = await desk.newPage();
  await live.goto("/");
  await live.getByText(AGENT_LINES.greeting).first().waitFor();
  await live.waitForTimeout(2_000);
  for (const [line, waitMs] of [["table", 3_500], ["window", 3_500], ["wait", 1_600]] as const) {
    await say(softphone, line);
    await live.waitForTimeout(waitMs);
  }
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
}
