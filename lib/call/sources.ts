/**
 * The pages that an answer rests on, out of what the model says of them. Pure.
 *
 * @module
 */

import type { AnswerSource } from "../records/call_record.ts";

/** Most that are kept of an answer. */
const MOST_SOURCES = 10;
const LONGEST_TITLE = 200;
const LONGEST_URL = 2_000;

/**
 * The pages, each once. Whatever is no page of the web is left out.
 *
 * @param grounding `groundingMetadata` of a server message, of any shape
 */
export function sourcesOf(grounding: Readonly<Record<string, unknown>>): AnswerSource[] {
  const { groundingChunks } = grounding;
  const chunks: unknown[] = Array.isArray(groundingChunks) ? groundingChunks : [];
  const pages = chunks.map((chunk) => fields(fields(chunk).web));
  return merged([], pages.flatMap(({ uri, title }) => source(uri, title)));
}

/** Both, each page once, no more than are kept. */
export function merged(
  known: readonly AnswerSource[],
  more: readonly AnswerSource[],
): AnswerSource[] {
  const byUrl = new Map([...known, ...more].map((page) => [page.url, page]));
  return [...byUrl.values()].slice(0, MOST_SOURCES);
}

function source(uri: unknown, title: unknown): AnswerSource[] {
  if (typeof uri !== "string" || uri.length > LONGEST_URL || !URL.canParse(uri)) return [];
  const { protocol, hostname, href } = new URL(uri);
  if (protocol !== "https:" && protocol !== "http:") return [];
  const named = typeof title === "string" ? title.trim().slice(0, LONGEST_TITLE) : "";
  return [{ title: named || hostname, url: href }];
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
