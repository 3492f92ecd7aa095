/**
 * `deno task test:browser`: the tests that need a browser, all in one Chromium, and an end to them however they hang. What
 * is given to it goes to `deno test`.
 *
 * @module
 */

import { BROWSER_ENDPOINT, CHROMIUM_PATH, serveBrowser } from "../tests/browser/chromium.ts";
import { microphoneFile } from "../tests/browser/microphone.ts";
import { print } from "./terminal.ts";

/** Ten times what they take on two cores with nothing else to do. */
const LONGEST_MS = 10 * 60_000;
const SILENCE_S = 5;

async function testInBrowser(): Promise<number> {
  const microphone = await microphoneFile("table", SILENCE_S);
  const browser = await serveBrowser(microphone);
  const tests = new Deno.Command(Deno.execPath(), {
    args: ["test", "--allow-all", "tests/browser", ...Deno.args],
    env: { [BROWSER_ENDPOINT]: browser.wsEndpoint() },
  }).spawn();
  const late = setTimeout(() => {
    print(`The tests of the browser took longer than ${LONGEST_MS / 60_000} minutes`);
    tests.kill("SIGKILL");
  }, LONGEST_MS);
  try {
    return (await tests.status).code;
  } finally {
    clearTimeout(late);
    await browser.close();
    await Deno.remove(microphone);
  }
}

if (CHROMIUM_PATH === undefined) print("No Chromium is installed: its tests are left out");
else Deno.exit(await testInBrowser());
