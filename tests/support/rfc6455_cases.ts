/**
 * What RFC 6455 lets through and what it does not: cases of the kinds that Autobahn's test suite has.
 *
 * @module
 */

import type { RawFrame } from "./raw_socket.ts";

const PROTOCOL = [1002];
const NOT_UTF8 = [1007];
const TOO_LARGE = [1009, 1002];

/** Frames, and whether the socket stays open or with which code it is closed; `pieces` is how long those are that are sent. */
export interface FrameCase {
  readonly name: string;
  readonly frames: readonly RawFrame[];
  readonly closes?: readonly number[];
  readonly pongs?: readonly string[];
  readonly pieces?: number;
}

/** A handshake that is none. */
export interface HandshakeCase {
  readonly name: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly method?: string;
  readonly version?: string;
}

const bytes = (...values: readonly number[]) => Uint8Array.from(values);
const close = (code: number, reason = ""): RawFrame => ({
  opcode: 8,
  payload: Uint8Array.from([code >> 8, code & 255, ...new TextEncoder().encode(reason)]),
});
const text = (payload: string | Uint8Array, more: Partial<RawFrame> = {}): RawFrame => ({
  opcode: 1,
  payload,
  ...more,
});
const ping = (payload: string | Uint8Array = "", more: Partial<RawFrame> = {}): RawFrame => ({
  opcode: 9,
  payload,
  ...more,
});
const more = (payload: string | Uint8Array, fin: boolean): RawFrame => ({
  opcode: 0,
  payload,
  fin,
});
/** So many. */
export const many = <T>(count: number, make: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => make(n));

const FRAMING: readonly FrameCase[] = [
  ...[0, 125, 126, 127, 128, 65_535].flatMap((length) => [
    { name: `text of ${length}`, frames: [text("*".repeat(length))] },
    { name: `binary of ${length}`, frames: [{ opcode: 2, payload: new Uint8Array(length) }] },
  ]),
  { name: "text of 65,536 in pieces", frames: [text("*".repeat(65_536))], pieces: 997 },
  { name: "text byte by byte", frames: [text("*".repeat(130))], pieces: 1 },
];

const PINGS: readonly FrameCase[] = [
  { name: "empty ping", frames: [ping()], pongs: [""] },
  { name: "ping with a payload", frames: [ping("Hello")], pongs: ["Hello"] },
  { name: "ping of 125", frames: [ping("p".repeat(125))], pongs: ["p".repeat(125)] },
  {
    name: "ping of 125 byte by byte",
    frames: [ping("p".repeat(125))],
    pongs: ["p".repeat(125)],
    pieces: 1,
  },
  { name: "ping of 126", frames: [ping("p".repeat(126))], closes: PROTOCOL },
  { name: "pong that nobody asked for", frames: [{ opcode: 10 }] },
  { name: "pong, then ping", frames: [{ opcode: 10, payload: "x" }, ping("y")], pongs: ["y"] },
  { name: "ten pings", frames: many(10, (n) => ping(`${n}`)), pongs: many(10, String) },
  {
    name: "ten pings in pieces",
    frames: many(10, (n) => ping(`${n}`)),
    pongs: many(10, String),
    pieces: 3,
  },
];

const RESERVED: readonly FrameCase[] = [
  ...many(7, (n) => ({
    name: `reserved bits ${n + 1}`,
    frames: [text("*", { rsv: n + 1 })],
    closes: PROTOCOL,
  })),
  { name: "reserved bits of a ping", frames: [ping("", { rsv: 4 })], closes: PROTOCOL },
  { name: "reserved bits of a close", frames: [{ ...close(1000), rsv: 2 }], closes: PROTOCOL },
  ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode) => ({
    name: `opcode ${opcode}`,
    frames: [{ opcode, payload: opcode % 2 ? "" : "x" }],
    closes: PROTOCOL,
  })),
];

const FRAGMENTS: readonly FrameCase[] = [
  { name: "a ping in two", frames: [ping("a", { fin: false }), more("b", true)], closes: PROTOCOL },
  {
    name: "a pong in two",
    frames: [{ opcode: 10, fin: false }, more("b", true)],
    closes: PROTOCOL,
  },
  { name: "a close in two", frames: [{ ...close(1000), fin: false }], closes: PROTOCOL },
  { name: "a text in two", frames: [text("a", { fin: false }), more("b", true)] },
  {
    name: "a text in two, in pieces",
    frames: [text("a", { fin: false }), more("b", true)],
    pieces: 1,
  },
  {
    name: "a binary in three",
    frames: [{ opcode: 2, fin: false, payload: "a" }, more("b", false), more("c", true)],
  },
  {
    name: "a text of empty parts",
    frames: [text("", { fin: false }), more("", false), more("", true)],
  },
  {
    name: "a ping between two parts",
    frames: [text("a", { fin: false }), ping("!"), more("b", true)],
    pongs: ["!"],
  },
  {
    name: "pings between many parts",
    frames: [
      text("a", { fin: false }),
      ...many(8, (n) => [ping(`${n}`), more("b", n === 7)]).flat(),
    ],
    pongs: many(8, String),
  },
  { name: "a part of nothing, the last", frames: [more("x", true)], closes: PROTOCOL },
  { name: "a part of nothing, not the last", frames: [more("x", false)], closes: PROTOCOL },
  { name: "a part behind a whole text", frames: [text("a"), more("x", true)], closes: PROTOCOL },
  {
    name: "a text within a text",
    frames: [text("a", { fin: false }), text("b")],
    closes: PROTOCOL,
  },
  {
    name: "a binary within a text",
    frames: [text("a", { fin: false }), { opcode: 2 }],
    closes: PROTOCOL,
  },
];

const UTF8: readonly FrameCase[] = [
  { name: "Greek", frames: [text("κόσμε")] },
  { name: "Greek byte by byte", frames: [text("κόσμε")], pieces: 1 },
  { name: "the last code point", frames: [text("\u{10ffff}")] },
  { name: "no character, and NUL", frames: [text("\ufffe\u0000")] },
  {
    name: "a code point in two parts",
    frames: [text(bytes(0xe2, 0x82), { fin: false }), more(bytes(0xac), true)],
  },
  ...Object.entries({
    "a byte that only continues": [0x80],
    "overlong": [0xc0, 0xaf],
    "overlong NUL": [0xe0, 0x80, 0x80],
    "a surrogate": [0xed, 0xa0, 0x80],
    "beyond the last": [0xf4, 0x90, 0x80, 0x80],
    "cut off": [0xe2, 0x82],
    "five bytes": [0xf8, 0x88, 0x80, 0x80, 0x80],
    "byte fe": [0xfe],
    "byte ff": [0xff],
    "good, then bad": [0x41, 0xce, 0xba, 0xff],
  }).map(([name, values]) => ({ name, frames: [text(bytes(...values))], closes: NOT_UTF8 })),
  {
    name: "bad in the second part",
    frames: [text("a", { fin: false }), more(bytes(0xff), true)],
    closes: NOT_UTF8,
  },
];

const CLOSES: readonly FrameCase[] = [
  { name: "close without a code", frames: [{ opcode: 8 }], closes: [1005] },
  { name: "close with a reason", frames: [close(1000, "done")], closes: [1000] },
  { name: "close twice", frames: [close(1000), close(1000)], closes: [1000] },
  { name: "text behind a close", frames: [close(1000), text("late")], closes: [1000] },
  {
    name: "close in the middle of a text",
    frames: [text("a", { fin: false }), close(1000)],
    closes: [1000],
  },
  { name: "close of one byte", frames: [{ opcode: 8, payload: "x" }], closes: PROTOCOL },
  { name: "reason of 123", frames: [close(1000, "r".repeat(123))], closes: [1000] },
  { name: "reason of 124", frames: [close(1000, "r".repeat(124))], closes: PROTOCOL },
  {
    name: "reason that is no text",
    frames: [{ opcode: 8, payload: bytes(3, 232, 0xff) }],
    closes: NOT_UTF8,
  },
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999].map((code) => ({
    name: `close with ${code}`,
    frames: [close(code)],
    closes: [code],
  })),
  ...[0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999, 5000, 65_535].map((code) => ({
    name: `close with ${code}, which is none`,
    frames: [close(code)],
    closes: PROTOCOL,
  })),
];

const MASKS_AND_LENGTHS: readonly FrameCase[] = [
  { name: "text without a mask", frames: [text("x", { masked: false })], closes: PROTOCOL },
  { name: "ping without a mask", frames: [ping("x", { masked: false })], closes: PROTOCOL },
  { name: "close without a mask", frames: [{ ...close(1000), masked: false }], closes: PROTOCOL },
  { name: "64 MB are declared", frames: [text("", { declared: 1n << 26n })], closes: TOO_LARGE },
  {
    name: "2^53 bytes are declared",
    frames: [text("", { declared: 1n << 53n })],
    closes: TOO_LARGE,
  },
  {
    name: "2^63 bytes are declared",
    frames: [text("", { declared: 1n << 63n })],
    closes: TOO_LARGE,
  },
  {
    name: "a ping that declares 64 KiB",
    frames: [ping("", { declared: 65_536n })],
    closes: PROTOCOL,
  },
];

/** Handshakes that are to be refused. */
export const HANDSHAKES: readonly HandshakeCase[] = [
  { name: "no key", headers: { "Sec-WebSocket-Key": undefined } },
  { name: "a short key", headers: { "Sec-WebSocket-Key": "c2hvcnQ=" } },
  { name: "version 12", headers: { "Sec-WebSocket-Version": "12" } },
  { name: "no version", headers: { "Sec-WebSocket-Version": undefined } },
  { name: "no upgrade", headers: { Upgrade: undefined } },
  { name: "another upgrade", headers: { Upgrade: "h2c" } },
  { name: "no connection", headers: { Connection: undefined } },
  { name: "keep-alive", headers: { Connection: "keep-alive" } },
  { name: "POST", method: "POST", headers: { "Content-Length": "0" } },
];

/** All cases of frames. */
export const CASES: readonly FrameCase[] = [
  ...FRAMING,
  ...PINGS,
  ...RESERVED,
  ...FRAGMENTS,
  ...UTF8,
  ...CLOSES,
  ...MASKS_AND_LENGTHS,
];
