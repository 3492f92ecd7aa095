/**
 * The rows of acceptance, read from `catalogue.md`.
 *
 * @module
 */

/** By what a row is proved; `none` if by nothing yet. */
export type Proof = "rig" | "tests" | "none";

/** One row. */
export interface CatalogueRow {
  /** Such as `G05`. */
  readonly id: string;
  /** A must or a should. */
  readonly level: "M" | "S";
  /** What happens. */
  readonly title: string;
  /** What must be observed. */
  readonly figure: string;
  /** By what it is proved. */
  readonly proof: Proof;
}

const FILE = new URL("catalogue.md", import.meta.url);

/**
 * Every row, first to last.
 *
 * @throws {Error} If a line of the table is not one
 */
export function readCatalogue(): CatalogueRow[] {
  const lines = Deno.readTextFileSync(FILE).split("\n");
  return lines.filter((line) => /^\| [A-Z]\d\d/.test(line)).map((line) => {
    const [id = "", level, title = "", figure = "", proof = ""] = line.split("|").slice(1)
      .map((cell) => cell.trim());
    const isWhole = (level === "M" || level === "S") && title !== "" && figure !== "";
    if (!isWhole || !isProof(proof)) throw new Error(`Cannot read row ${id} of the catalogue`);
    return { id, level, title, figure, proof: proof === "" ? "none" : proof };
  });
}

function isProof(text: string): text is Proof | "" {
  return ["rig", "tests", ""].includes(text);
}
