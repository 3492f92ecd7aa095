/**
 * The fields of an agent file that say what it can do beside talking.
 *
 * @module
 */

import { z } from "zod";
import { choice, number, phoneNumber, section, text, wholeNumber } from "./file_fields.ts";

/** Names as the model says them. */
const NAME = /^[a-z][\w-]{0,39}$/i;
const name = () => text(NAME, "a name of letters, digits, - and _, a letter first");

const HANDLING = {
  blocking: z.boolean("expected true or false").optional()
    .describe("Whether the model waits for it; without it as the model likes"),
  scheduling: choice("when-idle", "silent", "interrupt", "immediate").optional()
    .describe("When its result is taken up: once the model is free, without a word, or at once"),
  delaySeconds: number(0, 600).optional().describe("How long its result is held back"),
  timeoutSeconds: number(0.1, 120).optional()
    .describe("How long it may take; 10 unless given, 5 if it is over HTTPS"),
  filler: text(/\S/, "a sentence").max(200, "expected at most 200 characters").optional()
    .describe("What the agent says before it asks for the tool"),
  onInterruption: choice("abort", "finish").optional()
    .describe("What becomes of it when the caller breaks in"),
};

const namedTool = section({
  use: name().describe("Name of a tool of the server's own, such as hang_up"),
  ...HANDLING,
});

const httpTool = section({
  name: text(/^[a-zA-Z_]\w{0,63}$/, "a name of letters, digits and _")
    .describe("Name that the model asks for"),
  description: text(/\S/, "a text").max(1_000, "expected at most 1000 characters")
    .describe("What it does and when to use it, for the model"),
  parameters: z.record(z.string(), z.unknown(), "expected the JSON Schema of an object")
    .default({ type: "object", properties: {} })
    .describe("What it takes, as the JSON Schema of an object"),
  http: section({
    method: choice("GET", "POST", "PUT", "PATCH", "DELETE").default("GET"),
    url: text(/^https:\/\/\S+$/, "an https address")
      .describe("Where; {name} of a parameter is filled in"),
    headers: z.record(
      text(/^[!#$%&'*+.^`|~\w-]+$/, "the name of a header"),
      text(/^[\t -~]*$/, "a text in ASCII"),
      "expected names and values",
    ).default({}).describe("Sent along; {{secret:NAME}} stands for SECRET_NAME of the environment"),
    pick: text(/^[\w-]+(\.[\w-]+)*$/, "names joined by dots").optional()
      .describe("Which part of the answer counts"),
  }).describe("How the service is asked"),
  ...HANDLING,
});

/** A name alone means the tool as it is. */
const tool = z.union([
  name().transform((use) => ({ use })),
  namedTool,
  httpTool,
], "expected the name of a tool, or an object with use, or with name and http");

const destination = section({
  number: phoneNumber().describe("Who is called, E.164"),
  description: text(/\S/, "a text").max(200, "expected at most 200 characters")
    .describe("Who they are and when to put a caller through, for the model"),
  ringSeconds: wholeNumber(5, 120).default(20).describe("How long it may ring"),
  whisper: z.string("expected a text").max(500, "expected at most 500 characters").default("")
    .describe("Said to the one who is called before the two are joined"),
});

/**
 * The fields.
 *
 * @internal
 */
export const TOOL_FIELDS = {
  tools: z.array(tool, "expected a list of tools").max(64, "expected at most 64").default([])
    .describe("What it can do beside talking: names of the server's tools, and tools over HTTPS"),
  destinations: z.record(name(), destination, "expected names and destinations").default({})
    .describe("To whom transfer_call can put callers through, by the name that the model says"),
  smsRecipients: z.record(name(), phoneNumber(), "expected names and numbers").default({})
    .describe("Numbers that send_sms may write to beside the caller's own, by name"),
};
