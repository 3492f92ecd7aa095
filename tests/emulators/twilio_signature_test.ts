import { assertEquals } from "@std/assert";
import { signTwilioRequest } from "../../emulators/twilio_signature.ts";

/** Vectors of Twilio's own tests, and more that four implementations agree on; the token is `12345`. */
const MY_COMPANY = {
  CallSid: "CA1234567890ABCDE",
  Caller: "+14158675309",
  Digits: "1234",
  From: "+14158675309",
  To: "+18005551212",
};
const VECTORS: readonly [
  url: string,
  parameters: Record<string, string> | [string, string][] | undefined,
  signature: string,
][] = [
  [
    "https://example.com/myapp.php?foo=1&bar=2",
    { ...MY_COMPANY, Caller: "+14158675310", From: "+14158675310" },
    "L/OH5YylLD5NRKLltdqwSvS0BnU=",
  ],
  ["https://mycompany.com/myapp.php?foo=1&bar=2", MY_COMPANY, "RSOYDt4T1cUTdK1PDd93/VVr8B8="],
  ["https://mycompany.com:443/myapp.php?foo=1&bar=2", MY_COMPANY, "kvajT1Ptam85bY51eRf/AJRuM3w="],
  ["http://mycompany.com:80/myapp.php?foo=1&bar=2", MY_COMPANY, "0ZXoZLH/DfblKGATFgpif+LLRf4="],
  ["http://mycompany.com:1234/myapp.php?foo=1&bar=2", MY_COMPANY, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="],
  ["https://mycompany.com/myapp.php?foo=1&bar=2", [
    ["Sid", "CA123"],
    ["SidAccount", "AC123"],
    ["Digits", "5678"],
    ["Digits", "1234"],
    ["Digits", "1234"],
  ], "IK+Dwps556ElfBT0I3Rgjkr1wJU="],
  ["https://example.com/voice", {
    CallSid: "CA1234567890ABCDE",
    CallerName: " Ana  María ",
    FromCity: "ZÜRICH",
    FromZip: "",
  }, "l0nUw9DpjLKvHY+mJtGIrdtFRUw="],
  [
    "https://example.com/voice",
    { B: "1", _x: "4", a: "3", b: "2" },
    "OaLUJYlsjiAIuNzGl7Rgilw/Zp0=",
  ],
  ["https://example.com/voice?name=O'Brien", { CallSid: "CA1" }, "6mAvEqVcebHPlLG7Mr059q9aj34="],
  ["https://example.com/voice?name=O%27Brien", { CallSid: "CA1" }, "sjREahTPQ1/86ezbWp4uGHdXGSQ="],
  [
    "https://mycompany.com/myapp.php?foo=1&bar=2&bodySHA256=" +
    "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
    undefined,
    "a9nBmqA0ju/hNViExpshrM61xv4=",
  ],
  [
    "https://example.com/voice?CallSid=CA1234567890ABCDE&From=%2B14158675310&To=%2B18005551212",
    undefined,
    "xaM1gHBgkwFujf6rWwmlpljvuZo=",
  ],
  ["wss://example.com/media-stream", undefined, "XFfwGS2Ev7f9qAP9MmRoMS7C724="],
  ["wss://example.com/media-stream/", undefined, "7J0iz81itFhCXVuZK8EmM4YZwLA="],
  ["https://example.com/media-stream", undefined, "+Nt/WUHH2g+0+t2rLN3k9fNhfEw="],
  ["wss://example.com", undefined, "WhInc32piEQH5iWNct/7FHs5ew8="],
  ["wss://example.com/", undefined, "hoaxtdkWNBxVYCmDLq7UdjDdXIg="],
  ["https://example.com/stream-status", {
    AccountSid: "AC00000000000000000000000000000001",
    CallSid: "CA00000000000000000000000000000002",
    StreamEvent: "stream-started",
    StreamName: "MZ00000000000000000000000000000003",
    StreamSid: "MZ00000000000000000000000000000003",
    Timestamp: "2026-01-02T03:04:05.678Z",
  }, "o03jbHl0u5ufuD8oHlDIbWt49EA="],
];

for (const [n, [url, parameters, signature]] of VECTORS.entries()) {
  Deno.test(`signTwilioRequest() gives the known signature for vector V${n + 1}`, () => {
    const entries = Array.isArray(parameters) ? parameters : Object.entries(parameters ?? {});
    assertEquals(signTwilioRequest("12345", { url, parameters: entries }), signature);
  });
}

Deno.test("signTwilioRequest() does not depend on the order of parameters", () => {
  const url = "https://mycompany.com/myapp.php?foo=1&bar=2";
  const parameters = Object.entries(MY_COMPANY).reverse();
  assertEquals(signTwilioRequest("12345", { url, parameters }), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
});
