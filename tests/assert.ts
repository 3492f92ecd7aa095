/**
 * Deno's standard assertions, from npm, with types: the one place that knows where they come from.
 *
 * @module
 */
// @ts-types="./assert.d.ts"
export * from "deno-std/assert/mod.js";
