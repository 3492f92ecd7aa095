import { assertEquals } from "@std/assert";
import { readSettings } from "../lib/env.ts";

Deno.test("readSettings() takes files and addresses as KV_PATH", () => {
  const places = ["kv.sqlite3", "/var/lib/offhook/kv", "C:\\kv", "http://10.0.0.7:4512"];
  for (const KV_PATH of places) assertEquals(readSettings({ KV_PATH }, "dev").kvPath, KV_PATH);
});

Deno.test("readSettings() takes every SECRET_ as a secret of tools, and no other variable", () => {
  const env = { SECRET_CRM: "a", SECRET_: "b", MY_SECRET_X: "c", SECRET_A_1: "d", SECRET_E: "" };
  assertEquals([...readSettings(env, "dev").secrets], [["CRM", "a"], ["A_1", "d"]]);
});
