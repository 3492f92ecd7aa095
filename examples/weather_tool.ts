/**
 * A tool: the model asks for the weather, a function of ours answers, and the model tells it.
 *
 *   deno run -A examples/weather_tool.ts "How warm is it in Recife?"
 *
 * @module
 */

import { z } from "zod";
import type { ModelScript } from "../emulators/model_script.ts";
import { defineTool, type Tool, ToolError } from "../lib/tools/tool.ts";
import { print } from "../tasks/terminal.ts";
import { type ExampleOptions, withSession } from "./example_session.ts";

/** In place of a service that would be asked. */
const CELSIUS: Readonly<Record<string, number>> = { recife: 29, berlin: 8, tokyo: 17 };

/** Tells how warm it is. */
export const weather: Tool = defineTool({
  name: "get_weather",
  description: "The temperature in a city now.",
  parameters: z.object({ city: z.string().describe("Name of the city") }),
  run({ city }) {
    const celsius = CELSIUS[city.toLowerCase()];
    if (celsius === undefined) throw new ToolError("There is no station in this city");
    return { city, celsius };
  },
});

/** What the emulator does with a question: it asks for the tool, and reports. */
const SCRIPT: ModelScript = {
  answers: () => ({
    calls: [{ name: "get_weather", args: { city: "Recife" } }],
    text: " It is 29 degrees in Recife.",
    pcm: new Int16Array(2_400),
  }),
};

/** Asks one question that needs the tool. */
export function askWeather(question: string, options: ExampleOptions = {}): Promise<string> {
  return withSession(
    { tools: [weather], script: SCRIPT, ...options },
    async (session) => (await session.ask(question)).text,
  );
}

if (import.meta.main) print(await askWeather(Deno.args[0] ?? "How warm is it in Recife?"));
