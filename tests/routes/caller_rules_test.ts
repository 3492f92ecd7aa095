import { assertEquals } from "@std/assert";
import type { AgentConfig } from "../../lib/agents/agent_config.ts";
import { createLog } from "../../lib/log.ts";
import { CountBook } from "../../lib/records/count_book.ts";
import { SpendBook } from "../../lib/records/spend_book.ts";
import { MemoryStore } from "../../lib/store/memory_store.ts";
import { CallerRules } from "../../routes/caller_rules.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { AGENT } from "../support/scenario.ts";

/** The rules of two instances with one store. */
function instances(maxDailyUsd?: number) {
  const clock = new FakeClock();
  const store = new MemoryStore({ clock });
  const log = createLog({ level: "error", clock, write: () => {} });
  const one = () => {
    const spending = new SpendBook({ store, clock, log });
    const counts = new CountBook({ store, clock });
    return { spending, rules: new CallerRules({ counts, spending, maxDailyUsd }) };
  };
  return { clock, first: one(), second: one() };
}

function agentWith(callers: AgentConfig["callers"]): AgentConfig {
  return { ...AGENT, callers };
}

let calls = 0;

function from(caller: string) {
  const callSid = `CA${++calls}`;
  return { callSid, from: caller, to: "+15550002222", direction: "inbound", agent: "a" } as const;
}

Deno.test("CallerRules compares numbers whole: nothing that only looks like a listed one passes [A06]", async () => {
  const { first: { rules } } = instances();
  const agent = agentWith({ allow: ["+15550001111"], deny: ["+15550009999"] });
  assertEquals(await rules.obstacle(agent, from("+15550001111")), undefined);
  const others = [
    ...["", "anonymous", "5550001111", "0001111", "15550001111", "+155500011110", "+915550001111"],
    ...[
      "+15550001111 ",
      " +15550001111",
      "+15550001111;ext=1",
      "sip:+15550001111@x",
      "+١٥٥٥٠٠٠١١١١",
    ],
    ...["client:+15550001111", "+1555000111", "*", "undefined"],
  ];
  for (const caller of others) {
    assertEquals(await rules.obstacle(agent, from(caller)), "caller-not-allowed", caller);
  }
  assertEquals(await rules.obstacle(agent, from("+15550009999")), "caller-denied");
  const open = agentWith({ deny: ["+15550009999"] });
  assertEquals(await rules.obstacle(open, from("")), undefined);
  assertEquals(await rules.obstacle(open, from("+15550009999")), "caller-denied");
});

Deno.test("CallerRules takes five calls in ten minutes and not the sixth, over two instances [A06]", async () => {
  const { clock, first, second } = instances();
  const agent = agentWith({ deny: [], rate: { calls: 5, minutes: 10 } });
  const taken: (string | undefined)[] = [];
  for (let n = 0; n < 8; n++) {
    const { rules } = n % 2 === 0 ? first : second;
    const facts = from("+15550001111");
    taken.push(await rules.obstacle(agent, facts));
    // The network asks twice.
    assertEquals(await rules.obstacle(agent, facts), taken.at(-1));
    await clock.advance(60_000);
  }
  assertEquals(taken, [
    ...Array(5).fill(undefined),
    ...Array(3).fill("caller-too-often"),
  ]);
  assertEquals(
    await first.rules.obstacle(agent, from("+15550002222")),
    undefined,
    "another caller",
  );
  await clock.advance(2 * 60_000 + 1);
  assertEquals(
    await first.rules.obstacle(agent, from("+15550001111")),
    undefined,
    "ten minutes on",
  );
});

Deno.test("CallerRules lets no more than five of a hundred calls at once in, over two instances [A06]", async () => {
  const { first, second } = instances();
  const agent = agentWith({ deny: [], rate: { calls: 5, minutes: 10 } });
  const answers = await Promise.all(
    Array.from(
      { length: 100 },
      (_, n) => (n % 2 === 0 ? first : second).rules.obstacle(agent, from("+15550001111")),
    ),
  );
  assertEquals(answers.filter((answer) => answer === undefined).length, 5);
});

Deno.test("CallerRules closes when the day's money is spent by two instances, at most one call late [A07]", async () => {
  const { clock, first, second } = instances(1);
  const agent = agentWith({ deny: [] });
  let taken = 0;
  for (let n = 0; n < 40; n++) {
    const { rules, spending } = n % 2 === 0 ? first : second;
    if (await rules.obstacle(agent, from("+15550001111")) === undefined) {
      taken++;
      rules.spent(agent, 0.07);
      rules.spent(agent, 0.03);
      if (n % 3 === 0) await spending.settled();
    }
  }
  // Ten calls cost a dollar.
  assertEquals(taken >= 10 && taken <= 11, true, `${taken} calls`);
  await first.spending.settled();
  await second.spending.settled();
  assertEquals(await first.rules.obstacle(agent, from("+15550001111")), "spent");
  assertEquals(await second.spending.today("all"), taken * 0.1);
  await clock.advance(24 * 3_600_000);
  assertEquals(await first.rules.obstacle(agent, from("+15550001111")), undefined, "the next day");
});

Deno.test("CallerRules counts the money of each agent for itself [A07]", async () => {
  const { first: { rules, spending } } = instances();
  const cheap = { ...agentWith({ deny: [] }), limits: { maxCallSeconds: 60, maxDailyUsd: 0.5 } };
  const other = { ...cheap, name: "other" };
  rules.spent(cheap, 0.5);
  await spending.settled();
  assertEquals(await rules.obstacle(cheap, from("+15550001111")), "spent");
  assertEquals(await rules.obstacle(other, from("+15550001111")), undefined);
});
