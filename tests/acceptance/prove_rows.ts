/**
 * The rows of the rig as tests. Those that wait for a feature are run by `deno task accept` alone.
 *
 * @module
 */

import { assert } from "@std/assert";
import { print } from "../../tasks/terminal.ts";
import { readCatalogue } from "./catalogue.ts";
import { ROWS } from "./rows.ts";
import { runRow } from "./run_row.ts";

/** Makes a test of every case of the proved rows whose ids begin with one of these letters. */
export function proveRows(letters: string): void {
  for (const { id, title, proof } of readCatalogue()) {
    if (proof !== "rig" || !letters.includes(id.charAt(0))) continue;
    for (const row of ROWS.filter((one) => one.id === id && !one.isLong)) {
      const name = row.case ? `${title}, ${row.case}` : title;
      Deno.test({
        name: `a server survives on the rig: ${name} [${id}]`,
        ignore: Deno.build.os !== "linux",
        async fn() {
          const { verdict, isSound, measured } = await runRow(row);
          // Tests run beside one another, so that times are judged by `deno task accept` alone.
          print(`  ${verdict}: ${measured}`);
          assert(isSound, measured);
        },
      });
    }
  }
}
