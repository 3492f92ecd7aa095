/**
 * The elements of an SVG picture, formatted as `deno fmt` has them.
 *
 * @module
 */

/** A rectangle; `kind` is its class. */
export function rect(
  kind: string,
  box: { x: number; y: number; width: number; height: number },
): string {
  const { x, y, width, height } = box;
  return `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${height}" />`;
}

/** An upright line. */
export function line(kind: string, x: number, [top, bottom]: readonly [number, number]): string {
  return `<path class="${kind}" d="M${x} ${top}V${bottom}" />`;
}

/** A path with more points than go into one line of source. */
export function path(kind: string, d: string): string {
  return `<path class="${kind}"\n    d="${d}" />`;
}

/** Text from a place on; without a `kind`, plain. */
export function text(kind: string, [x, y]: readonly [number, number], content: string): string {
  const asKind = kind === "" ? "" : ` class="${kind}"`;
  return `<text${asKind} x="${round(x)}" y="${y}">${escaped(content)}</text>`;
}

/** To a tenth of a pixel. */
export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

/** As it must stand between two tags. */
export function escaped(content: string): string {
  return content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
