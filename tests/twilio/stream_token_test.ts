import { assert, assertEquals, assertLess, assertMatch, assertThrows } from "@std/assert";
import fc from "fast-check";
import type { CallFacts } from "../../lib/call/leg.ts";
import { randomIds } from "../../lib/ids.ts";
import { StreamTokens } from "../../lib/twilio/stream_token.ts";
import { FakeClock } from "../support/fake_clock.ts";

const ACCOUNT = "AC" + "2".repeat(32);
const FACTS: CallFacts = {
  callSid: "CA00000000000000000000000000000001",
  from: "+14155550100",
  to: "+14155550199",
  direction: "inbound",
  agent: "default",
};

const STREAM = { term: 1, accountSid: ACCOUNT };
const START = { callSid: FACTS.callSid, accountSid: ACCOUNT };

function tokensOn(clock: FakeClock, secret = "12345"): StreamTokens {
  return new StreamTokens({ secret, clock, ids: randomIds });
}

Deno.test("StreamTokens.redeem() gives back the facts once per token [S06]", () => {
  const tokens = tokensOn(new FakeClock());
  const token = tokens.issue(FACTS, STREAM);
  assertEquals(tokens.redeem(token, START), { facts: FACTS, term: 1 });
  for (let time = 0; time < 3; time++) {
    assertEquals(tokens.redeem(token, START), { refused: "used" });
  }
  assertEquals(tokens.redeem(tokens.issue(FACTS, STREAM), START), { facts: FACTS, term: 1 });
});

Deno.test("StreamTokens.redeem() refuses another call's stream and keeps the token for its own [S06]", () => {
  const tokens = tokensOn(new FakeClock());
  const token = tokens.issue(FACTS, STREAM);
  for (const callSid of ["CA00000000000000000000000000000002", "", FACTS.callSid.toLowerCase()]) {
    assertEquals(tokens.redeem(token, { ...START, callSid }), { refused: "other-call" });
  }
  assertEquals(tokens.redeem(token, START), { facts: FACTS, term: 1 });
});

Deno.test("StreamTokens.redeem() refuses a token from 60 s on, used or not [S06]", async () => {
  const clock = new FakeClock();
  const tokens = tokensOn(clock);
  const [early, late, used] = [
    tokens.issue(FACTS, STREAM),
    tokens.issue(FACTS, STREAM),
    tokens.issue(FACTS, STREAM),
  ];
  assertEquals(tokens.redeem(used, START), { facts: FACTS, term: 1 });
  await clock.advance(59_999);
  assertEquals(tokens.redeem(early, START), { facts: FACTS, term: 1 });
  await clock.advance(1);
  for (const token of [early, late, used]) {
    assertEquals(tokens.redeem(token, START), { refused: "expired" });
  }
});

Deno.test("StreamTokens.redeem() remembers a used token for as long as it lives [S06]", async () => {
  const clock = new FakeClock();
  const tokens = tokensOn(clock);
  const token = tokens.issue(FACTS, STREAM);
  assertEquals(tokens.redeem(token, START), { facts: FACTS, term: 1 });
  for (let second = 1; second < 60; second++) {
    await clock.advance(1_000);
    const other = tokens.issue(FACTS, STREAM);
    assertEquals(tokens.redeem(other, START), { facts: FACTS, term: 1 });
    assertEquals(tokens.redeem(token, START), { refused: "used" });
  }
});

Deno.test("StreamTokens.redeem() serves another instance's token, not another secret's [S06]", () => {
  const clock = new FakeClock();
  const token = tokensOn(clock).issue(FACTS, STREAM);
  assertEquals(tokensOn(clock).redeem(token, START), { facts: FACTS, term: 1 });
  assertEquals(tokensOn(clock, "12346").redeem(token, START), { refused: "forged" });
});

Deno.test("StreamTokens.redeem() refuses every changed character [S06]", () => {
  const tokens = tokensOn(new FakeClock());
  const token = tokens.issue(FACTS, STREAM);
  for (let at = 0; at < token.length; at++) {
    for (const character of ["A", "z", "-", ".", "", "=", "\u{1f600}"]) {
      const changed = token.slice(0, at) + character + token.slice(at + 1);
      if (changed === token) continue;
      assert("refused" in tokens.redeem(changed, START), `character ${at}`);
    }
  }
  assertEquals(tokens.redeem(token, START), { facts: FACTS, term: 1 });
});

Deno.test("StreamTokens.redeem() calls malformed what never was a token", () => {
  const tokens = tokensOn(new FakeClock());
  const body = tokens.issue(FACTS, STREAM).split(".")[0] ?? "";
  for (const token of ["", ".", "x", "x.", ".x", "a.b.c", `${body}.`, "x".repeat(1_000_000)]) {
    assertEquals(tokens.redeem(token, START), { refused: "malformed" });
  }
  assertEquals(tokens.redeem(`${body}.\ud800é`, START), { refused: "forged" });
});

Deno.test("StreamTokens.redeem() refuses any other text [S06][C02]", () => {
  const tokens = tokensOn(new FakeClock());
  const piece = fc.oneof(fc.string({ unit: "binary" }), fc.base64String());
  fc.assert(
    fc.property(piece, piece, (body, mac) => {
      assert("refused" in tokens.redeem(`${body}.${mac}`, START));
      assert("refused" in tokens.redeem(body, START));
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("StreamTokens.issue() fits a parameter whoever calls, and cuts names at whole characters [C02]", () => {
  const tokens = tokensOn(new FakeClock());
  const party = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc.array(fc.nat(0xffff), { maxLength: 200 }).map((units) => String.fromCharCode(...units)),
    fc.constant("\0".repeat(100)),
    fc.constant("\u{1f600}".repeat(100)),
  );
  fc.assert(
    fc.property(party, party, (from, to) => {
      const token = tokens.issue({
        ...FACTS,
        from,
        to,
        agent: "a".repeat(48),
        direction: "outbound",
      }, STREAM);
      assertLess(token.length, 480);
      assertMatch(token, /^[\w-]+\.[\w-]+$/);
      const redeemed = tokens.redeem(token, START);
      assert("facts" in redeemed);
      for (const [kept, given] of [[redeemed.facts.from, from], [redeemed.facts.to, to]] as const) {
        assert(given.startsWith(kept));
        assert(kept === given || JSON.stringify(kept).length > 16, "cut too early");
        assert(!given.isWellFormed() || kept.isWellFormed(), "half a character");
      }
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("StreamTokens.issue() keeps numbers and usual addresses whole", () => {
  const tokens = tokensOn(new FakeClock());
  for (
    const from of ["+4915212345678901", "anonymous", "sip:+15551234567@example.pstn.twilio.com", ""]
  ) {
    const token = tokens.issue({ ...FACTS, from }, STREAM);
    assertEquals(tokens.redeem(token, START), { facts: { ...FACTS, from }, term: 1 });
  }
});

Deno.test("StreamTokens refuses an empty secret, and facts that no parameter could carry", () => {
  const clock = new FakeClock();
  assertThrows(() => tokensOn(clock, ""), RangeError, "secret is empty");
  const facts = { ...FACTS, agent: "a".repeat(200) };
  assertThrows(() => tokensOn(clock).issue(facts, STREAM), RangeError, "too long");
});

Deno.test("StreamTokens.redeem() refuses a stream of another account [S06]", () => {
  const tokens = tokensOn(new FakeClock());
  const token = tokens.issue(FACTS, STREAM);
  for (const accountSid of ["AC" + "3".repeat(32), "", ACCOUNT.toLowerCase()]) {
    assertEquals(tokens.redeem(token, { ...START, accountSid }), { refused: "forged" });
  }
  assertEquals(tokens.redeem(token, START), { facts: FACTS, term: 1 });
});

Deno.test("StreamTokens.redeem() gives back the term of a call that has come back", () => {
  const tokens = tokensOn(new FakeClock());
  const token = tokens.issue(FACTS, { ...STREAM, term: 3 });
  assertEquals(tokens.redeem(token, START), { facts: FACTS, term: 3 });
});

Deno.test("StreamTokens.redeem() judges by 5 minutes more or less where clocks may differ, and exactly here [K03]", async () => {
  const jumps = [-3_600_000, 0, 3_600_000];
  for (const jumpMs of jumps) {
    const clock = new FakeClock();
    const tokens = tokensOn(clock);
    const [early, late] = [tokens.issue(FACTS, STREAM), tokens.issue(FACTS, STREAM)];
    clock.jumpWallClock(jumpMs);
    await clock.advance(59_999);
    assertEquals(tokens.redeem(early, START), { facts: FACTS, term: 1 });
    await clock.advance(1);
    assertEquals(tokens.redeem(late, START), { refused: "expired" });
  }
  const cases = [[-3_600_000, true], [0, true], [359_999, true], [360_000, false]] as const;
  for (const [aheadMs, isGood] of cases) {
    const [here, there] = [new FakeClock(), new FakeClock()];
    there.jumpWallClock(aheadMs);
    const redeemed = tokensOn(there).redeem(tokensOn(here).issue(FACTS, STREAM), START);
    assertEquals("facts" in redeemed, isGood, `${aheadMs} ms ahead`);
  }
});
