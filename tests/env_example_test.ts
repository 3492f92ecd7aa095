import { assertEquals } from "@std/assert";
import { readSettings } from "../lib/env.ts";

Deno.test("readSettings() reads .env.example as the defaults", async () => {
  const text = await Deno.readTextFile(new URL("../.env.example", import.meta.url));
  const env = Object.fromEntries(
    text.split("\n").filter((line) => /^[A-Z]/.test(line)).map((line) => line.split("=", 2)),
  );
  assertEquals(readSettings(env, "dev"), readSettings({}, "dev"));
  assertEquals(Object.keys(env).length, 29);
});
