import { assert, assertFalse } from "@std/assert";
import { rawTarget } from "../../lib/twilio/signature.ts";
import { CALL, checkerFor, type Params } from "./signing.ts";

/** The vectors of Twilio's page and tests, and some of our own, each confirmed by four implementations. */
const REQUESTS: { id: string; url: string; params: Params; signature: string }[] = [
  {
    id: "V1",
    url: "https://example.com/myapp.php?foo=1&bar=2",
    params: CALL.map(([name, value]) => [name, value.replace("5309", "5310")]),
    signature: "L/OH5YylLD5NRKLltdqwSvS0BnU=",
  },
  {
    id: "V2",
    url: "https://mycompany.com/myapp.php?foo=1&bar=2",
    params: CALL,
    signature: "RSOYDt4T1cUTdK1PDd93/VVr8B8=",
  },
  {
    id: "V3",
    url: "https://mycompany.com:443/myapp.php?foo=1&bar=2",
    params: CALL,
    signature: "kvajT1Ptam85bY51eRf/AJRuM3w=",
  },
  {
    id: "V4",
    url: "http://mycompany.com:80/myapp.php?foo=1&bar=2",
    params: CALL,
    signature: "0ZXoZLH/DfblKGATFgpif+LLRf4=",
  },
  {
    id: "V5",
    url: "http://mycompany.com:1234/myapp.php?foo=1&bar=2",
    params: CALL,
    signature: "Zmvh+3yNM1Phv2jhDCwEM3q5ebU=",
  },
  {
    id: "V6",
    url: "https://mycompany.com/myapp.php?foo=1&bar=2",
    params: [
      ["Sid", "CA123"],
      ["SidAccount", "AC123"],
      ["Digits", "5678"],
      ["Digits", "1234"],
      ["Digits", "1234"],
    ],
    signature: "IK+Dwps556ElfBT0I3Rgjkr1wJU=",
  },
  {
    id: "V7",
    url: "https://example.com/voice",
    params: [
      ["CallSid", "CA1234567890ABCDE"],
      ["CallerName", " Ana  María "],
      ["FromCity", "ZÜRICH"],
      ["FromZip", ""],
    ],
    signature: "l0nUw9DpjLKvHY+mJtGIrdtFRUw=",
  },
  {
    id: "V8",
    url: "https://example.com/voice",
    params: [["B", "1"], ["_x", "4"], ["a", "3"], ["b", "2"]],
    signature: "OaLUJYlsjiAIuNzGl7Rgilw/Zp0=",
  },
  {
    id: "V9",
    url: "https://example.com/voice?name=O'Brien",
    params: [["CallSid", "CA1"]],
    signature: "6mAvEqVcebHPlLG7Mr059q9aj34=",
  },
  {
    id: "V10",
    url: "https://example.com/voice?name=O%27Brien",
    params: [["CallSid", "CA1"]],
    signature: "sjREahTPQ1/86ezbWp4uGHdXGSQ=",
  },
  {
    id: "V11",
    url: "https://mycompany.com/myapp.php?foo=1&bar=2" +
      "&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620",
    params: [],
    signature: "a9nBmqA0ju/hNViExpshrM61xv4=",
  },
  {
    id: "V12",
    url:
      "https://example.com/voice?CallSid=CA1234567890ABCDE&From=%2B14158675310&To=%2B18005551212",
    params: [],
    signature: "xaM1gHBgkwFujf6rWwmlpljvuZo=",
  },
  {
    id: "V15",
    url: "https://example.com/media-stream",
    params: [],
    signature: "+Nt/WUHH2g+0+t2rLN3k9fNhfEw=",
  },
  {
    id: "V18",
    url: "https://example.com/stream-status",
    params: [
      ["AccountSid", "AC00000000000000000000000000000001"],
      ["CallSid", "CA00000000000000000000000000000002"],
      ["StreamEvent", "stream-started"],
      ["StreamName", "MZ00000000000000000000000000000003"],
      ["StreamSid", "MZ00000000000000000000000000000003"],
      ["Timestamp", "2026-01-02T03:04:05.678Z"],
    ],
    signature: "o03jbHl0u5ufuD8oHlDIbWt49EA=",
  },
];

/** Handshakes at `wss://example.com`. */
const HANDSHAKES = [
  { id: "V13", target: "/media-stream", signature: "XFfwGS2Ev7f9qAP9MmRoMS7C724=" },
  { id: "V14", target: "/media-stream/", signature: "7J0iz81itFhCXVuZK8EmM4YZwLA=" },
  { id: "V16", target: "/", signature: "WhInc32piEQH5iWNct/7FHs5ew8=" },
  { id: "V17", target: "/", signature: "hoaxtdkWNBxVYCmDLq7UdjDdXIg=" },
] as const;

function originOf(url: string): string {
  return url.slice(0, url.indexOf("/", url.indexOf("://") + 3));
}

for (const { id, url, params, signature } of REQUESTS) {
  Deno.test(`SignatureChecker.request() accepts vector ${id} and no other value of it`, () => {
    const checker = checkerFor(originOf(url));
    const target = rawTarget(url);
    assert(checker.request(target, params, signature));
    assert(checker.request(target, params.toReversed(), signature));
    assertFalse(checker.request(`${target}x`, params, signature));
    assertFalse(checker.request(target, [...params, ["New", ""]], signature));
    assertFalse(checker.request(target, params, signature.toLowerCase()));
    assertFalse(checker.request(target, params, null));
    assertFalse(checkerFor(originOf(url), ["12346"]).request(target, params, signature));
  });
}

for (const { id, target, signature } of HANDSHAKES) {
  Deno.test(`SignatureChecker.handshake() accepts vector ${id}`, () => {
    assert(checkerFor("https://example.com").handshake(target, signature));
    assertFalse(checkerFor("https://example.org").handshake(target, signature));
    assertFalse(checkerFor("https://example.com").handshake(`/x${target}`, signature));
    assertFalse(checkerFor("https://example.com").handshake(target, null));
  });
}
