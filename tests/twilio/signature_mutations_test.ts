import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import twilio from "twilio/lib/webhooks/webhooks.js";
import { asObject, AUTH_TOKEN, checkerFor, type Params, vendorSign } from "./signing.ts";

const name = fc.oneof(
  fc.constantFrom("CallSid", "From", "To", "Digits", "A", "a", "Body", "toString", "__proto__"),
  fc.string({ minLength: 1, maxLength: 6, unit: "grapheme" }),
);
const value = fc.oneof(fc.constant(""), fc.string({ maxLength: 12, unit: "binary" }));
const entries = fc.array(fc.tuple(name, value), { maxLength: 12 });
const target = fc.webPath().chain((path) =>
  fc.webQueryParameters().map((query) => `/${path.replace(/^\/+/, "")}${query && `?${query}`}`)
);
const origin = fc.constantFrom(
  "https://h.example",
  "https://h.example:8443",
  "http://h.example",
  "http://127.0.0.1:8000",
);

Deno.test("SignatureChecker.request() agrees with the vendor's package on generated requests [C02]", () => {
  fc.assert(
    fc.property(origin, target, entries, fc.boolean(), (publicUrl, path, params, keepPort) => {
      const url = (keepPort ? publicUrl : publicUrl.replace(/:\d+$/, "")) + path;
      const signature = vendorSign(url, params);
      assert(twilio.validateRequest(AUTH_TOKEN, signature, publicUrl + path, asObject(params)));
      assert(checkerFor(publicUrl).request(path, params, signature));
    }),
    { numRuns: 5_000 },
  );
});

type Request = { target: string; params: Params };
type Mutation = (request: Request, at: number, text: string) => Request;

function withParams({ target, params }: Request, change: (params: Params) => Params): Request {
  return { target, params: change([...params]) };
}

/** What may be done to a signed request, and whether it says the same after it. */
const MUTATIONS: { kind: string; same: boolean; mutate: Mutation }[] = [
  {
    kind: "order",
    same: true,
    mutate: (request, at) =>
      withParams(request, (params) => [...params.slice(at), ...params.slice(0, at)].toReversed()),
  },
  {
    kind: "doubled",
    same: true,
    mutate: (request, at) =>
      withParams(request, (params) => [...params, ...params.slice(at, at + 1)]),
  },
  {
    kind: "value",
    same: false,
    mutate: (request, at, text) =>
      withParams(request, (params) => params.map(([n, v], i) => [n, i === at ? v + text : v])),
  },
  {
    kind: "one character of a value",
    same: false,
    mutate: (request, at) =>
      withParams(
        request,
        (params) =>
          params.map(([n, v], i) =>
            i === at && v !== "" ? [n, (v[0] === "x" ? "y" : "x") + v.slice(1)] : [n, v]
          ),
      ),
  },
  {
    kind: "added",
    same: false,
    mutate: (request, _at, text) => withParams(request, (params) => [...params, [text, text]]),
  },
  {
    kind: "empty parameter added",
    same: false,
    mutate: (request, _at, text) => withParams(request, (params) => [...params, [text, ""]]),
  },
  {
    kind: "removed",
    same: false,
    mutate: (request, at) => withParams(request, (params) => params.toSpliced(at, 1)),
  },
  {
    kind: "URL, longer",
    same: false,
    mutate: ({ target, params }, _at, text) => ({
      target: target + encodeURIComponent(text),
      params,
    }),
  },
  {
    kind: "URL, a character",
    same: false,
    mutate: ({ target, params }) => ({
      target: `/${target[1] === "q" ? "r" : "q"}${target.slice(2)}`,
      params,
    }),
  },
];

/** What a request says: its target, and each entry once, whatever their order. */
function meaningOf({ target, params }: Request): string {
  const pairs = new Set(params.map((entry) => JSON.stringify(entry)));
  return JSON.stringify([target, [...pairs].sort()]);
}

Deno.test("SignatureChecker.request() accepts and refuses exactly right on 10,000 mutations [S02][C02]", () => {
  const checker = checkerFor("https://h.example");
  const words = fc.stringMatching(/^[a-z]{1,8}$/);
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(
      target,
      fc.array(fc.tuple(name, value), { minLength: 1, maxLength: 8 }),
      fc.constantFrom(...MUTATIONS),
      fc.nat(7),
      words,
      (path, params, { kind, same, mutate }, position, text) => {
        const request = { target: path, params };
        const signature = vendorSign(`https://h.example${path}`, params);
        assert(checker.request(path, params, signature), "false reject of the original");
        const mutant = mutate(request, position % params.length, text);
        const accepted = checker.request(mutant.target, mutant.params, signature);
        const unchanged = meaningOf(mutant) === meaningOf(request);
        assert(unchanged || !same, `${kind} is no change`);
        // Names and values are signed without separators, so the vendor's own signature may be the same.
        const alike = vendorSign(`https://h.example${mutant.target}`, mutant.params) === signature;
        assertEquals(accepted, alike, `${kind} against the vendor's package`);
        if (unchanged) assert(accepted, `false reject: ${kind}`);
        else if (!alike) seen.set(kind, (seen.get(kind) ?? 0) + 1);
      },
    ),
    { numRuns: 10_000 },
  );
  for (const { kind, same } of MUTATIONS) {
    if (!same) assert((seen.get(kind) ?? 0) > 300, `too few of: ${kind}`);
  }
});
