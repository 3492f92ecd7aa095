/**
 * What can go wrong between a caller and the server, to be put into a call.
 *
 * Most faults change the messages on their way to the server: a {@linkcode Tamper} takes each message and gives what is
 * sent in its place, in order. Tampers are made by the functions below and joined by {@linkcode chain}. What chance
 * decides is decided by a seed.
 *
 * @module
 */

/** A message to the server: an object that is sent as JSON, or a text that is sent as it is. */
export type LineMessage = Readonly<Record<string, unknown>> | string;

/** Gives what is sent instead of a message: nothing, something else, or more. */
export type Tamper = (message: Readonly<Record<string, unknown>>) => readonly LineMessage[];

/** The faults of one call's line. */
export interface LineFaults {
  /** Changes the messages to the server. */
  readonly tamper?: Tamper;
  /** Whether marks come back, and how late. */
  readonly marks?: "never" | { readonly lateMs: number };
  /** The connection is reset, without `stop`, so long after `start`. */
  readonly resetAfterMs?: number;
  /** Nothing is read from the server for a while. */
  readonly stopReading?: { readonly afterMs: number; readonly forMs: number };
  /** The handshake is signed over the URL with a slash at its end, as Twilio is said to do at times. */
  readonly signWithSlash?: boolean;
}

/** How often something happens, and what decides when. */
export interface Chance {
  /** 0 to 100. */
  readonly percent: number;
  /** The same seed, the same run of events. */
  readonly seed: number;
}

/** Every tamper sees what the one before it gives; texts pass through. */
export function chain(...tampers: readonly Tamper[]): Tamper {
  return (message) =>
    tampers.reduce<readonly LineMessage[]>(
      (messages, tamper) => messages.flatMap((m) => typeof m === "string" ? [m] : tamper(m)),
      [message],
    );
}

/** Frames get lost; the media time of the others tells. */
export function loseFrames(chance: Chance): Tamper {
  const happens = dice(chance);
  return (message) => message.event === "media" && happens() ? [] : [message];
}

/** Frames come twice. */
export function doubleFrames(chance: Chance): Tamper {
  const happens = dice(chance);
  return (message) => message.event === "media" && happens() ? [message, message] : [message];
}

/** Frames come one or two places late, so that any three in a row may have changed places. */
export function reorderFrames(chance: Chance): Tamper {
  const happens = dice(chance);
  let late: { message: LineMessage; places: number }[] = [];
  return (message) => {
    if (message.event === "stop") return [...late.splice(0).map((kept) => kept.message), message];
    if (message.event !== "media") return [message];
    for (const kept of late) kept.places--;
    const due = late.filter((kept) => kept.places <= 0).map((kept) => kept.message);
    late = late.filter((kept) => kept.places > 0);
    if (!happens()) return [message, ...due];
    late.push({ message, places: happens() ? 2 : 1 });
    return due;
  };
}

/** Messages that no server can use come before the frames, each of its own sort in turn. */
export function addRubbish(chance: Chance): Tamper {
  const happens = dice(chance);
  let turn = 0;
  return (message) => {
    if (message.event !== "media" || !happens()) return [message];
    const all = rubbish(message);
    return [all[turn++ % all.length] ?? "", message];
  };
}

/** Everything that is wrong in some way, made from a message that is right. */
export function rubbish(media: Readonly<Record<string, unknown>>): readonly LineMessage[] {
  const payload = (text: unknown) => ({
    ...media,
    media: { ...Object(media.media), payload: text },
  });
  return [
    "",
    "{",
    "null",
    "[]",
    '"media"',
    JSON.stringify(media).slice(0, -2),
    { ...media, event: "telepathy" },
    { ...media, event: undefined },
    { ...media, event: 7 },
    { ...media, streamSid: `MZ${"0".repeat(32)}` },
    { ...media, streamSid: undefined },
    { ...media, media: undefined },
    { ...media, media: null },
    { event: "mark", streamSid: media.streamSid, mark: {} },
    { event: "dtmf", streamSid: media.streamSid, dtmf: { digit: 1 } },
    payload("*not base64*"),
    payload(""),
    payload("/w=="),
    payload("////"),
    payload(160),
    payload(undefined),
  ];
}

/** The stream never begins: nothing but `connected` comes. */
export function withoutStart(): Tamper {
  return (message) => message.event === "connected" ? [message] : [];
}

/** So many of the first frames come before `start`. */
export function mediaBeforeStart(count: number): Tamper {
  let start: LineMessage | undefined;
  let left = count;
  return (message) => {
    if (message.event === "start" && left > 0) {
      start = message;
      return [];
    }
    if (message.event === "media" && start && --left === 0) return [message, start];
    return [message];
  };
}

/** The start message says something else, for instance another CallSid or media format. */
export function alterStart(change: Readonly<Record<string, unknown>>): Tamper {
  return (message) =>
    message.event === "start"
      ? [{ ...message, start: { ...Object(message.start), ...change } }]
      : [message];
}

/** After so many frames comes one text of so many bytes. */
export function addLongText(options: { bytes: number; afterFrames: number }): Tamper {
  let frames = 0;
  return (message) => {
    if (message.event !== "media" || ++frames !== options.afterFrames) return [message];
    const empty = JSON.stringify({ event: "media", filling: "" });
    return [message, empty.replace('""', `"${"x".repeat(options.bytes - empty.length)}"`)];
  };
}

/** A die that falls the same way for the same seed (mulberry32). */
function dice({ percent, seed }: Chance): () => boolean {
  if (!(percent >= 0 && percent <= 100)) {
    throw new RangeError(`Cannot happen in ${percent} percent`);
  }
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * 100 < percent;
  };
}
