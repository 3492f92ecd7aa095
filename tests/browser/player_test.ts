/** A recorded call on its page: what is drawn is what is heard, and both can be had from any place. */

import { assert, assertAlmostEquals, assertEquals, assertGreater } from "@std/assert";
import type { Page } from "playwright-core";
import { encodeMulaw } from "../../audio/mulaw.ts";
import { systemClock } from "../../lib/clock.ts";
import { createLog } from "../../lib/log.ts";
import { PIECE_BYTES, SILENCE } from "../../lib/records/recording_pieces.ts";
import { RecordingFiles } from "../../lib/records/recording_files.ts";
import { RICH_CALL } from "../support/kept_calls.ts";
import { seriousFindings, withAxe } from "./accessibility.ts";
import { browserTest, ConsoleRig } from "./console_rig.ts";

/** When each party sounds: a tone, in milliseconds since the answer. */
const SOUNDS = { caller: [3_000, 5_000], agent: [20_000, 26_000] } as const;
/** A pixel of the axis is 40 ms, and an outline as wide. */
const CLOSE_MS = 80;

/** Keeps a made-up recording of a call in a folder. */
async function record(folder: string): Promise<void> {
  const { callSid, durationMs = 0 } = RICH_CALL;
  const bytes = new Uint8Array(durationMs * 16).fill(SILENCE);
  for (const [side, [fromMs, toMs]] of [SOUNDS.caller, SOUNDS.agent].entries()) {
    const pcm = Int16Array.from({ length: (toMs - fromMs) * 8 }, (_, n) => 9_000 * Math.sin(n / 3));
    const mulaw = new Uint8Array(pcm.length);
    encodeMulaw(pcm, mulaw);
    for (const [n, code] of mulaw.entries()) bytes[2 * (fromMs * 8 + n) + side] = code;
  }
  const log = createLog({ level: "error", clock: systemClock, write: () => {} });
  const files = new RecordingFiles({ folder, clock: systemClock, log });
  const keep = files.begin(callSid, { term: 1, keepDays: 9, lost: () => {} });
  for (let n = 0; n * PIECE_BYTES < bytes.length; n++) {
    keep(n, bytes.slice(n * PIECE_BYTES, (n + 1) * PIECE_BYTES));
  }
  await files.flush();
  files.close();
}

/** Where an outline begins and ends, in milliseconds. */
async function drawn(page: Page, party: "caller" | "agent"): Promise<[number, number]> {
  await page.locator("#axis.has-wave").waitFor();
  const path = await page.locator(`#wave-${party}`).getAttribute("d") ?? "";
  const columns = [...path.matchAll(/M([\d.]+) /g)].map(([, x]) => Number(x));
  const width = Number(await page.locator("#axis").getAttribute("width"));
  const toMs = (x: number) => x / width * (RICH_CALL.durationMs ?? 0);
  return [toMs(columns.at(0) ?? 0), toMs(columns.at(-1) ?? 0)];
}

/** Where the player is, and how long what it plays is. */
function soundOf(page: Page): Promise<{ seconds: number; length: number }> {
  return page.locator("#sound").evaluate((
    { currentTime, duration }: { currentTime: number; duration: number },
  ) => ({ seconds: currentTime, length: duration }));
}

/** Waits until the player is in some state. */
async function untilSound(
  page: Page,
  isSo: (sound: { seconds: number; length: number }) => boolean,
): Promise<void> {
  while (!isSo(await soundOf(page))) await page.waitForTimeout(50);
}

browserTest(
  "a recorded call is drawn where it sounds, and can be heard from any place",
  async () => {
    const folder = await Deno.makeTempDir();
    await record(folder);
    await using rig = await ConsoleRig.start({ env: { RECORDINGS_PATH: folder } });
    rig.server.records.save(RICH_CALL);
    const page = await (await rig.context()).newPage();
    const parts: string[] = [];
    page.on("response", (response) => {
      if (response.status() === 206) parts.push(response.headers()["content-range"] ?? "");
    });
    await withAxe(page);
    await page.goto(`/calls/${RICH_CALL.callSid}`);
    await page.locator("#axis.has-wave").waitFor();
    assertEquals(await seriousFindings(page), []);
    for (const party of ["caller", "agent"] as const) {
      const [fromMs, toMs] = await drawn(page, party);
      assertAlmostEquals(fromMs, SOUNDS[party][0], CLOSE_MS);
      assertAlmostEquals(toMs, SOUNDS[party][1], CLOSE_MS);
    }
    await untilSound(page, ({ length }) => length > 0);
    assertAlmostEquals((await soundOf(page)).length, (RICH_CALL.durationMs ?? 0) / 1_000, 0.01);

    const box = await page.locator("#axis").boundingBox();
    assert(box);
    await page.mouse.click(box.x + box.width / 2, box.y + 50);
    assertAlmostEquals((await soundOf(page)).seconds, 20.65, 0.05);
    const place = Number(await page.locator("#playhead").getAttribute("x1"));
    assertAlmostEquals(place, box.width / 2, 2);

    await page.getByRole("button", { name: "Play from 0:33 caller" }).click();
    await untilSound(page, ({ seconds }) => seconds > 33.5);
    assertGreater(parts.length, 0, "the browser asks for parts");
    await Deno.remove(folder, { recursive: true });
  },
);

browserTest("a call that was not recorded has no player", async () => {
  await using rig = await ConsoleRig.start();
  rig.server.records.save(RICH_CALL);
  const page = await (await rig.context()).newPage();
  await page.goto(`/calls/${RICH_CALL.callSid}`);
  assertEquals(await page.locator("audio, .player, [data-at]").count(), 0);
});
