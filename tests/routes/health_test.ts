import { assertEquals } from "@std/assert";
import { ServedApp } from "./served_app.ts";

async function ask(app: ServedApp, path: string): Promise<number> {
  const response = await fetch(app.url + path);
  await response.body?.cancel();
  return response.status;
}

Deno.test("answerReady() is 503 while not loaded, draining or full, and answerAlive() never", async (t) => {
  const cases = [
    { name: "ready", status: 200 },
    { name: "not loaded", deps: { isReady: () => false }, status: 503 },
    { name: "draining", deps: { obstacle: () => "draining" as const }, status: 503 },
    { name: "late", deps: { obstacle: () => "overloaded" as const }, status: 503 },
    { name: "full", numbers: { maxCalls: 0 }, status: 503 },
  ];
  for (const { name, status, deps = {}, numbers = {} } of cases) {
    await t.step(name, async () => {
      await using app = await ServedApp.start({ deps, numbers });
      assertEquals(await ask(app, "/readyz"), status);
      assertEquals(await ask(app, "/healthz"), 200);
    });
  }
});

Deno.test("answerReady() counts a call from its webhook on", async () => {
  await using app = await ServedApp.start({ numbers: { maxCalls: 1 } });
  assertEquals(await ask(app, "/readyz"), 200);
  await app.admit();
  assertEquals(await ask(app, "/readyz"), 503);
  await app.clock.advance(60_000);
  assertEquals(await ask(app, "/readyz"), 200);
});
