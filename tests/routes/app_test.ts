import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { ServedApp, VOICE_FORM } from "./served_app.ts";

const BROKEN = {
  obstacle: (): undefined => {
    throw new Error("the secret of the fault");
  },
};

Deno.test("createApp() speaks to the caller when a verified webhook meets a fault", async () => {
  await using app = await ServedApp.start({
    deps: BROKEN,
    settings: { fallbackNumber: "+15559990000" },
  });
  const { status, headers, body } = await app.post("/twilio/voice", VOICE_FORM);
  assertEquals(status, 200);
  assertEquals(headers.get("content-type"), "text/xml");
  assertStringIncludes(body, "<Say>Sorry, something went wrong on our side.");
  assertStringIncludes(body, "<Dial>+15559990000</Dial>");
  assertFalse(body.includes("secret"));
  assert(app.logged.some((line) => line.includes('"request-failed"') && line.includes("secret")));
});

Deno.test("createApp() answers 500 in JSON and keeps a fault to itself on other routes", async () => {
  await using app = await ServedApp.start({ deps: BROKEN });
  const response = await fetch(`${app.url}/readyz`);
  assertEquals(response.status, 500);
  const { error } = await response.json();
  assertEquals(error.code, "internal");
  assertFalse(error.message.includes("secret"));
});

Deno.test("createApp() answers 404 in JSON on a route that there is not", async () => {
  await using app = await ServedApp.start();
  for (const path of ["/other", "/twilio", "/api/other", "/healthz/"]) {
    const response = await fetch(app.url + path);
    assertEquals(response.status, path === "/twilio" ? 403 : 404);
    assert((await response.json()).error.code);
  }
});

Deno.test("createApp() sets headers that keep answers from being sniffed or framed", async () => {
  await using app = await ServedApp.start();
  const response = await fetch(`${app.url}/healthz`);
  await response.body?.cancel();
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
  assertEquals(response.headers.get("x-frame-options"), "SAMEORIGIN");
});

Deno.test("createApp() throws when the public URL is no origin", async () => {
  const settings = { publicUrl: "phone.example.com" };
  await assertRejects(() => ServedApp.start({ settings }), RangeError);
});
