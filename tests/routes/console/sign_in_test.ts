import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { type RawResponse, sendRaw } from "../../support/raw_http.ts";
import { RICH_CALL } from "../../support/kept_calls.ts";
import { PUBLIC_URL, ServedApp } from "../served_app.ts";

const TOKEN = "correct-horse-battery";

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Asks as a browser does that has come by the public address. */
function ask(app: ServedApp, target: string, asked: Asked = {}): Promise<RawResponse> {
  const { method = "GET", headers = {}, body = "" } = asked;
  return sendRaw(app.port, {
    method,
    target,
    headers: {
      Host: "phone.example.com",
      ...(body === "" ? {} : { "Content-Length": String(body.length) }),
      ...headers,
    },
    body,
  });
}

/** Signs in. @returns The cookie as a browser sends it, and the whole of what was set */
async function signIn(app: ServedApp): Promise<{ cookie: string; set: string }> {
  const answer = await ask(app, "/sign-in", form({ token: TOKEN, next: "/calls" }));
  assertEquals([answer.status, answer.headers.get("location")], [303, "/calls"]);
  const set = answer.headers.get("set-cookie") ?? "";
  return { cookie: set.split(";")[0] ?? "", set };
}

function form(fields: Readonly<Record<string, string>>, origin = PUBLIC_URL): Asked {
  return {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded", Origin: origin },
    body: new URLSearchParams(fields).toString(),
  };
}

function withToken(): Promise<ServedApp> {
  return ServedApp.start({ settings: { consoleToken: TOKEN } });
}

Deno.test("a page asks for the token, and the token opens it by a cookie that does not hold it [S09]", async () => {
  await using app = await withToken();
  const asked = await ask(app, "/calls/CA1");
  assertEquals(asked.status, 401);
  assertStringIncludes(asked.body, `<input type="hidden" name="next" value="/calls/CA1"`);
  const { cookie, set } = await signIn(app);
  for (const part of ["Path=/", "HttpOnly", "SameSite=Strict", "Secure", "Max-Age=43200"]) {
    assert(set.split("; ").includes(part), `${part} is not set`);
  }
  assertFalse(set.includes(TOKEN));
  assertFalse(decodeURIComponent(set).includes(btoa(TOKEN)));
  for (const path of ["/", "/calls", "/agents", "/try", "/api/calls", "/api/agents"]) {
    assertEquals((await ask(app, path, { headers: { Cookie: cookie } })).status, 200, path);
  }
  const out = await ask(app, "/sign-out", {
    method: "POST",
    headers: { Cookie: cookie, Origin: PUBLIC_URL },
  });
  assertStringIncludes(out.headers.get("set-cookie") ?? "", "offhook_session=; Path=/; Max-Age=0");
});

Deno.test("no, a wrong or a worn-out proof opens nothing, and hangs up on nobody [S09]", async () => {
  await using app = await withToken();
  const { cookie } = await signIn(app);
  const [name = "", value = ""] = cookie.split("=");
  const [expires = "", nonce = "", mac = ""] = value.split(".");
  const later = `${Number(expires) + 1}.${nonce}.${mac}`;
  const proofs: Readonly<Record<string, string>>[] = [
    {},
    { Authorization: "Bearer wrong" },
    { Authorization: `Basic ${btoa(`x:${TOKEN}`)}` },
    { Cookie: `${name}=${TOKEN}` },
    { Cookie: `${name}=${later}` },
    { Cookie: `${name}=${expires}.${nonce}.${"0".repeat(64)}` },
    { Cookie: `other=${value}` },
    { Cookie: cookie, Authorization: "Bearer wrong" },
  ];
  const refused = async (headers: Readonly<Record<string, string>>) => {
    for (const path of ["/", "/calls", "/api/calls", "/api/calls/live/events"]) {
      assertEquals((await ask(app, path, { headers })).status, 401, path);
    }
    for (const path of ["/api/calls/CA1/hangup", "/api/softphone/calls"]) {
      const order = { method: "POST", body: "{}", headers: { ...headers, ...json(PUBLIC_URL) } };
      assertEquals((await ask(app, path, order)).status, 401, path);
    }
  };
  for (const headers of proofs) await refused(headers);
  await app.clock.advance(12 * 3_600_000);
  await refused({ Cookie: cookie });
});

Deno.test("a wrong token is told so, and a next place is one of ours", async () => {
  await using app = await withToken();
  const wrong = await ask(app, "/sign-in", form({ token: "wrong", next: "/try" }));
  assertEquals(wrong.status, 401);
  assertStringIncludes(wrong.body, "This is not the console token");
  for (const next of ["//evil.example", "https://evil.example", "/\\evil.example", "/api/calls"]) {
    const answer = await ask(app, "/sign-in", form({ token: TOKEN, next }));
    assertEquals([answer.status, answer.headers.get("location")], [303, "/"], next);
  }
  const large = await ask(app, "/sign-in", form({ token: TOKEN, next: "x".repeat(9_000) }));
  assertEquals(large.status, 401);
});

/** Origins of pages that are not ours, as near as they come. */
const FOREIGN = [
  "https://evil.example",
  "null",
  "https://phone.example.com.evil.example",
  "https://xphone.example.com",
  "http://phone.example.com",
  "https://phone.example.com:8443",
  "https://PHONE.example.com.",
  "https://phone.example.com/",
];

Deno.test("no page of another site hangs up, calls, signs in or opens a socket with the cookie of ours [W01 W02]", async () => {
  await using app = await withToken();
  const { cookie } = await signIn(app);
  const orders = ["/api/calls/CA1/hangup", "/api/softphone/calls"];
  for (const origin of [...FOREIGN, undefined]) {
    const from: Record<string, string> = origin === undefined ? {} : { Origin: origin };
    for (const path of orders) {
      const headers = { Cookie: cookie, ...json(), ...from };
      const answer = await ask(app, path, { method: "POST", body: "{}", headers });
      assertEquals(answer.status, 403, `${path} from ${origin}`);
    }
    const socket = await ask(app, "/api/softphone/media", {
      headers: { Cookie: cookie, ...HANDSHAKE, ...from },
    });
    assertEquals(socket.status, 403, `socket from ${origin}`);
    const asked = form({ token: TOKEN });
    const { Origin: _ours, ...rest } = asked.headers ?? {};
    const signedIn = await ask(app, "/sign-in", { ...asked, headers: { ...rest, ...from } });
    assertEquals(signedIn.status, 403, `sign-in from ${origin}`);
  }
  const ours = { Cookie: cookie, ...json(PUBLIC_URL) };
  const unknown = { method: "POST", body: "{}", headers: ours };
  assertEquals((await ask(app, "/api/calls/CA1/hangup", unknown)).status, 404);
});

Deno.test("an order that is not JSON is refused, whoever sends it [W02]", async () => {
  await using app = await ServedApp.start();
  for (
    const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
  ) {
    for (const path of ["/api/calls/CA1/hangup", "/api/softphone/calls"]) {
      const response = await fetch(app.url + path, {
        method: "POST",
        headers: { "content-type": type },
        body: "{}",
      });
      await response.body?.cancel();
      assertEquals(response.status, 415);
    }
  }
});

Deno.test("without a token pages of other sites are refused on this machine too [W02]", async () => {
  await using app = await ServedApp.start();
  const host = `localhost:${app.port}`;
  for (const origin of ["https://evil.example", "null", "http://localhost:1", `https://${host}`]) {
    const headers = { Host: host, ...json(origin) };
    const order = { method: "POST", body: "{}", headers };
    assertEquals((await ask(app, "/api/calls/CA1/hangup", order)).status, 403);
    const socket = { headers: { Host: host, Origin: origin, ...HANDSHAKE } };
    assertEquals((await ask(app, "/api/softphone/media", socket)).status, 403);
  }
  const elsewhere = await ask(app, "/calls");
  assertEquals(elsewhere.status, 403);
  assertStringIncludes(elsewhere.body, "Set <code>CONSOLE_TOKEN</code>");
});

Deno.test("who has no right learns nothing of a call, not even that there is one [W04]", async () => {
  await using app = await withToken();
  app.records.save(RICH_CALL);
  const answers = async (path: (callSid: string) => string, asked: Asked = {}) => {
    const [known, unknown] = await Promise.all(
      [RICH_CALL.callSid, "CA9"].map((callSid) => ask(app, path(callSid), asked)),
    );
    return [known, unknown].map((
      answer,
    ) => [answer?.status, answer?.body.replaceAll(/CA\d+/g, "")]);
  };
  const order = { method: "POST", body: "{}", headers: json(PUBLIC_URL) };
  for (
    const [known, unknown] of [
      await answers((name) => `/calls/${name}`),
      await answers((name) => `/api/calls/${name}`),
      await answers((name) => `/api/calls/${name}/events`),
      await answers((name) => `/api/calls/${name}/recording`),
      await answers((name) => `/api/calls/${name}/hangup`, order),
    ]
  ) {
    assertEquals(known, unknown);
    assertEquals(known?.[0], 401);
  }
});

const HANDSHAKE = {
  Connection: "Upgrade",
  Upgrade: "websocket",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
};

function json(origin?: string): Record<string, string> {
  const type = { "Content-Type": "application/json" };
  return origin === undefined ? type : { ...type, Origin: origin };
}
