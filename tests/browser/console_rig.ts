/**
 * A server with an emulated model, and a browser that looks at it. Where there is no Chromium, tests of the browser say
 * so and are left out.
 *
 * @module
 */

import type { Browser, BrowserContext } from "playwright-core";
import { demoScript } from "../../emulators/demo_script.ts";
import { type GeminiLiveEmulator, startGeminiLive } from "../../emulators/gemini_live.ts";
import type { ModelScript } from "../../emulators/model_script.ts";
import { systemClock } from "../../lib/clock.ts";
import { readSettings } from "../../lib/env.ts";
import { createLog } from "../../lib/log.ts";
import { serve } from "../../main.ts";
import type { RunningServer } from "../../routes/server.ts";
import { CHROMIUM_PATH, openBrowser } from "./chromium.ts";

/** A machine that does three things at once is slow, but not this slow. */
const PATIENCE_MS = 90_000;
const AGENTS_PATH = new URL("agents/", import.meta.url).pathname;

/** A test that needs a browser; left out, with a word, where there is none. */
export function browserTest(name: string, run: (t: Deno.TestContext) => Promise<void>): void {
  const isAbsent = CHROMIUM_PATH === undefined;
  Deno.test({
    name: isAbsent ? `${name} (left out: no Chromium is installed)` : name,
    ignore: isAbsent,
    fn: run,
  });
}

/** What is not as usual. */
export interface RigOptions {
  /** What the model says; the booking of a table unless given. */
  readonly script?: ModelScript;
  /** Whether pages get microphone and camera; they do unless told otherwise. */
  readonly hasPermission?: boolean;
  /** Variables of the server beside those that every rig has. */
  readonly env?: Readonly<Record<string, string>>;
}

/** How a window looks. */
export interface ContextOptions {
  readonly width: number;
  readonly height: number;
  readonly scheme: "light" | "dark";
  /** Whether scripts that the server does not have may run: what listens to the page is one. */
  readonly hasEar: boolean;
}

/** A server, its model, and a browser. */
export class ConsoleRig implements AsyncDisposable {
  /** Where the server is. */
  readonly url: string;
  readonly server: RunningServer;
  readonly model: GeminiLiveEmulator;
  readonly browser: Browser;
  readonly #options: RigOptions;
  #isServing = true;

  private constructor(
    parts: { server: RunningServer; model: GeminiLiveEmulator; browser: Browser },
    options: RigOptions,
  ) {
    this.server = parts.server;
    this.model = parts.model;
    this.browser = parts.browser;
    this.url = `http://localhost:${parts.server.port}`;
    this.#options = options;
  }

  static async start(options: RigOptions = {}): Promise<ConsoleRig> {
    const model = await startGeminiLive({
      clock: systemClock,
      script: options.script ?? demoScript(),
    });
    const settings = readSettings({
      PORT: "0",
      PUBLIC_URL: "https://offhook.example",
      GEMINI_API_KEY: "browser",
      GOOGLE_GEMINI_BASE_URL: model.url,
      KV_PATH: ":memory:",
      AGENTS: AGENTS_PATH,
      // A busy machine is late, and shall take calls all the same.
      MAX_LOOP_LAG_MS: "60000",
      ...options.env,
    }, "dev");
    const log = createLog({ level: "error", clock: systemClock, write: () => {} });
    const server = await serve(settings, log);
    const browser = await openBrowser();
    const rig = new ConsoleRig({ server, model, browser }, options);
    await rig.#ready();
    return rig;
  }

  /** A window of its own: nothing is shared with others. */
  async context(
    options: Partial<ContextOptions> = {},
  ): Promise<BrowserContext> {
    const { width = 1_280, height = 900, scheme = "light", hasEar = false } = options;
    const { hasPermission = true } = this.#options;
    const context = await this.browser.newContext({
      baseURL: this.url,
      viewport: { width, height },
      colorScheme: scheme,
      bypassCSP: hasEar,
      permissions: hasPermission ? ["microphone", "camera"] : [],
    });
    context.setDefaultTimeout(PATIENCE_MS);
    return context;
  }

  /** Ends the server in the middle of everything. */
  async stopServer(): Promise<void> {
    this.#isServing = false;
    await this.server.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    if (this.#isServing) await this.server.close();
    await this.model[Symbol.asyncDispose]();
  }

  async #ready(): Promise<void> {
    for (;;) {
      const response = await fetch(`${this.url}/readyz`);
      await response.body?.cancel();
      if (response.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
