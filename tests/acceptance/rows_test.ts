/** Every row of the rig that is proved already, once. Those that wait for a feature are run by `deno task accept` alone. */
import { assertNotEquals } from "@std/assert";
import { print } from "../../tasks/terminal.ts";
import { readCatalogue } from "./catalogue.ts";
import { ROWS } from "./rows.ts";
import { runRow } from "./run_row.ts";

for (const { id, title, proof } of readCatalogue()) {
  if (proof !== "rig") continue;
  for (const row of ROWS.filter((one) => one.id === id)) {
    const name = row.case ? `${title}, ${row.case}` : title;
    Deno.test(`a server survives on the rig: ${name} [${id}]`, async () => {
      const { verdict, measured } = await runRow(row);
      // On a machine that is too busy for its times the run holds all figures that are none.
      print(`  ${verdict}: ${measured}`);
      assertNotEquals(verdict, "missed", measured);
    });
  }
}
