/**
 * What keeps somebody from using a page, by axe.
 *
 * @module
 */

import type { Page } from "playwright-core";
import { assertGreater } from "@std/assert";

const AXE_PATH = new URL(import.meta.resolve("axe-core/axe.min.js"));

/** Axe in the page. */
interface WithAxe {
  readonly axe: {
    run(): Promise<{
      violations: readonly {
        readonly id: string;
        readonly impact: string | null;
        readonly nodes: readonly { readonly html: string }[];
      }[];
      passes: readonly unknown[];
    }>;
  };
}

/** Lets a page be looked at: its next documents have axe. */
export async function withAxe(page: Page): Promise<void> {
  await page.addInitScript(await Deno.readTextFile(AXE_PATH));
}

/** Rules that the page breaks seriously. */
export async function seriousFindings(page: Page): Promise<string[]> {
  const { violations, passes } = await page.evaluate(() =>
    (globalThis as unknown as WithAxe).axe.run()
  );
  assertGreater(passes.length, 10, "axe has hardly looked");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
}
