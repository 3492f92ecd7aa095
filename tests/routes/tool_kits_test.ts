import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { createLog } from "../../lib/log.ts";
import { CallerMemory } from "../../lib/records/caller_memory.ts";
import { CountBook } from "../../lib/records/count_book.ts";
import { MemoryStore } from "../../lib/store/memory_store.ts";
import { HttpClient } from "../../lib/tools/http_client.ts";
import { ToolError } from "../../lib/tools/tool.ts";
import { ToolBox } from "../../lib/tools/tool_box.ts";
import { ToolKits } from "../../routes/tool_kits.ts";
import { countingIds } from "../support/counting_ids.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { AGENT } from "../support/scenario.ts";

const CALLER = "+15550001111";
const AGENT_WITH_SMS = { ...AGENT, smsRecipients: { owner: "+15550007777" } };

/** Kits of two instances with one store, and what was sent. */
async function instances(): Promise<
  AsyncDisposable & {
    clock: FakeClock;
    sent: string[];
    kits: readonly [ToolKits, ToolKits];
    factsOf: (callSid: string, from?: string) => Parameters<ToolKits["kitFor"]>[1];
    log: Parameters<ToolKits["kitFor"]>[2];
  }
> {
  const clock = new FakeClock();
  const store = new MemoryStore({ clock });
  const sent: string[] = [];
  const toolBox = new ToolBox({ client: new HttpClient(), secrets: new Map(), own: [] });
  const kitsOf = (seed: number) =>
    new ToolKits({
      toolBox,
      modelOf: () => "gemini-3.8-live",
      rest: {
        sendMessage: ({ to }) => {
          sent.push(to);
          return Promise.resolve("SM1");
        },
      },
      counts: new CountBook({ store, clock }),
      memory: new CallerMemory(store),
      ids: countingIds(seed),
    });
  const log = createLog({ level: "error", clock, write: () => {} });
  await Promise.resolve();
  return {
    clock,
    sent,
    log,
    kits: [kitsOf(1), kitsOf(2)],
    factsOf: (callSid, from = CALLER) => ({
      callSid,
      from,
      to: "+15550002222",
      direction: "inbound",
      agent: AGENT.name,
    }),
    [Symbol.asyncDispose]: () => toolBox.close(),
  };
}

Deno.test("a kit sends messages to the caller and to listed numbers alone, whatever is asked [A03]", async () => {
  await using rig = await instances();
  const kit = rig.kits[0].kitFor(AGENT_WITH_SMS, rig.factsOf("CA1"), rig.log);
  const hostile = [
    ...["+15550001112", "15550001111", "+1555000111", "+19005550000", "", "anonymous", "owner"],
    ...["+15550001111,+19005550000", "+15550001111\n+19005550000", "sip:a@b", "+88213000000"],
  ];
  for (const to of hostile) await assertRejects(() => kit.sendMessage(to, "hello"), ToolError);
  await kit.sendMessage(CALLER, "hello");
  await kit.sendMessage("+15550007777", "hello");
  assertEquals(rig.sent, [CALLER, "+15550007777"]);
  const withheld = rig.kits[0].kitFor(AGENT, rig.factsOf("CA2", "anonymous"), rig.log);
  await assertRejects(() => withheld.sendMessage("anonymous", "hello"), ToolError);
});

Deno.test("a kit sends two messages in a call and no third, over two instances [A03]", async () => {
  await using rig = await instances();
  const facts = rig.factsOf("CA1");
  const results = await Promise.allSettled(
    Array.from(
      { length: 12 },
      (_, n) =>
        rig.kits[n % 2 === 0 ? 0 : 1].kitFor(AGENT, facts, rig.log).sendMessage(CALLER, `${n}`),
    ),
  );
  assertEquals(results.filter(({ status }) => status === "fulfilled").length, 2);
  assertEquals(rig.sent.length, 2);
});

Deno.test("a kit sends ten messages in an hour to numbers of one prefix and no eleventh [A03]", async () => {
  await using rig = await instances();
  const send = (n: number) => {
    const caller = `+1555000${1_000 + n}`;
    const facts = rig.factsOf(`CA${n}`, caller);
    return rig.kits[n % 2 === 0 ? 0 : 1].kitFor(AGENT, facts, rig.log).sendMessage(caller, "hi");
  };
  const results = await Promise.allSettled(Array.from({ length: 30 }, (_, n) => send(n)));
  assertEquals(results.filter(({ status }) => status === "fulfilled").length, 10);
  const facts = rig.factsOf("CA100", "+15559990000");
  await rig.kits[0].kitFor(AGENT, facts, rig.log).sendMessage("+15559990000", "another prefix");
  await rig.clock.advance(3_600_001);
  await send(31);
  assertEquals(rig.sent.length, 12);
});

Deno.test("a kit remembers facts for the caller's next call with the same agent, as data", async () => {
  await using rig = await instances();
  const agent = { ...AGENT, tools: [{ use: "remember" }] };
  const [first, second] = rig.kits;
  await first.kitFor(agent, rig.factsOf("CA1"), rig.log).remember("Their name is Ann.");
  const next = rig.factsOf("CA2");
  assertStringIncludes(await second.recollection(agent, next, rig.log), "- Their name is Ann.");
  assertEquals(await second.recollection({ ...agent, name: "other" }, next, rig.log), "");
  assertEquals(await second.recollection(AGENT, next, rig.log), "", "who may not remember");
  const stranger = rig.factsOf("CA3", "anonymous");
  assertEquals(await second.recollection(agent, stranger, rig.log), "");
  await assertRejects(() => first.kitFor(agent, stranger, rig.log).remember("x"), ToolError);
});
