import { assertEquals, assertThrows } from "@std/assert";
import { z } from "zod";
import { apiSchema } from "../../lib/tools/tool_schema.ts";

Deno.test("apiSchema() knows all six types, nested [P38]", () => {
  const parameters = z.object({
    name: z.string().describe("Whose booking"),
    seats: z.int().min(1).max(12),
    price: z.number().optional(),
    isOutside: z.boolean(),
    courses: z.array(z.object({ dish: z.string().max(40), count: z.int() })).max(9),
    mood: z.enum(["calm", "loud"]),
    note: z.string().nullable(),
    day: z.iso.date().describe("When."),
    at: z.iso.datetime(),
  });
  assertEquals(apiSchema(parameters), {
    type: "OBJECT",
    properties: {
      name: { type: "STRING", description: "Whose booking" },
      seats: { type: "INTEGER", minimum: 1, maximum: 12 },
      price: { type: "NUMBER" },
      isOutside: { type: "BOOLEAN" },
      courses: {
        type: "ARRAY",
        maxItems: "9",
        items: {
          type: "OBJECT",
          properties: { dish: { type: "STRING", maxLength: "40" }, count: { type: "INTEGER" } },
          required: ["dish", "count"],
        },
      },
      mood: { type: "STRING", enum: ["calm", "loud"] },
      note: { type: "STRING", nullable: true },
      day: { type: "STRING", description: "When. Format: date." },
      at: { type: "STRING", format: "date-time" },
    },
    required: ["name", "seats", "isOutside", "courses", "mood", "note", "day", "at"],
  });
});

Deno.test("apiSchema() says what cannot be said, by the name of the field", () => {
  const cases: readonly [z.ZodObject, string][] = [
    [z.object({ when: z.date() }), "parameters.when: expected an object, string"],
    [
      z.object({ either: z.union([z.string(), z.number()]) }),
      "parameters.either: expected one type",
    ],
    [z.object({ list: z.array(z.unknown()) }), "parameters.list[]: expected an object"],
    [z.object({ none: z.object({}) }), "parameters.none: expected an object with fields"],
    [z.object({ one: z.literal(1) }), "parameters.one: expected texts to choose from"],
  ];
  for (const [parameters, message] of cases) {
    assertThrows(() => apiSchema(parameters), RangeError, message);
  }
});

Deno.test("apiSchema() of a tool without parameters is an empty object", () => {
  assertEquals(apiSchema(z.object({})), { type: "OBJECT", properties: {} });
});
