import { assertEquals, assertThrows } from "@std/assert";
import { failureOf, retryRules } from "../../emulators/webhook_retries.ts";

Deno.test("retryRules() reads the fragment of a URL over Twilio's own rules", () => {
  assertEquals(retryRules("https://h/voice?a=b"), {
    retries: 1,
    after: new Set(["ct"] as const),
    readMs: 15_000,
    totalMs: 15_000,
  });
  assertEquals(retryRules("https://h/voice#rc=5&rp=5xx,rt&ct=2000&rt=5000&tt=9000"), {
    retries: 5,
    after: new Set(["rt", "5xx"] as const),
    readMs: 5_000,
    totalMs: 9_000,
  });
  assertEquals(retryRules("https://h/#rp=all").after.size, 5);
});

Deno.test("retryRules() refuses what Twilio does not know, and says why", () => {
  const wrong = ["rc=6", "rc=", "rc=x", "ct=99", "rt=15001", "tt=0", "rp=6xx", "rp=", "x=1"];
  for (const fragment of wrong) {
    assertThrows(() => retryRules(`https://h/#${fragment}`), RangeError);
  }
});

Deno.test("failureOf() tells what is wrong with an answer", () => {
  const statuses = [200, 302, 404, 499, 500, 503];
  assertEquals(
    statuses.map((status) => failureOf({ status })),
    [undefined, undefined, "4xx", "4xx", "5xx", "5xx"],
  );
  assertEquals(failureOf({ failed: "", failure: "ct" }), "ct");
});
