import { assertEquals } from "@std/assert";
import { readSettings } from "../lib/env.ts";

const PUBLIC = {
  PUBLIC_URL: "https://phone.example.com",
  TWILIO_ACCOUNT_SID: "AC0123456789abcdef0123456789abcdef",
  TWILIO_AUTH_TOKEN: "twilio-token",
  GEMINI_API_KEY: "gemini-key",
};

Deno.test("readSettings() takes files and addresses as KV_PATH", () => {
  const places = ["kv.sqlite3", "/var/lib/offhook/kv", "C:\\kv", "http://10.0.0.7:4512"];
  for (const KV_PATH of places) assertEquals(readSettings({ KV_PATH }, "dev").kvPath, KV_PATH);
});

Deno.test("readSettings() takes every SECRET_ as a secret of tools, and no other variable", () => {
  const env = { SECRET_CRM: "a", SECRET_: "b", MY_SECRET_X: "c", SECRET_A_1: "d", SECRET_E: "" };
  assertEquals([...readSettings(env, "dev").secrets], [["CRM", "a"], ["A_1", "d"]]);
});

Deno.test("readSettings() drains for 3 s and leaves the store to the host when on Deno Deploy", () => {
  const onDeploy = { ...PUBLIC, DENO_DEPLOY: "1" };
  const { drainSeconds, kvPath, isOnDeploy } = readSettings(onDeploy, "start");
  assertEquals([drainSeconds, kvPath, isOnDeploy], [3, undefined, true]);
  const longer = readSettings({ ...onDeploy, DRAIN_SECONDS: "4" }, "start");
  assertEquals(longer.drainSeconds, 4);
});
