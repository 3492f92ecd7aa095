/**
 * What programs put into a conversation beside sound: turns of it, and results of functions.
 *
 * @module
 */

/** A piece of content, told apart by its one field. */
export type Part =
  | { readonly text: string }
  /** Base64 of a picture or a sound. */
  | { readonly inlineData: { readonly mimeType: string; readonly data: string } }
  | {
    readonly functionCall: {
      readonly id?: string;
      readonly name: string;
      readonly args: Record<string, unknown>;
    };
  }
  | {
    readonly functionResponse: {
      readonly id?: string;
      readonly name: string;
      readonly response: Record<string, unknown>;
    };
  };

/** One turn of a conversation. */
export interface Content {
  /** Whose turn it was. */
  readonly role: "user" | "model";
  /** What it was made of, first to last. */
  readonly parts: readonly Part[];
}

/** What a function gave. */
export interface FunctionResult {
  /** Which call it answers. */
  readonly id: string;
  /** Which function. */
  readonly name: string;
  /** What came of it: `output`, or `error`. */
  readonly response: Record<string, unknown>;
  /** When the model takes it up; absent: as the model has it. */
  readonly scheduling?: "SILENT" | "WHEN_IDLE" | "INTERRUPT" | undefined;
}
