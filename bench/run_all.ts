/**
 * `deno task bench`: every benchmark, one after another.
 *
 * @module
 */

import { audioBench } from "./audio_bench.ts";
import { bargeInTable } from "./barge_in_table.ts";
import { beepBench } from "./beep_bench.ts";
import { callBench } from "./call_bench.ts";
import { stageBench } from "./stage_bench.ts";
import { turnEndBench } from "./turn_end_bench.ts";

await audioBench();
await stageBench();
await callBench();
beepBench();
await turnEndBench();
await bargeInTable();
Deno.exit(0);
