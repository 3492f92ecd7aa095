/** The rows of the model's side. */
import { proveRows } from "../prove_rows.ts";

proveRows("G");
