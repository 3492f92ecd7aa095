/**
 * Functions as a setup of Gemini Live declares them: their shape, and what a model refuses of it.
 *
 * @module
 */

import { z } from "zod";
import { invalid } from "./gemini_refusal.ts";

/** Models that keep the same rules. */
export type Family = "2.5" | "3.1" | "3.8" | "3.8-ET";

/** What a function takes. */
export interface Schema {
  /** Of what type a value is. */
  readonly type: "STRING" | "NUMBER" | "INTEGER" | "BOOLEAN" | "ARRAY" | "OBJECT";
  /** The fields of an object. */
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  /** Which of them there must be. */
  readonly required?: readonly string[] | undefined;
  /** What an element of a list is. */
  readonly items?: Schema | undefined;
  /** Texts to choose from. */
  readonly enum?: readonly string[] | undefined;
  /** The form of a text or number. */
  readonly format?: string | undefined;
}

/** Functions, or a service of Google's, that the model may use. */
export interface Tool {
  /** Functions of the client. */
  readonly functionDeclarations?:
    | readonly {
      readonly name: string;
      readonly description?: string | undefined;
      readonly parameters?: Schema | undefined;
      readonly behavior?: "BLOCKING" | "NON_BLOCKING" | undefined;
    }[]
    | undefined;
}

const anything = z.unknown().optional();
const text = z.string().optional();
const number = z.number().optional();
const int64 = z.union([z.string().regex(/^\d+$/), z.int().nonnegative()]).optional();

/** `Schema`, checked for names that Google does not know. */
const schema: z.ZodType<Schema> = z.strictObject({
  type: z.enum(["STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT"]),
  format: text,
  title: text,
  description: text,
  nullable: z.boolean().optional(),
  enum: z.array(z.string()).optional(),
  minItems: int64,
  maxItems: int64,
  get properties() {
    return z.record(z.string(), schema).optional();
  },
  required: z.array(z.string()).optional(),
  minProperties: int64,
  maxProperties: int64,
  minLength: int64,
  maxLength: int64,
  pattern: text,
  example: anything,
  propertyOrdering: z.array(z.string()).optional(),
  default: anything,
  get items() {
    return schema.optional();
  },
  minimum: number,
  maximum: number,
});

/** `Tool`, checked. */
export const tool: z.ZodType<Tool> = z.strictObject({
  functionDeclarations: z.array(z.strictObject({
    name: z.string().regex(/^[A-Za-z_][\w.:-]{0,127}$/),
    description: text,
    parameters: schema.optional(),
    parametersJsonSchema: anything,
    response: anything,
    responseJsonSchema: anything,
    behavior: z.enum(["BLOCKING", "NON_BLOCKING"]).optional(),
  })).optional(),
  googleSearch: anything,
  urlContext: anything,
  codeExecution: anything,
});

/** What is declared of a setup. */
type Declaring = { readonly tools?: readonly Tool[] | undefined };

/**
 * Judges the functions of a setup by the rules of its model: 3.1 waits for every function, extended thinking for none.
 *
 * @throws {Refusal} If that model cannot do it
 */
export function checkFunctions({ tools = [] }: Declaring, family: Family): void {
  const refused = { "3.1": "NON_BLOCKING", "3.8-ET": "BLOCKING" }[String(family)];
  for (const { name, behavior, parameters } of declarationsOf(tools)) {
    if (refused !== undefined && behavior === refused) {
      throw invalid(`functions cannot be ${refused} here`);
    }
    if (parameters) checkSchema(parameters, name);
  }
}

/** Whether the model waits for a function and must hear nothing meanwhile. */
export function isBlocking(name: string, { tools = [] }: Declaring, family: Family): boolean {
  const declared = declarationsOf(tools).find((declaration) => declaration.name === name);
  const isUsual = family === "2.5" || family === "3.1";
  return declared?.behavior === undefined ? isUsual : declared.behavior === "BLOCKING";
}

function declarationsOf(tools: readonly Tool[]) {
  return tools.flatMap(({ functionDeclarations }) => functionDeclarations ?? []);
}

const TEXT_FORMATS: readonly (string | undefined)[] = [undefined, "enum", "date-time"];

/** What the generative service says of schemas, at every depth. */
function checkSchema({ type, properties = {}, required = [], items, ...rest }: Schema, at: string) {
  const names = Object.keys(properties);
  if (type === "OBJECT" && names.length === 0) {
    throw invalid(`${at}.properties: should be non-empty for OBJECT type`);
  }
  const unknown = required.find((name) => !names.includes(name));
  if (unknown !== undefined) throw invalid(`${at}.required: ${unknown} is not defined`);
  if (type === "ARRAY" && !items) throw invalid(`${at}.items: missing field`);
  if (type !== "STRING" && rest.enum) throw invalid(`${at}.enum: only allowed for STRING type`);
  if (type === "STRING" && !TEXT_FORMATS.includes(rest.format)) {
    throw invalid(`${at}.format: only 'enum' and 'date-time' are supported for STRING type`);
  }
  for (const name of names) {
    const field = properties[name];
    if (field) checkSchema(field, `${at}.${name}`);
  }
  if (items) checkSchema(items, `${at}[]`);
}
