import { assertEquals, assertStringIncludes } from "@std/assert";
import { verifyLocalOrToken } from "../../../routes/guards/local_or_token.ts";
import { sendRaw } from "../../support/raw_http.ts";
import { ServedApp } from "../served_app.ts";

/** Status of the refusal; 200 stands for none. */
function ask(
  headers: Record<string, string>,
  { token, peerAddress = "127.0.0.1" }: { token?: string; peerAddress?: string | undefined } = {},
): number {
  const request = new Request("http://localhost:8000/api/calls", { headers });
  return verifyLocalOrToken(request, { token, peerAddress })?.status ?? 200;
}

Deno.test("verifyLocalOrToken() lets direct loopback requests in when no token is set", () => {
  for (const peerAddress of ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"]) {
    for (const host of ["localhost:8000", "localhost", "LOCALHOST", "127.0.0.1:8000", "[::1]:80"]) {
      assertEquals(ask({ host }, { peerAddress }), 200);
      assertEquals(ask({ host, origin: `http://${host}` }, { peerAddress }), 200);
    }
  }
});

Deno.test("verifyLocalOrToken() refuses whatever may have come from elsewhere when no token is set", () => {
  const host = "localhost:8000";
  for (
    const peerAddress of ["192.168.1.7", "10.0.0.1", "::2", "1127.0.0.1", "127.0.0.1.evil", ""]
  ) {
    assertEquals(ask({ host }, { peerAddress }), 403);
  }
  for (const name of ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", ""]) {
    assertEquals(ask({ host: name }), 403);
  }
  const origins = ["null", "http://evil.example", "https://localhost:8000", "http://localhost:80"];
  for (const origin of origins) assertEquals(ask({ host, origin }), 403);
  const forwarding = [
    "Forwarded",
    "Via",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "X-Forwarded",
    "X-Real-IP",
    "X-Original-Host",
    "CF-Connecting-IP",
    "CDN-Loop",
    "True-Client-IP",
    "Fly-Client-IP",
    "Tailscale-User-Login",
    "Ngrok-Trace-Id",
  ];
  for (const name of forwarding) assertEquals(ask({ host, [name]: "x" }), 403);
});

Deno.test("verifyLocalOrToken() lets only the token in when one is set", () => {
  const token = "correct-horse";
  const far = { token, peerAddress: "203.0.113.7" };
  const host = "phone.example.com";
  assertEquals(ask({ host, authorization: `Bearer ${token}` }, far), 200);
  assertEquals(ask({ host, authorization: `bearer ${token}` }, far), 200);
  const wrong = ["", "Bearer", "Bearer ", `Basic ${token}`, token, `Bearer ${token}x`, "Bearer c"];
  for (const authorization of wrong) assertEquals(ask({ host, authorization }, far), 401);
  assertEquals(ask({ host: "localhost" }, { token }), 401);
});

Deno.test("verifyLocalOrToken() takes the peer's address from the connection", async () => {
  await using app = await ServedApp.start();
  const local = await sendRaw(app.port, {
    method: "GET",
    target: "/api/calls",
    headers: { Host: `localhost:${app.port}` },
  });
  assertEquals(local.status, 200);
  const tunnelled = await sendRaw(app.port, {
    method: "GET",
    target: "/api/calls",
    headers: { Host: "phone.example.com", "X-Forwarded-For": "127.0.0.1" },
  });
  assertEquals(tunnelled.status, 403);
  assertStringIncludes(tunnelled.body, "set CONSOLE_TOKEN");
});
