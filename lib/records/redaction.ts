/**
 * Takes out of a text what must not be kept: digits, numbers of cards, addresses of e-mail. Pure.
 *
 * A transcription writes numbers as digits or as words, so both count; words are known in English alone.
 *
 * @module
 */

/** What can be taken out. */
export type Redaction = "digits" | "cards" | "emails";

/** A part of a text that is not kept, and what stands in its place. */
interface Cut {
  readonly start: number;
  readonly end: number;
  readonly instead: string;
}

/** A digit of any script. */
const DIGIT = /\p{Nd}/u;
const ZERO = "0".codePointAt(0) ?? 0;
/** Digits, and what people put between them: one character, or a dash among spaces. */
const NUMBER = /\p{Nd}(?:[ \u00a0.,/-]{0,3}\p{Nd})*/gu;
const DIGIT_WORDS = /\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)\b/gi;
/** So many digit words in a row are a number; "one or two" is none. */
const LEAST_WORDS = 3;
const WORD_GAP = /^[\s,.-]{1,3}$/;
/** It is begun at the first character that can be of one, so that no text is looked through twice. */
const EMAIL = /(?<![^\s@"(),:;<>[\]\\])[^\s@"(),:;<>[\]\\]+@[\p{L}\p{N}]+(?:[.-]+[\p{L}\p{N}]+)*/gu;
/** As it is spoken: "anna at example dot com". What stands before it is the name. */
const SPOKEN_DOMAIN = / at [\p{L}\p{N}-]+(?: dot [\p{L}\p{N}-]+){1,4}/giu;
/** Halves of letters beyond the first 65,536 count as letters. */
const NAME = /[\p{L}\p{N}._\ud800-\udfff-]/u;

/** Shortest and longest number of a card (ISO/IEC 7812). */
const CARD_DIGITS = [13, 19] as const;

/**
 * A text without what is to be taken out: addresses become `[e-mail]`, cards `[card]`, and of all other digits each `#`.
 *
 * @param whole Is looked at, if `text` is the beginning of it: half a card is not kept either
 */
export function redact(text: string, kinds: readonly Redaction[], whole: string = text): string {
  const from = whole.startsWith(text) ? whole : text;
  const cuts = kinds.flatMap((kind) => CUTS[kind](from)).toSorted((a, b) => a.start - b.start);
  let kept = "";
  let at = 0;
  for (const { start, end, instead } of union(cuts)) {
    if (start >= text.length) break;
    kept += text.slice(at, start) + instead;
    at = end;
  }
  return kept + text.slice(at);
}

const CUTS: Readonly<Record<Redaction, (text: string) => readonly Cut[]>> = {
  emails: (text) => [
    ...Array.from(text.matchAll(EMAIL), ({ index, 0: { length } }) => email(index, index + length)),
    ...Array.from(text.matchAll(SPOKEN_DOMAIN)).flatMap(({ index, 0: { length } }) => {
      const start = nameBefore(text, index);
      return start === index ? [] : [email(start, index + length)];
    }),
  ],
  cards: (text) => Array.from(text.matchAll(NUMBER)).flatMap(cardsIn),
  digits: (text) => [...digitsOf(text), ...digitWordsOf(text)],
};

function email(start: number, end: number): Cut {
  return { start, end, instead: "[e-mail]" };
}

/** Where the name begins that ends here. */
function nameBefore(text: string, end: number): number {
  let start = end;
  while (start > 0 && NAME.test(text.charAt(start - 1))) start--;
  return start;
}

/** The first cut of those that overlap says what stands there; what is longer is taken out all the same. */
function union(cuts: readonly Cut[]): Cut[] {
  const joined: Cut[] = [];
  for (const cut of cuts) {
    const last = joined.at(-1);
    if (!last || cut.start >= last.end) joined.push(cut);
    else {
      const instead = last.instead.startsWith("[") ? last.instead : cut.instead;
      joined[joined.length - 1] = { ...last, end: Math.max(last.end, cut.end), instead };
    }
  }
  return joined;
}

function digitsOf(text: string): Cut[] {
  return Array.from(text.matchAll(/\p{Nd}+/gu), ({ index, 0: digits }) => ({
    start: index,
    end: index + digits.length,
    instead: "#".repeat([...digits].length),
  }));
}

function digitWordsOf(text: string): Cut[] {
  const words = Array.from(text.matchAll(DIGIT_WORDS), ({ index, 0: { length } }) => ({
    start: index,
    end: index + length,
    instead: "#",
  }));
  const rows: Cut[][] = [];
  for (const word of words) {
    const row = rows.at(-1);
    const gap = text.slice(row?.at(-1)?.end, word.start);
    if (row && WORD_GAP.test(gap)) row.push(word);
    else rows.push([word]);
  }
  return rows.filter((row) => row.length >= LEAST_WORDS).flat();
}

/**
 * The cards in a row of digits: what comes before or behind may be a date or a code. A card begins and ends where digits
 * stand apart from others, unless so many stand together that it cannot be told.
 */
function cardsIn({ index, 0: row }: RegExpExecArray): Cut[] {
  const [shortest, longest] = CARD_DIGITS;
  const digits = digitsOfRow(row);
  const sums = [luhnSums(digits.values, 0), luhnSums(digits.values, 1)];
  const count = digits.values.length;
  const cards: Cut[] = [];
  for (let from = 0; from + shortest <= count; from++) {
    if (digits.mayBegin[from] === 0) continue;
    for (let to = Math.min(from + longest, count); to - from >= shortest; to--) {
      const sum = sums[to % 2];
      if (digits.mayEnd[to - 1] === 0 || !sum) continue;
      if (((sum[to] ?? 0) - (sum[from] ?? 0)) % 10 !== 0) continue;
      const start = index + (digits.starts[from] ?? 0);
      cards.push({ start, end: index + (digits.ends[to - 1] ?? 0), instead: "[card]" });
      from = to - 1;
      break;
    }
  }
  return cards;
}

/** The digits of a row, first to last: where each stands, what it is worth, whether a card may begin and end with it. */
function digitsOfRow(row: string) {
  const [, longest] = CARD_DIGITS;
  const starts = new Uint32Array(row.length);
  const ends = new Uint32Array(row.length);
  const values = new Uint8Array(row.length);
  const mayBegin = new Uint8Array(row.length);
  const mayEnd = new Uint8Array(row.length);
  let count = 0;
  for (const { index, 0: group } of row.matchAll(/\p{Nd}+/gu)) {
    const first = count;
    let at = index;
    for (const digit of group) {
      starts[count] = at;
      at += digit.length;
      ends[count] = at;
      values[count++] = valueOf(digit);
    }
    mayBegin.fill(1, first, count - first > longest ? count : first + 1);
    mayEnd.fill(1, count - first > longest ? first : count - 1, count);
  }
  return { starts, ends, values: values.subarray(0, count), mayBegin, mayEnd };
}

/**
 * Sums by which the last digit of any stretch is checked (Luhn, ISO/IEC 7812-1, annex B): every second digit counts
 * double, seen from the end, so those at places of one parity do.
 */
function luhnSums(values: Uint8Array, parity: number): Uint32Array {
  const sums = new Uint32Array(values.length + 1);
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? 0;
    const doubled = value > 4 ? 2 * value - 9 : 2 * value;
    sums[at + 1] = (sums[at] ?? 0) + (at % 2 === parity ? doubled : value);
  }
  return sums;
}

/** The digits of a script stand together and in order, 0 first. */
function valueOf(digit: string): number {
  const point = digit.codePointAt(0) ?? 0;
  if (point >= ZERO && point < ZERO + 10) return point - ZERO;
  let before = 0;
  while (DIGIT.test(String.fromCodePoint(point - before - 1))) before++;
  return before % 10;
}
