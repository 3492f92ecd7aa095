/**
 * The parameters of a tool as the model is told of them: zod becomes the schema of the Live API.
 *
 * @see https://ai.google.dev/api/caching#Schema
 * @module
 */

import { z } from "zod";
import type { ToolParameters } from "./tool.ts";

/** A schema of the API, which is OpenAPI 3.0 in part. */
export interface ApiSchema {
  /** Of what type a value is. */
  readonly type: "OBJECT" | "STRING" | "NUMBER" | "INTEGER" | "BOOLEAN" | "ARRAY";
  /** What it means, for the model. */
  readonly description?: string;
  /** Whether it may be null. */
  readonly nullable?: boolean;
  /** The texts that it may be. */
  readonly enum?: readonly string[];
  /** A form that a text has. */
  readonly format?: "date-time";
  /** An expression that a text matches. */
  readonly pattern?: string;
  /** Least value. */
  readonly minimum?: number;
  /** Greatest value. */
  readonly maximum?: number;
  /** Shortest text. */
  readonly minLength?: string;
  /** Longest text. */
  readonly maxLength?: string;
  /** Fewest elements. */
  readonly minItems?: string;
  /** Most elements. */
  readonly maxItems?: string;
  /** What an element of a list is. */
  readonly items?: ApiSchema;
  /** The fields of an object. */
  readonly properties?: Readonly<Record<string, ApiSchema>>;
  /** Which fields there must be. */
  readonly required?: readonly string[];
}

type JsonSchema = Readonly<Record<string, unknown>>;

const TYPES: Readonly<Record<string, ApiSchema["type"]>> = {
  object: "OBJECT",
  string: "STRING",
  number: "NUMBER",
  integer: "INTEGER",
  boolean: "BOOLEAN",
  array: "ARRAY",
};

/** What a tool takes, in messages. */
const ROOT = "parameters";

/** The format of texts that the API knows. */
const DATE_TIME = "date-time";

/** The API has these as 64-bit numbers, which are texts in JSON. */
const COUNTS = ["minLength", "maxLength", "minItems", "maxItems"] as const;

/**
 * Says to the model what a tool takes.
 *
 * @param parameters What the tool checks its arguments against
 * @throws {RangeError} If something in it cannot be said; the message names the field
 */
export function apiSchema(parameters: ToolParameters): ApiSchema {
  const schema = z.toJSONSchema(parameters, { io: "input", unrepresentable: "any" });
  return convert(schema, ROOT);
}

function convert(given: unknown, path: string): ApiSchema {
  const { schema, isNullable } = withoutNull(record(given), path);
  const type = typeof schema.type === "string" ? TYPES[schema.type] : undefined;
  if (type === undefined) {
    throw new RangeError(
      `Cannot describe tool: ${path}: expected an object, string, number, integer, boolean or array`,
    );
  }
  return {
    type,
    ...(isNullable ? { nullable: true } : {}),
    ...description(schema),
    ...texts(schema, path),
    ...bounds(schema),
    ...(type === "ARRAY" ? { items: convert(schema.items, `${path}[]`) } : {}),
    ...(type === "OBJECT" ? fields(schema, path) : {}),
  };
}

/** "This or null" is one schema that may be null; other choices are nothing that all models have in common. */
function withoutNull(
  schema: JsonSchema,
  path: string,
): { schema: JsonSchema; isNullable: boolean } {
  const choices: readonly unknown[] = Array.isArray(schema.anyOf)
    ? schema.anyOf
    : [schema.type].flat().map((type) => ({ ...schema, type }));
  const others = choices.map(record).filter(({ type }) => type !== "null");
  const [only] = others;
  if (!only || others.length > 1) {
    throw new RangeError(`Cannot describe tool: ${path}: expected one type, not a choice of them`);
  }
  return {
    schema: { ...only, description: schema.description ?? only.description },
    isNullable: others.length < choices.length,
  };
}

function texts(schema: JsonSchema, path: string): Partial<ApiSchema> {
  const choices = schema.const === undefined ? schema.enum : [schema.const];
  if (Array.isArray(choices)) {
    if (choices.every((choice) => typeof choice === "string")) return { enum: choices };
    throw new RangeError(`Cannot describe tool: ${path}: expected texts to choose from`);
  }
  return {
    ...(schema.format === DATE_TIME ? { format: DATE_TIME } : {}),
    // A format brings a pattern of its own, which says the same at length.
    ...(typeof schema.pattern === "string" && schema.format === undefined
      ? { pattern: schema.pattern }
      : {}),
  };
}

/** Of a text no other format is taken than one: the model reads of the others. */
function description({ description, format, type }: JsonSchema): Partial<ApiSchema> {
  const isUnsaid = type === "string" && typeof format === "string" && format !== DATE_TIME;
  const parts = [description, isUnsaid ? `Format: ${format}.` : ""];
  const text = parts.filter((part) => typeof part === "string" && part !== "").join(" ");
  return text === "" ? {} : { description: text };
}

function bounds(schema: JsonSchema): Partial<ApiSchema> {
  const { minimum, maximum } = schema;
  const counts = COUNTS.filter((name) => typeof schema[name] === "number")
    .map((name) => [name, String(schema[name])]);
  return {
    ...(isBound(minimum) ? { minimum } : {}),
    ...(isBound(maximum) ? { maximum } : {}),
    ...Object.fromEntries(counts),
  };
}

/** That a whole number can be held by JavaScript is no news to a model. */
function isBound(value: unknown): value is number {
  return typeof value === "number" && Math.abs(value) !== Number.MAX_SAFE_INTEGER;
}

function fields(schema: JsonSchema, path: string): Partial<ApiSchema> {
  const properties = Object.entries(record(schema.properties))
    .map(([name, field]) => [name, convert(field, `${path}.${name}`)] as const);
  if (properties.length === 0 && path !== ROOT) {
    throw new RangeError(`Cannot describe tool: ${path}: expected an object with fields`);
  }
  const required = Array.isArray(schema.required) ? schema.required.map(String) : [];
  return {
    properties: Object.fromEntries(properties),
    ...(required.length > 0 ? { required } : {}),
  };
}

function record(value: unknown): JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
