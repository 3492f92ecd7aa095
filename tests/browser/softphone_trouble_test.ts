/** What the softphone says when something is wrong: permission, connection, model; both ways. */

import { assert, assertEquals } from "@std/assert";
import { browserTest, ConsoleRig } from "./console_rig.ts";
import { CutLine } from "./cut_line.ts";
import { giveMicrophone } from "./microphone.ts";
import { call, dial, untilState, untilTrouble, type Way } from "./softphone_page.ts";

const WAYS: readonly Way[] = ["As a telephone", "Wideband"];

browserTest(
  "the softphone says that permission is the trouble when the microphone is refused [doc W43 W44]",
  async () => {
    await using rig = await ConsoleRig.start({ hasPermission: false });
    const page = await (await rig.context()).newPage();
    for (const way of WAYS) {
      await call(page, { way });
      await untilTrouble(page, /^Permission:/);
      await untilState(page, "not in a call");
    }
    assertEquals(rig.model.connects, 0);
  },
);

browserTest(
  "the softphone says that the microphone is the trouble when it gives no sound [doc W43]",
  async () => {
    await using rig = await ConsoleRig.start();
    const page = await (await rig.context({ hasEar: true })).newPage();
    await page.addInitScript(`
    navigator.mediaDevices.getUserMedia = async () =>
      new AudioContext().createMediaStreamDestination().stream;
  `);
    await call(page, { way: "Wideband" });
    await untilTrouble(page, /^Microphone:/);
  },
);

browserTest(
  "the softphone says that the connection is the trouble when it breaks, and can call again",
  async () => {
    await using rig = await ConsoleRig.start();
    await using line = new CutLine(rig.server.port);
    const page = await (await rig.context()).newPage();
    await giveMicrophone(page);
    await dial(page, line.url);
    line.cut();
    await untilTrouble(page, /^Connection:/);
    await untilState(page, "not in a call");
    line.mend();
    await dial(page, line.url);
    await page.getByRole("button", { name: "Hang up" }).click();
    await untilState(page, "not in a call");
  },
);

browserTest(
  "the softphone says that the model is the trouble when it cannot be reached",
  async () => {
    await using rig = await ConsoleRig.start();
    await rig.model.close();
    const page = await (await rig.context()).newPage();
    await giveMicrophone(page);
    for (const way of WAYS) {
      await call(page, { way });
      await untilTrouble(page, /^(Model:|Server: .* model)/);
    }
    assert(await page.locator("#state", { hasText: "not in a call" }).isVisible());
  },
);
