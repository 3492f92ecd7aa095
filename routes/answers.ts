/**
 * The shapes of an answer: TwiML for Twilio, one form of error for everybody else.
 *
 * @module
 */

/** What went wrong, for a program and for a person. */
export interface ErrorAnswer {
  /** HTTP status. */
  readonly status: number;
  /** A constant word that a program may compare. */
  readonly code: string;
  /** What failed and what to do; no secret, nothing that the request said. */
  readonly message: string;
}

/** Answers `{ error: { code, message } }`. */
export function errorResponse({ status, code, message }: ErrorAnswer): Response {
  return Response.json({ error: { code, message } }, { status });
}

/** Answers with a document that Twilio carries out. */
export function twimlResponse(document: string): Response {
  return new Response(document, { headers: { "content-type": "text/xml" } });
}
