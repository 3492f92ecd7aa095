/**
 * The tools in TypeScript that agent files may name. A tool of your own is added here.
 *
 * @module
 */

import { bookTableTool, findTableTool, TableBook } from "./table_book.ts";
import type { Tool } from "./tool.ts";

/** Makes them, once for a server. */
export function ownTools(): readonly Tool[] {
  const book = new TableBook();
  return [findTableTool(book), bookTableTool(book)];
}
