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
/** Digits, and what people put between them: one character, or a dash among spaces. */
const NUMBER = /\p{Nd}(?:[ \u00a0.,/-]{0,3}\p{Nd})*/gu;
const DIGIT_WORDS = /\b(?:zero|oh|one|two|three|four|five|six|seven|eight|nine)\b/gi;
/** So many digit words in a row are a number; "one or two" is none. */
const LEAST_WORDS = 3;
const WORD_GAP = /^[\s,.-]{1,3}$/;
/** It is begun at the first character that can be of one, so that no text is looked through twice. */
const EMAIL =
  /(?<![^\s@"(),:;<>[\]\\])[^\s@"(),:;<>[\]\\]+@[\p{L}\p{N}](?:[\p{L}\p{N}.-]{0,252}[\p{L}\p{N}])?/gu;
/** As it is spoken: "anna at example dot com". */
const SPOKEN_EMAIL =
  /[\p{L}\p{N}._-]{1,64} at [\p{L}\p{N}-]{1,63}(?: dot [\p{L}\p{N}-]{1,63}){1,4}/giu;

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
  emails: (text) =>
    [EMAIL, SPOKEN_EMAIL].flatMap((pattern) =>
      Array.from(text.matchAll(pattern), ({ index, 0: { length } }) => ({
        start: index,
        end: index + length,
        instead: "[e-mail]",
      }))
    ),
  cards: (text) => Array.from(text.matchAll(NUMBER)).flatMap(cardsIn),
  digits: (text) => [...digitsOf(text), ...digitWordsOf(text)],
};

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
  const digits = Array.from(row.matchAll(/\p{Nd}+/gu)).flatMap(({ index: at, 0: group }) => {
    const chars = [...group];
    const isLong = chars.length > longest;
    const width = group.length / chars.length;
    return chars.map((char, n) => ({
      start: index + at + n * width,
      end: index + at + (n + 1) * width,
      value: valueOf(char),
      mayBegin: isLong || n === 0,
      mayEnd: isLong || n === chars.length - 1,
    }));
  });
  const values = digits.map(({ value }) => value);
  const cards: Cut[] = [];
  for (let from = 0; from + shortest <= digits.length;) {
    const first = digits[from];
    let to = Math.min(from + longest, digits.length);
    const isOne = () => digits[to - 1]?.mayEnd && isCard(values, from, to);
    while (first?.mayBegin && to - from >= shortest && !isOne()) to--;
    const last = digits[to - 1];
    if (!first?.mayBegin || !last || to - from < shortest) from++;
    else {
      cards.push({ start: first.start, end: last.end, instead: "[card]" });
      from = to;
    }
  }
  return cards;
}

/** Whether the last digit is that of Luhn (ISO/IEC 7812-1, annex B). */
function isCard(values: readonly number[], from: number, to: number): boolean {
  let sum = 0;
  for (let at = to - 1; at >= from; at--) {
    const value = values[at] ?? 0;
    const doubled = 2 * value;
    sum += (to - at) % 2 === 1 ? value : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/** The digits of a script stand together and in order, 0 first. */
function valueOf(digit: string): number {
  const point = digit.codePointAt(0) ?? 0;
  let before = 0;
  while (DIGIT.test(String.fromCodePoint(point - before - 1))) before++;
  return before % 10;
}
