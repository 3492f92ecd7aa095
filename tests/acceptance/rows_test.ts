/** Every row of the rig that is proved already, once. Those that wait for a feature are run by `deno task accept` alone. */
import { assert } from "@std/assert";
import { print } from "../../tasks/terminal.ts";
import { readCatalogue } from "./catalogue.ts";
import { ROWS } from "./rows.ts";
import { runRow } from "./run_row.ts";

for (const { id, title, proof } of readCatalogue()) {
  if (proof !== "rig") continue;
  for (const row of ROWS.filter((one) => one.id === id)) {
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
