/**
 * `deno task bench`: every benchmark, one after another.
 *
 * @module
 */

import { audioBench } from "./audio_bench.ts";
import { callBench } from "./call_bench.ts";
import { stageBench } from "./stage_bench.ts";

await audioBench();
await stageBench();
await callBench();
Deno.exit(0);
