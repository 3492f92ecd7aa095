/**
 * How a model is told of its tools.
 *
 * @module
 */

import { Behavior, type FunctionDeclaration, type LiveConnectConfig, Type } from "@google/genai";
import { modelFamily } from "../agents/model_family.ts";
import type { ToolDeclaration } from "../tools/tool_declaration.ts";
import type { ApiSchema } from "../tools/tool_schema.ts";

/**
 * The tools, as a setup has them; nothing where there are none.
 *
 * @param agent `search`: the model may look things up on the web
 * @internal
 */
export function toolFields(
  declarations: readonly ToolDeclaration[],
  model: string,
  { search = false }: { search?: boolean | undefined } = {},
): LiveConnectConfig {
  const canChoose = modelFamily(model).tools === "either";
  const functionDeclarations = declarations.map((
    { name, description, parameters, isBlocking },
  ) => ({
    name,
    description,
    ...parametersOf(parameters),
    // A model that has no choice refuses to be told.
    ...(canChoose ? { behavior: isBlocking ? Behavior.BLOCKING : Behavior.NON_BLOCKING } : {}),
  }));
  const tools = [
    ...(functionDeclarations.length > 0 ? [{ functionDeclarations }] : []),
    ...(search ? [{ googleSearch: {} }] : []),
  ];
  return tools.length > 0 ? { tools } : {};
}

/** An object without fields is refused: a function that takes nothing says nothing. */
function parametersOf(schema: ApiSchema): Pick<FunctionDeclaration, "parameters"> {
  if (Object.keys(schema.properties ?? {}).length === 0) return {};
  return { parameters: sdkSchema(schema) };
}

type SdkSchema = NonNullable<FunctionDeclaration["parameters"]>;

/** The same, as the SDK's types have it. */
function sdkSchema({ type, items, properties, required, enum: choices, ...rest }: ApiSchema) {
  const schema: SdkSchema = { ...rest, type: Type[type] };
  if (items) schema.items = sdkSchema(items);
  if (required) schema.required = [...required];
  if (choices) schema.enum = [...choices];
  if (properties) {
    schema.properties = Object.fromEntries(
      Object.entries(properties).map(([name, field]) => [name, sdkSchema(field)]),
    );
  }
  return schema;
}
