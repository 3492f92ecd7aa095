/**
 * The SDK's client: one for each connection, because its sockets are watched one by one.
 *
 * @module
 */

import { GoogleGenAI } from "@google/genai";
import { classify } from "./live_errors.ts";

/**
 * Makes a client. The SDK's default version for the Gemini API is `v1`, for which no Live interface is published.
 *
 * @internal
 * @throws {ModelError} If the SDK finds no credentials
 */
export function createClient(
  { apiKey, baseUrl, apiVersion = "v1beta" }: {
    apiKey: string | undefined;
    baseUrl?: string | undefined;
    apiVersion?: string | undefined;
  },
): GoogleGenAI {
  const httpOptions = baseUrl === undefined ? {} : { httpOptions: { baseUrl } };
  try {
    return apiKey === undefined
      ? new GoogleGenAI({ vertexai: true, ...httpOptions })
      : new GoogleGenAI({ apiKey, vertexai: false, apiVersion, ...httpOptions });
  } catch (error) {
    throw classify({ text: textOf(error) });
  }
}

/** What an error says. */
export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
