/** The rows of tools, attacks and the console. */
import { proveRows } from "../prove_rows.ts";

proveRows("FSWD");
