/**
 * Which part of a file is asked for (RFC 9110, section 14). Pure.
 *
 * @module
 */

/** Bytes from a place to the one behind the last. */
export interface ByteRange {
  /** First of them. */
  readonly from: number;
  /** The one behind the last. */
  readonly to: number;
}

/**
 * Reads the header `Range`. Several ranges at once are not served, which the whole file answers as well.
 *
 * @param bytes How long the file is
 * @returns Nothing if the whole is to be sent: there is no header, or none that can be read
 */
export function readRange(
  header: string | null,
  bytes: number,
): ByteRange | "unsatisfiable" | undefined {
  const [, first = "", last = ""] = /^\s*bytes\s*=\s*(\d*)-(\d*)\s*$/i.exec(header ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  if (first === "") {
    const length = Math.min(Number(last), bytes);
    return length === 0 ? "unsatisfiable" : { from: bytes - length, to: bytes };
  }
  const from = Number(first);
  const to = last === "" ? bytes : Math.min(Number(last) + 1, bytes);
  if (last !== "" && Number(last) < from) return undefined;
  return from >= bytes ? "unsatisfiable" : { from, to };
}
