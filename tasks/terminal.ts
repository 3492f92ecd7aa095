/**
 * Plain text to the terminal.
 *
 * @module
 */

const ENCODER = new TextEncoder();

/** Prints lines. */
export function print(...lines: string[]): void {
  Deno.stdout.writeSync(ENCODER.encode(lines.join("\n") + "\n"));
}
