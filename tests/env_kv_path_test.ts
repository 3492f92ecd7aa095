import { assertEquals } from "@std/assert";
import { readSettings } from "../lib/env.ts";

Deno.test("readSettings() takes files and addresses as KV_PATH", () => {
  const places = ["kv.sqlite3", "/var/lib/offhook/kv", "C:\\kv", "http://10.0.0.7:4512"];
  for (const KV_PATH of places) assertEquals(readSettings({ KV_PATH }, "dev").kvPath, KV_PATH);
});
