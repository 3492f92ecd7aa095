/** The rows of the process and its store. */
import { proveRows } from "../prove_rows.ts";

proveRows("PK");
