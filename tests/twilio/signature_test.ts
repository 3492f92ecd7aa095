import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertNotMatch,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import twilio from "twilio/lib/webhooks/webhooks.js";
import { sameText } from "../../lib/twilio/same_text.ts";
import { rawTarget } from "../../lib/twilio/signature.ts";
import { asObject, CALL, checkerFor, vendorSign } from "./signing.ts";

/** Vectors V13 and V14: the same handshake without a slash behind it and with one. */
const WITHOUT_SLASH = "XFfwGS2Ev7f9qAP9MmRoMS7C724=";
const WITH_SLASH = "7J0iz81itFhCXVuZK8EmM4YZwLA=";

Deno.test("SignatureChecker.handshake() takes a trailing slash on either side", () => {
  const checker = checkerFor("https://example.com");
  assert(checker.handshake("/media-stream", WITH_SLASH));
  assert(checker.handshake("/media-stream/", WITHOUT_SLASH));
  assertFalse(checker.handshake("/media-stream//", WITHOUT_SLASH));
});

Deno.test("SignatureChecker tells a handshake from a request", () => {
  const checker = checkerFor("https://example.com");
  assertFalse(checker.request("/media-stream", [], WITHOUT_SLASH));
  const overHttps = vendorSign("https://example.com/media-stream", []);
  assert(checker.request("/media-stream", [], overHttps));
  assertFalse(checker.handshake("/media-stream", overHttps));
});

Deno.test("SignatureChecker.handshake() makes ws of an http origin and keeps a port as an alternative", () => {
  const checker = checkerFor("http://localhost:8000");
  assert(checker.handshake("/m", vendorSign("ws://localhost:8000/m", [])));
  assert(checker.handshake("/m", vendorSign("ws://localhost/m", [])));
  assertFalse(checker.handshake("/m", vendorSign("wss://localhost:8000/m", [])));
});

Deno.test("SignatureChecker.request() takes a URL with and without its port", () => {
  const cases = [
    { publicUrl: "https://h.example", signed: ["https://h.example/v", "https://h.example:443/v"] },
    { publicUrl: "https://h.example:443", signed: ["https://h.example/v"] },
    {
      publicUrl: "https://h.example:8443",
      signed: ["https://h.example/v", "https://h.example:8443/v"],
    },
    { publicUrl: "http://h.example", signed: ["http://h.example/v", "http://h.example:80/v"] },
    { publicUrl: "http://[::1]:8000", signed: ["http://[::1]/v", "http://[::1]:8000/v"] },
    { publicUrl: "http://[::1]", signed: ["http://[::1]/v", "http://[::1]:80/v"] },
    { publicUrl: "https://H.Example/", signed: ["https://H.Example/v"] },
  ];
  for (const { publicUrl, signed } of cases) {
    for (const url of signed) {
      assert(
        checkerFor(publicUrl).request("/v", CALL, vendorSign(url, CALL)),
        `${publicUrl} ${url}`,
      );
    }
  }
  const withoutPort = checkerFor("https://h.example");
  assertFalse(withoutPort.request("/v", CALL, vendorSign("https://h.example:8443/v", CALL)));
  assertFalse(withoutPort.request("/v", CALL, vendorSign("https://h.example:80/v", CALL)));
});

Deno.test("SignatureChecker leaves out fragment, user name and password, and adds the proxy's prefix", () => {
  const signature = vendorSign("https://h.example/v?a=1", CALL);
  assert(checkerFor("https://user:p@ss@h.example").request("/v?a=1#rc=2", CALL, signature));
  const prefixed = vendorSign("https://h.example/offhook/v", CALL);
  assert(checkerFor("https://h.example/offhook").request("/v", CALL, prefixed));
  assert(checkerFor("https://h.example/offhook/").request("/v", CALL, prefixed));
  assertFalse(checkerFor("https://h.example").request("/v", CALL, prefixed));
});

Deno.test("SignatureChecker accepts every token of a rotation", () => {
  const checker = checkerFor("https://h.example", ["new", "old"]);
  for (const authToken of ["new", "old"]) {
    const signature = vendorSign("https://h.example/v", CALL, authToken);
    assert(checker.request("/v", CALL, signature));
  }
});

Deno.test("SignatureChecker refuses everything without a token, a request signed with the empty key too", () => {
  const signature = vendorSign("https://h.example/v", CALL, "");
  const handshake = vendorSign("wss://h.example/v", [], "");
  assert(twilio.validateRequest("", signature, "https://h.example/v", asObject(CALL)));
  for (const authTokens of [[], [""], ["", ""]]) {
    const checker = checkerFor("https://h.example", authTokens);
    assertFalse(checker.request("/v", CALL, signature));
    assertFalse(checker.handshake("/v", handshake));
    assertFalse(checker.request("/v", CALL, ""));
  }
});

Deno.test("SignatureChecker does not throw on a signature of any length or character [S08]", () => {
  const checker = checkerFor("https://h.example");
  const good = vendorSign("https://h.example/v", CALL);
  for (let length = 0; length < 200; length++) {
    for (const character of ["A", "=", "é", "\u{1f600}", "\ud800", "\0"]) {
      assertFalse(checker.request("/v", CALL, character.repeat(length)));
    }
    assertEquals(checker.request("/v", CALL, good.slice(0, length)), length >= good.length);
  }
  assertFalse(checker.request("/v", CALL, good + "="));
  assertFalse(checker.request("/v", CALL, good.slice(0, -1)));
});

Deno.test("SignatureChecker and StreamTokens compare by sameText() alone [S08]", async () => {
  for (const file of ["signature.ts", "stream_token.ts"]) {
    const source = await Deno.readTextFile(new URL(`../../lib/twilio/${file}`, import.meta.url));
    assertMatch(source, /sameText\(.*, (signature|mac)\)/);
    assertNotMatch(source, /\b(signature|mac) [!=]==? (?!"")/);
  }
});

Deno.test("sameText() is true for equal texts alone and throws on none [S08]", () => {
  const text = fc.string({ unit: "binary", maxLength: 40 });
  fc.assert(
    fc.property(text, text, (left, right) => {
      assertEquals(sameText(left, right), left === right);
      assert(sameText(left, left));
      assertFalse(sameText(left, `${left}x`));
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("SignatureChecker() refuses a public URL that is not an origin", () => {
  for (
    const publicUrl of [
      "",
      "h.example",
      "ftp://h.example",
      "https://",
      "https://h?x",
      "https://h#x",
      "https://h h",
    ]
  ) {
    assertThrows(() => checkerFor(publicUrl), RangeError, "public URL");
  }
});

Deno.test("rawTarget() keeps what new URL() would change", () => {
  const cases = [
    ["http://h.example/voice?name=O'Brien", "/voice?name=O'Brien"],
    ["http://h.example//a/../b?", "//a/../b?"],
    ["http://H.EXAMPLE:80/{}?a=%7B%7d", "/{}?a=%7B%7d"],
    ["http://h.example", "/"],
    ["http://h.example?x=/y", "/?x=/y"],
    ["http://h.example/?u=http://other.example/z", "/?u=http://other.example/z"],
    ["http://user:pw@h.example/a", "/a"],
  ] as const;
  for (const [url, target] of cases) assertEquals(rawTarget(url), target);
});

Deno.test("rawTarget() gives the target as it stood on the request line", async () => {
  await using server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    (request) => new Response(rawTarget(request.url)),
  );
  for (const target of ["/a'b?c=%27&d={}&", "/?", "//x", "/a%2fb;c?q=+%20"]) {
    const connection = await Deno.connect({ port: server.addr.port });
    const head = `GET ${target} HTTP/1.1\r\nHost: h.example\r\nConnection: close\r\n\r\n`;
    await connection.write(new TextEncoder().encode(head));
    const answer = await new Response(connection.readable).text();
    assertEquals(answer.split("\r\n\r\n")[1], target);
  }
});
