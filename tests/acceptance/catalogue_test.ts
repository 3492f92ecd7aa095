import { assert, assertEquals } from "@std/assert";
import { readCatalogue } from "./catalogue.ts";
import { ROWS } from "./rows.ts";

const catalogue = readCatalogue();

Deno.test("readCatalogue() gives 88 rows, 71 of them musts, each once", () => {
  assertEquals(catalogue.length, 88);
  assertEquals(new Set(catalogue.map(({ id }) => id)).size, 88);
  assertEquals(catalogue.filter(({ level }) => level === "M").length, 71);
});

Deno.test("every row of the rig is in the catalogue as one, and the other way round", () => {
  const onRig = catalogue.filter(({ proof }) => proof === "rig");
  assertEquals(
    onRig.map(({ id }) => id).toSorted(),
    [...new Set(ROWS.map(({ id }) => id))].toSorted(),
  );
});

Deno.test("every case of a row has a name of its own", () => {
  const names = ROWS.map((row) => `${row.id} ${row.case ?? ""}`);
  assertEquals(new Set(names).size, names.length);
});

Deno.test("every row that is proved by tests is named by one", async () => {
  const texts = await Array.fromAsync(testTexts("tests/"));
  for (const { id, proof } of catalogue) {
    if (proof !== "tests") continue;
    assert(
      texts.some((text) => new RegExp(`\\[[^\\]]*\\b${id}\\b`).test(text)),
      `no test names ${id}`,
    );
  }
});

async function* testTexts(folder: string): AsyncGenerator<string> {
  const root = new URL("../../", import.meta.url);
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, root))) {
    if (isDirectory) yield* testTexts(`${folder}${name}/`);
    else if (name.endsWith("_test.ts")) yield await Deno.readTextFile(new URL(folder + name, root));
  }
}
