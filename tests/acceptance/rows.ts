/**
 * The rows that are proved on the rig.
 *
 * @module
 */

import type { Row } from "./row.ts";
import { ATTACK_ROWS } from "./rows/attacks.ts";
import { LOAD_ROWS } from "./rows/load.ts";
import { MODEL_BREAKS_ROWS } from "./rows/model_breaks.ts";
import { MODEL_REFUSES_ROWS } from "./rows/model_refuses.ts";
import { MODEL_ROTATION_ROWS } from "./rows/model_rotation.ts";
import { MODEL_RUBBISH_ROWS } from "./rows/model_rubbish.ts";
import { PHONE_LINK_ROWS } from "./rows/phone_link.ts";
import { PROCESS_ROWS } from "./rows/process.ts";
import { SOAK_ROWS } from "./rows/soak.ts";
import { TOOL_ROWS } from "./rows/tools.ts";

/** All of them; a row with several cases is met if all of these are. */
export const ROWS: readonly Row[] = [
  ...MODEL_REFUSES_ROWS,
  ...MODEL_BREAKS_ROWS,
  ...MODEL_ROTATION_ROWS,
  ...MODEL_RUBBISH_ROWS,
  ...PHONE_LINK_ROWS,
  ...PROCESS_ROWS,
  ...TOOL_ROWS,
  ...ATTACK_ROWS,
  ...LOAD_ROWS,
  ...SOAK_ROWS,
];
