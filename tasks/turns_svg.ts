/**
 * Draws how the turns of a call were taken, as SVG text.
 *
 * @module
 */

import { FRAME_MS } from "../audio/rates.ts";
import { escaped, line, path, rect, round, text } from "./svg.ts";

/** Who has the floor, as both wires show it. `held`: the answer waits. */
export type Phase = "agent" | "held" | "caller" | "nobody";

/** A time during which one party has the floor. */
export interface Stretch {
  /** Who has it. */
  readonly phase: Phase;
  /** When it begins. */
  readonly startMs: number;
  /** When it ends. */
  endMs: number;
}

/** A moment at which the line or the model was told something. */
export interface Mark {
  /** When it was. */
  readonly atMs: number;
  /** What was done. */
  readonly name: "hold" | "resume" | "interrupt" | "open" | "close";
}

/** What is drawn of a call; lists have an entry per frame of 20 ms. */
export interface CallPicture {
  /** How long it was. */
  readonly callMs: number;
  /** Level of what the caller heard, in dBFS. */
  readonly agentDb: readonly number[];
  /** Level of what came from the caller, in dBFS. */
  readonly callerDb: readonly number[];
  /** The detector's scores, 0 to 1. */
  readonly speechProbability: readonly number[];
  /** What the caller said, and when. */
  readonly words: readonly { readonly atMs: number; readonly text: string }[];
  /** Who had the floor. */
  readonly stretches: readonly Stretch[];
  /** What happened, in order. */
  readonly marks: readonly Mark[];
}

const WIDTH = 1_000;
const HEIGHT = 512;
const LEFT = 128;
const RIGHT = 984;
const LOWEST_DB = -70;
const LOUDEST_DB = -5;

/** A strip of the picture that has a scale of its own. */
interface Lane {
  readonly top: number;
  readonly bottom: number;
}

const AGENT: Lane = { top: 80, bottom: 160 };
const CALLER: Lane = { top: 212, bottom: 292 };
const SPEECH: Lane = { top: 312, bottom: 382 };
const FLOOR: Lane = { top: 402, bottom: 434 };

const STYLE = `
  .paper {
    fill: #ffffff;
    stroke: #d0d7de;
  }
  .lane {
    fill: #f6f8fa;
  }
  .grid {
    stroke: #d0d7de;
    stroke-width: 1;
  }
  .threshold {
    stroke: #8c959f;
    stroke-dasharray: 4 4;
  }
  .agent {
    fill: #3b7dd8;
  }
  .caller {
    fill: #1a7f37;
  }
  .held {
    fill: #c77f12;
  }
  .nobody {
    fill: #d0d7de;
  }
  .curve {
    fill: none;
    stroke: #8250df;
    stroke-width: 1.6;
  }
  .event {
    stroke: #57606a;
    stroke-width: 1.2;
    stroke-dasharray: 2 3;
  }
  text {
    font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif;
    font-size: 14px;
    fill: #24292f;
    stroke: #ffffff;
    stroke-width: 3px;
    paint-order: stroke;
  }
  .note {
    font-size: 13px;
    fill: #57606a;
  }
  .name {
    font-weight: 600;
  }
  .end {
    text-anchor: end;
  }
  .middle {
    text-anchor: middle;
  }
  @media (prefers-color-scheme: dark) {
    .paper {
      fill: #0d1117;
      stroke: #30363d;
    }
    .lane {
      fill: #161b22;
    }
    .grid {
      stroke: #30363d;
    }
    .threshold {
      stroke: #6e7681;
    }
    .agent {
      fill: #4c8fe6;
    }
    .caller {
      fill: #3fb950;
    }
    .held {
      fill: #d29922;
    }
    .nobody {
      fill: #484f58;
    }
    .curve {
      stroke: #bc8cff;
    }
    .event {
      stroke: #9aa4af;
    }
    text {
      fill: #e6edf3;
      stroke: #0d1117;
    }
    .note {
      fill: #9aa4af;
    }
  }
`;

/** The picture as a document of its own, for light and dark pages. */
export function drawTurns(call: CallPicture): string {
  const x = (ms: number) => round(LEFT + (RIGHT - LEFT) * ms / call.callMs);
  const db = (values: readonly number[], lane: Lane) =>
    values.map((value) => {
      const part = (Math.max(value, LOWEST_DB) - LOWEST_DB) / (LOUDEST_DB - LOWEST_DB);
      return lane.bottom - Math.min(part, 1) * (lane.bottom - lane.top);
    });
  const speech = call.speechProbability.map((p) => height(p, SPEECH));
  const parts = [
    rect("paper", { x: 0.5, y: 0.5, width: WIDTH - 1, height: HEIGHT - 1 }),
    ...[AGENT, CALLER, SPEECH].map((lane) => band("lane", [LEFT, RIGHT], lane)),
    ...seconds(call.callMs).map((s) => line("grid", x(s * 1_000), [AGENT.top, FLOOR.bottom])),
    ...laneName(AGENT, ["agent", "level"]),
    ...laneName(CALLER, ["caller, echo", "level"]),
    ...laneName(SPEECH, ["speech", "probability"]),
    ...laneName(FLOOR, ["floor"]),
    path("agent", area(db(call.agentDb, AGENT), { x, floor: AGENT.bottom })),
    path("caller", area(db(call.callerDb, CALLER), { x, floor: CALLER.bottom })),
    `<path class="threshold" d="M${LEFT} ${height(0.5, SPEECH)}H${RIGHT}" />`,
    path("curve", curve(speech, x)),
    ...call.stretches.map(({ phase, startMs, endMs }) =>
      band(phase, [x(startMs), x(endMs)], FLOOR)
    ),
    ...labels(call.marks, x),
    ...sayings(call.words, x),
    ...seconds(call.callMs).map((s) =>
      text("note middle", [x(s * 1_000), FLOOR.bottom + 20], `${s} s`)
    ),
    ...legend(),
  ];
  return document(parts, describe(call));
}

/** Marks as lines through all lanes, named above them; those at the same time share a line. */
function labels(marks: readonly Mark[], x: (ms: number) => number): string[] {
  const names = new Map<number, string[]>();
  for (const { atMs, name } of marks) names.set(atMs, [...(names.get(atMs) ?? []), name]);
  const rowEnds = [0, 0, 0];
  return [...names].flatMap(([atMs, together]) => {
    const name = together.join(", ");
    const halfWidth = 4 * name.length;
    const row = Math.max(0, rowEnds.findIndex((end) => end < x(atMs) - halfWidth));
    rowEnds[row] = x(atMs) + halfWidth;
    const y = 66 - 18 * row;
    return [
      line("event", x(atMs), [y + 5, FLOOR.bottom]),
      text("middle", [x(atMs), y], name),
    ];
  });
}

/** What the caller says, in two rows by turns, kept within the picture. */
function sayings(words: CallPicture["words"], x: (ms: number) => number): string[] {
  return words.map(({ atMs, text: said }, index) => {
    const y = CALLER.top - (index % 2 === 0 ? 10 : 28);
    const isTooLong = x(atMs) + 7.2 * said.length > RIGHT;
    return isTooLong ? text("end", [RIGHT, y], said) : text("", [x(atMs), y], said);
  });
}

function laneName(lane: Lane, [name, unit]: readonly [string, string?]): string[] {
  const middle = (lane.top + lane.bottom) / 2;
  if (unit === undefined) return [text("name end", [LEFT - 10, middle + 5], name)];
  return [
    text("name end", [LEFT - 10, middle - 4], name),
    text("note end", [LEFT - 10, middle + 14], unit),
  ];
}

function legend(): string[] {
  const entries: [Phase, string][] = [
    ["agent", "an answer sounds"],
    ["held", "held: the answer waits, a sound is judged"],
    ["caller", "the caller's turn: the model hears it"],
    ["nobody", "nobody"],
  ];
  let left = LEFT;
  return entries.flatMap(([phase, meaning]) => {
    const at = left;
    left += 44 + 6.6 * meaning.length;
    return [
      rect(phase, { x: at, y: HEIGHT - 32, width: 14, height: 14 }),
      text("note", [at + 20, HEIGHT - 20], meaning),
    ];
  });
}

/** The picture in words, for those who cannot see it. */
function describe({ marks, words }: CallPicture): string {
  const time = (ms: number) => (ms / 1_000).toFixed(2);
  const said = words.map(({ atMs, text: words }) => `at ${time(atMs)} s "${words}"`).join(", ");
  const done = marks.map(({ atMs, name }) => `${name} at ${time(atMs)} s`).join(", ");
  return `The caller says ${said}. What follows: ${done}.`;
}

function document(parts: readonly string[], description: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" ` +
    `width="${WIDTH}" height="${HEIGHT}" role="img"\n  aria-labelledby="title desc">\n` +
    `  <title id="title">The turns of one call</title>\n` +
    `  <desc\n    id="desc">${escaped(description)}</desc>\n` +
    `  <style>${STYLE}  </style>\n` +
    parts.map((part) => `  ${part}\n`).join("") + "</svg>\n";
}

function area(heights: readonly number[], at: { x: (ms: number) => number; floor: number }) {
  return `M${at.x(0)} ${at.floor}${points(heights, at.x)}V${at.floor}z`;
}

function curve(heights: readonly number[], x: (ms: number) => number): string {
  return points(heights, x).replace("L", "M");
}

function points(heights: readonly number[], x: (ms: number) => number): string {
  return heights.map((y, frame) => `L${x((frame + 0.5) * FRAME_MS)} ${round(y)}`).join("");
}

function height(part: number, lane: Lane): number {
  return round(lane.bottom - part * (lane.bottom - lane.top));
}

function band(kind: string, [left, right]: readonly [number, number], lane: Lane): string {
  const { top, bottom } = lane;
  return rect(kind, { x: left, y: top, width: round(right - left), height: bottom - top });
}

function seconds(callMs: number): number[] {
  return Array.from({ length: Math.floor(callMs / 1_000) + 1 }, (_, second) => second);
}
