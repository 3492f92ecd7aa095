/**
 * What an agent allows to be kept of its calls.
 *
 * @module
 */

import type { CallMoment, CallRecord, TranscriptEntry } from "./call_record.ts";
import { redact, type Redaction } from "./redaction.ts";

/** What may be kept, and for how long. */
export interface KeepRules {
  /** Whether what was said is kept. */
  readonly transcript: boolean;
  /** What is taken out of it before. */
  readonly redact: readonly Redaction[];
  /** For how long, in days. */
  readonly keepDays: number;
}

/** The records of one call as they may be kept. */
export class AllowedRecords {
  readonly #rules: KeepRules;
  /** Texts that were looked at, by what they were: most of a record is as it was the last time. */
  readonly #redacted = new Map<string, string>();

  /** By the rules of the agent that answered. */
  constructor(rules: KeepRules) {
    this.#rules = rules;
  }

  /** A record as it may be kept. */
  of(record: CallRecord): CallRecord {
    const { transcript, keepDays } = this.#rules;
    const said = transcript ? record.transcript.map((entry) => this.#entry(entry)) : [];
    const { moments } = record;
    return {
      ...record,
      keepDays,
      transcript: said,
      ...(moments ? { moments: moments.map((moment) => this.#moment(moment)) } : {}),
    };
  }

  /** A number may have been keyed in, or told. */
  #moment(moment: CallMoment): CallMoment {
    const { transcript, redact: kinds } = this.#rules;
    if (moment.type === "whispered") {
      const { type, atMs, detail = "" } = moment;
      return { type, atMs, ...(transcript ? { detail: this.#text(detail, detail) } : {}) };
    }
    const isHidden = !transcript || kinds.includes("digits") || kinds.includes("cards");
    if (moment.type !== "key-pressed" || !isHidden) return moment;
    return { type: moment.type, atMs: moment.atMs };
  }

  #entry(entry: TranscriptEntry): TranscriptEntry {
    if (this.#rules.redact.length === 0) return entry;
    const { text, heardText } = entry;
    const heard = heardText === undefined ? {} : { heardText: this.#text(heardText, text) };
    return { ...entry, text: this.#text(text, text), ...heard };
  }

  #text(text: string, whole: string): string {
    const name = text === whole ? text : `${text}\n${whole}`;
    const known = this.#redacted.get(name);
    if (known !== undefined) return known;
    const redacted = redact(text, this.#rules.redact, whole);
    this.#redacted.set(name, redacted);
    return redacted;
  }
}
