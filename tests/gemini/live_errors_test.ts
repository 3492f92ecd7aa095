import { assertEquals } from "@std/assert";
import { classify, type LiveFailure, scrub } from "../../lib/gemini/live_errors.ts";
import type { ModelErrorKind } from "../../lib/call/model.ts";

type Row = [failure: LiveFailure, kind: ModelErrorKind, retryable: boolean];

function closed(closeCode: number, text: string): LiveFailure {
  return { closeCode, text };
}

function refused(httpStatus: number): LiveFailure {
  return { closeCode: 1006, httpStatus, text: `Unexpected server response: ${httpStatus}` };
}

const ROWS: Row[] = [
  [closed(1000, ""), "unavailable", true],
  // A service that closes without a code; our own close is never asked about.
  [closed(1005, ""), "unavailable", true],
  [closed(1006, ""), "unavailable", true],
  [closed(1006, "connect ECONNREFUSED 127.0.0.1:1"), "unavailable", true],
  [closed(1006, "getaddrinfo ENOTFOUND host"), "unavailable", true],
  [closed(1001, ""), "unavailable", true],
  [closed(1012, ""), "unavailable", true],
  [closed(1013, ""), "unavailable", true],
  [closed(1007, "API key not valid. Please pass a valid API key."), "authentication", false],
  [closed(1007, "API key expired. Please renew the API key."), "authentication", false],
  [
    closed(
      1007,
      `Invalid JSON payload received. Unknown name "x" at 'setup': Cannot find field.`,
    ),
    "invalid-argument",
    false,
  ],
  [closed(1007, "Request contains an invalid argument."), "invalid-argument", false],
  [
    closed(
      1007,
      "Explicit activity control is not supported when automatic activity detection is enabled.",
    ),
    "invalid-argument",
    false,
  ],
  [closed(1007, "Precondition check failed."), "invalid-argument", false],
  [
    closed(1007, "realtime_input.media_chunks is deprecated. Use audio, video, or text instead."),
    "invalid-argument",
    false,
  ],
  [closed(1007, "Unsupported language code 'es'"), "invalid-argument", false],
  [
    closed(
      1007,
      "The requested combination of response modalities (AUDIO) is not supported by the model",
    ),
    "invalid-argument",
    false,
  ],
  [closed(1007, "Thinking level is not supported for this model"), "invalid-argument", false],
  [
    closed(1007, "Function response scheduling is not supported for this model"),
    "invalid-argument",
    false,
  ],
  [closed(1007, ""), "invalid-argument", false],
  [closed(1007, "Invalid session handle"), "invalid-argument", true],
  [
    closed(
      1007,
      "The audio content type (CONTENT_TYPE_AUDIO) is not supported for this model configuration.",
    ),
    "unavailable",
    true,
  ],
  [
    closed(
      1008,
      "models/gemini-9 is not found for API version v1beta, or is not supported for bidiGenerateContent.",
    ),
    "model-not-found",
    false,
  ],
  [
    closed(1008, "Publisher Model `projects/p/locations/l/models/gemini-9` was not found"),
    "model-not-found",
    false,
  ],
  [
    closed(1008, "Operation is not implemented, or supported, or enabled."),
    "unavailable",
    true,
  ],
  [closed(1008, "Your API key was reported as leaked."), "authentication", false],
  [
    closed(1008, "Method doesn't allow unregistered callers (callers without established iden"),
    "authentication",
    false,
  ],
  [closed(1008, "The operation was aborted"), "unavailable", true],
  [closed(1011, "Internal error encountered."), "unavailable", true],
  [closed(1011, "The service is currently unavailable."), "unavailable", true],
  [
    closed(1011, "Deadline expired before operation could complete."),
    "unavailable",
    true,
  ],
  [closed(1011, "RPC::DEADLINE_EXCEEDED"), "unavailable", true],
  [closed(1011, "Resource has been exhausted (e.g. check quota)."), "quota", true],
  [closed(1011, "RESOURCE_EXHAUSTED"), "quota", true],
  [
    closed(1011, "You exceeded your current quota, please check your plan and billing details."),
    "quota",
    true,
  ],
  [closed(1011, ""), "unavailable", true],
  [closed(1011, "keepalive ping timeout"), "unavailable", true],
  [refused(400), "invalid-argument", false],
  [refused(401), "authentication", false],
  [refused(403), "authentication", false],
  [refused(404), "model-not-found", false],
  [refused(408), "unavailable", true],
  [refused(429), "quota", true],
  [refused(500), "unavailable", true],
  [refused(503), "unavailable", true],
  [{ text: "no answer within 3000 ms" }, "unavailable", true],
  [{ text: "Could not load the default credentials." }, "authentication", false],
];

for (const [failure, kind, retryable] of ROWS) {
  const { closeCode, httpStatus, text } = failure;
  Deno.test(`classify() says ${kind} when it is ${httpStatus ?? closeCode ?? ""} "${text}"`, () => {
    const error = classify(failure);
    assertEquals(
      { kind: error.kind, retryable: error.retryable, closeCode: error.closeCode },
      { kind, retryable, closeCode },
    );
  });
}

Deno.test("classify() words its message by what it was told", () => {
  assertEquals(
    classify(closed(1007, "API key not valid. Please pass a valid API key.")).message,
    "Model connection failed with close code 1007: API key not valid. Please pass a valid API key",
  );
  assertEquals(
    classify(refused(429)).message,
    "Model connection failed with HTTP 429: Unexpected server response: 429",
  );
  assertEquals(
    classify(closed(1011, " ")).message,
    "Model connection failed with close code 1011: no reason given",
  );
  assertEquals(
    classify({ text: "no answer within 3000 ms" }).message,
    "Model connection failed: no answer within 3000 ms",
  );
});

Deno.test("scrub() takes secrets out wherever they stand", () => {
  const secrets = ["AIzaSecret", ""];
  for (
    const [text, clean] of [
      ["key AIzaSecret was refused, AIzaSecret!", "key *** was refused, ***!"],
      [
        "Invalid URL: 'wss://h//ws/x?key=other-key&alt=sse'",
        "Invalid URL: 'wss://h//ws/x?key=***&alt=sse'",
      ],
      ["wss://h/ws?access_token=auth_tokens/abc#f", "wss://h/ws?access_token=***#f"],
      ["?api_key=abc", "?api_key=***"],
      ["authorization: Bearer ya29.abc-def", "authorization: Bearer ***"],
      ["nothing to hide", "nothing to hide"],
      ["", ""],
    ] as const
  ) {
    assertEquals(scrub(text, secrets), clean);
  }
});
