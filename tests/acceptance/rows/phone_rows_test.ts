/** The rows of the telephone's side. */
import { proveRows } from "../prove_rows.ts";

proveRows("TA");
