/**
 * The browser of the tests: Debian's Chromium, driven by playwright-core. `tasks/test_browser.ts` opens one for all tests;
 * whoever runs without it opens one of their own.
 *
 * @module
 */

import { type Browser, type BrowserServer, chromium, type LaunchOptions } from "playwright-core";

export type { Locator, Page } from "playwright-core";

const PATHS = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Names the variable that says where the browser of all tests is. */
export const BROWSER_ENDPOINT = "BROWSER_ENDPOINT";

/** Where the browser is; nothing where there is none. */
export const CHROMIUM_PATH: string | undefined = PATHS.find((path) => {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
});

/** Opens the browser of all tests. The file is what its own microphone hears over and over. */
export async function serveBrowser(microphone: string): Promise<BrowserServer> {
  return await chromium.launchServer(launchOptions(microphone));
}

/** The browser of all tests, or one of one's own. To close it closes no more than what was opened through it. */
export async function openBrowser(): Promise<Browser> {
  const endpoint = Deno.env.get(BROWSER_ENDPOINT);
  return endpoint === undefined
    ? await chromium.launch(launchOptions())
    : await chromium.connect(endpoint);
}

/**
 * How it is opened. Nobody is asked for a permission: it is there or it is not. Without a
 * file its microphone hears a beep.
 */
function launchOptions(microphone?: string): LaunchOptions {
  return {
    ...(CHROMIUM_PATH === undefined ? {} : { executablePath: CHROMIUM_PATH }),
    args: [
      "--no-sandbox",
      "--disable-quic",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      // A page behind another one must not sleep, and sound must not wait for a graphics card.
      "--disable-background-timer-throttling",
      "--disable-backgrounding-occluded-windows",
      "--disable-renderer-backgrounding",
      "--disable-gpu",
      "--autoplay-policy=no-user-gesture-required",
      "--deny-permission-prompts",
      "--use-fake-device-for-media-stream",
      ...(microphone === undefined ? [] : [`--use-file-for-fake-audio-capture=${microphone}`]),
    ],
  };
}
