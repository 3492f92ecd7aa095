import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { readResponse, sendRaw } from "../../support/raw_http.ts";
import { ACCOUNT_SID, sign } from "../../support/sign.ts";
import { PUBLIC_URL, ServedApp, tokenIn, VOICE_FORM } from "../served_app.ts";

const FORM_ROUTES = ["/twilio/voice", "/twilio/stream-ended", "/twilio/status"];
const FORM_TYPE = "application/x-www-form-urlencoded";
const RIGHT = sign(`${PUBLIC_URL}/twilio/voice`, VOICE_FORM);

Deno.test("verifyForm() answers 403 before the body is there when no signature came [S01]", async () => {
  await using app = await ServedApp.start();
  const signatures = [
    {},
    { "X-Twilio-Signature": "" },
    { "X-Twilio-Signature": " " },
    { "X-Twilio-Signature": RIGHT.slice(1) },
    { "X-Twilio-Signature": `${RIGHT}=` },
    { "X-Twilio-Signature": RIGHT.replace("=", "!") },
  ];
  for (const target of FORM_ROUTES) {
    for (const signature of signatures) {
      const { status } = await sendRaw(app.port, {
        target,
        headers: {
          Host: "phone.example.com",
          "Content-Type": FORM_TYPE,
          // Never sent: whoever waits for it gives no answer.
          "Content-Length": "100",
          ...signature,
        },
      });
      assertEquals(status, 403);
    }
  }
  assertEquals(app.clock.pendingTimers, 0);
});

Deno.test("verifyHandshake() answers 403 when no signature came [S01]", async () => {
  await using app = await ServedApp.start();
  for (const target of ["/twilio/media", "/twilio/media/"]) {
    const response = await fetch(app.url + target, { headers: { "X-Twilio-Signature": "" } });
    assertEquals(response.status, 403);
    await response.body?.cancel();
  }
});

Deno.test("verifyForm() answers 403 on every route when the auth token is empty", async () => {
  await using app = await ServedApp.start({ settings: { twilioAuthToken: "" } });
  for (const path of FORM_ROUTES) {
    const signature = sign(PUBLIC_URL + path, VOICE_FORM, "");
    const { status } = await app.post(path, VOICE_FORM, { "X-Twilio-Signature": signature });
    assertEquals(status, 403);
  }
});

Deno.test("verifyForm() answers 403 when another account signed in", async () => {
  const form = { ...VOICE_FORM, AccountSid: ACCOUNT_SID.replace("1", "2") };
  await using app = await ServedApp.start();
  assertEquals((await app.post("/twilio/voice", form)).status, 403);
  await using anyAccount = await ServedApp.start({ settings: { twilioAccountSid: undefined } });
  assertEquals((await anyAccount.post("/twilio/voice", form)).status, 200);
});

Deno.test("verifyForm() lets requests in however a proxy has changed them on the way [S04]", async (t) => {
  const variants: Record<string, Record<string, string>> = {
    "direct": { Host: "127.0.0.1" },
    "public host": { Host: "phone.example.com" },
    "public host and port": { Host: "phone.example.com:443" },
    "inner host and port": { Host: "offhook.internal:8000" },
    "upper case": { Host: "PHONE.EXAMPLE.COM" },
    "scheme forwarded": { "X-Forwarded-Proto": "https" },
    "inner scheme forwarded": { "X-Forwarded-Proto": "http" },
    "two hosts forwarded": { "X-Forwarded-Host": "phone.example.com, offhook.internal" },
    "port forwarded": { "X-Forwarded-Port": "8080" },
    "standard header": { Forwarded: "for=203.0.113.7;host=offhook.internal;proto=http" },
    "signed with the port": {
      "X-Twilio-Signature": sign("https://phone.example.com:443/twilio/voice", VOICE_FORM),
    },
    "charset in the type": { "Content-Type": `${FORM_TYPE}; charset=UTF-8` },
  };
  for (const [name, headers] of Object.entries(variants)) {
    await t.step(name, async () => {
      await using app = await ServedApp.start();
      const { status, body } = await app.post("/twilio/voice", VOICE_FORM, headers);
      assertEquals(status, 200);
      assertStringIncludes(body, ' url="wss://phone.example.com/twilio/media"');
      assertStringIncludes(body, ' action="https://phone.example.com/twilio/stream-ended#');
    });
  }
});

Deno.test("verifyForm() lets a request in whose target is a whole URL [S04]", async () => {
  await using app = await ServedApp.start();
  const { status } = await app.post("/twilio/voice", VOICE_FORM);
  assertEquals(status, 200);
  const body = new URLSearchParams(VOICE_FORM).toString();
  const whole = await sendRaw(app.port, {
    target: "http://offhook.internal/twilio/voice",
    headers: {
      Host: "offhook.internal",
      "Content-Type": FORM_TYPE,
      "Content-Length": String(body.length),
      "X-Twilio-Signature": RIGHT,
    },
    body,
  });
  assertEquals(whole.status, 200);
});

Deno.test("verifyHandshake() lets the socket in with and without a slash at the end [S04]", async () => {
  await using app = await ServedApp.start();
  for (const signed of ["/twilio/media", "/twilio/media/"]) {
    for (const requested of ["/twilio/media", "/twilio/media/"]) {
      const { status } = await sendRaw(app.port, {
        method: "GET",
        target: requested,
        headers: {
          Host: "offhook.internal",
          "X-Twilio-Signature": sign(`wss://phone.example.com${signed}`),
        },
      });
      // Signed, but no handshake.
      assertEquals(status, 426);
    }
  }
});

Deno.test("verifyForm() answers 403 when headers are to bend the signed URL [S04]", async (t) => {
  const evil = { "X-Twilio-Signature": sign("https://evil.example/twilio/voice", VOICE_FORM) };
  const spoofs: Record<string, Record<string, string>> = {
    "host": { ...evil, Host: "evil.example" },
    "forwarded host": { ...evil, "X-Forwarded-Host": "evil.example" },
    "forwarded host and scheme": {
      ...evil,
      "X-Forwarded-Host": "evil.example",
      "X-Forwarded-Proto": "https",
    },
    "standard header": { ...evil, Forwarded: "host=evil.example;proto=https" },
    "original host": { ...evil, "X-Original-Host": "evil.example" },
    "original URL": { ...evil, "X-Original-URL": "https://evil.example/twilio/voice" },
    "scheme": {
      "X-Twilio-Signature": sign("http://phone.example.com/twilio/voice", VOICE_FORM),
      "X-Forwarded-Proto": "http",
    },
    "port": {
      "X-Twilio-Signature": sign("https://phone.example.com:8443/twilio/voice", VOICE_FORM),
      "X-Forwarded-Port": "8443",
    },
  };
  await using app = await ServedApp.start();
  for (const [name, headers] of Object.entries(spoofs)) {
    await t.step(name, async () => {
      assertEquals((await app.post("/twilio/voice", VOICE_FORM, headers)).status, 403);
    });
  }
});

Deno.test("verifyForm() lets no header into the document [S04]", async () => {
  await using app = await ServedApp.start();
  const { body } = await app.post("/twilio/voice", VOICE_FORM, {
    Host: "evil.example",
    "X-Forwarded-Host": "evil.example",
    Forwarded: "host=evil.example",
    Referer: "https://evil.example/",
    "User-Agent": "evil.example",
  });
  assert(tokenIn(body).length > 0);
  assertFalse(body.includes("evil.example"));
});

Deno.test("verifyForm() answers 415 when the body is no form", async () => {
  await using app = await ServedApp.start();
  for (const type of ["application/json", "multipart/form-data", `x${FORM_TYPE}`, ""]) {
    const { status } = await app.post("/twilio/voice", VOICE_FORM, { "Content-Type": type });
    assertEquals(status, 415);
  }
});

Deno.test("verifyForm() answers 413 unread when more than 64 KiB are declared [D02]", async () => {
  await using app = await ServedApp.start();
  const { status } = await sendRaw(app.port, {
    target: "/twilio/voice",
    headers: {
      Host: "phone.example.com",
      "Content-Type": FORM_TYPE,
      "Content-Length": "10000000",
      "X-Twilio-Signature": RIGHT,
    },
  });
  assertEquals(status, 413);
});

Deno.test("verifyForm() answers 413 when 10 MB come undeclared [D02]", async () => {
  await using app = await ServedApp.start();
  const response = await fetch(`${app.url}/twilio/voice`, {
    method: "POST",
    headers: { "Content-Type": FORM_TYPE, "X-Twilio-Signature": RIGHT },
    body: ReadableStream.from(pieces({ bytes: 10_000_000 })),
  });
  assertEquals(response.status, 413);
  await response.body?.cancel();
});

Deno.test("verifyForm() reads no further than the declared length when it is false [D02]", async () => {
  await using app = await ServedApp.start();
  const { status } = await app.post("/twilio/voice", VOICE_FORM, { "Content-Length": "10" });
  assertEquals(status, 403);
});

Deno.test("verifyForm() answers 408 after 5 s when the body comes too slowly [D02]", async () => {
  await using app = await ServedApp.start();
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: app.port });
  const head = [
    "POST /twilio/voice HTTP/1.1",
    "Host: phone.example.com",
    `Content-Type: ${FORM_TYPE}`,
    "Content-Length: 1000",
    `X-Twilio-Signature: ${RIGHT}`,
  ].join("\r\n");
  await connection.write(new TextEncoder().encode(`${head}\r\n\r\nCallSid=`));
  await app.until(() => app.clock.pendingTimers === 1);
  await app.clock.advance(4_999);
  await connection.write(new TextEncoder().encode("CA"));
  assertEquals(app.clock.pendingTimers, 1);
  await app.clock.advance(1);
  assertEquals((await readResponse(connection)).status, 408);
  assertEquals(app.clock.pendingTimers, 0);
});

function* pieces({ bytes }: { bytes: number }): Generator<Uint8Array<ArrayBuffer>> {
  for (let sent = 0; sent < bytes; sent += 10_000) yield new Uint8Array(10_000).fill(65);
}
