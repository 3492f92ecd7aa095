import { assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import type { CallRecord } from "../../../lib/records/call_record.ts";
import { plainCalls, RICH_CALL } from "../../support/kept_calls.ts";
import { ServedApp } from "../served_app.ts";
import { page } from "./served_page.ts";

Deno.test("the list of calls has pages, and figures over the calls of a page", async () => {
  await using app = await ServedApp.start();
  for (const record of [...plainCalls(59), RICH_CALL]) app.records.save(record);
  const seen = new Set<string>();
  let path = "/calls";
  for (const count of [25, 25, 10]) {
    const text = await (await fetch(app.url + path)).text();
    const calls = [...text.matchAll(/<a href="\/calls\/(CA\d+)"/g)].map(([, name]) => name ?? "");
    assertEquals(calls.length, count);
    for (const name of calls) seen.add(name);
    path = /href="(\/calls\?[^"]+)">Older/.exec(text)?.[1]?.replaceAll("&amp;", "&") ?? "";
  }
  assertEquals(seen.size, 60);
  assertEquals(path, "");
});

Deno.test("the list of calls gives percentiles by the nearest rank", async () => {
  const record: CallRecord = {
    ...RICH_CALL,
    turns: [100, 200, 300, 1_000].map((ms) => ({
      speechEndedMs: 0,
      decidedMs: ms / 2,
      activityEndSentMs: ms / 2,
      firstHeardMs: ms,
    })),
  };
  const { text } = await page("/calls", { records: [record] });
  const figures = [
    ...text.matchAll(/class="value">([^<]+)<\/span\s*>\s*<span class="name">([^<]+)</g),
  ]
    .map(([, value, name]) => `${name}: ${value}`);
  assertEquals(figures, [
    "Answer delay, median: 200 ms",
    "Answer delay, 95 %: 1000 ms",
    "End of turn, median: 100 ms",
    "End of turn, 95 %: 500 ms",
    "Interruptions: 1",
    "Silences mended: 1",
  ]);
});

Deno.test("the list of calls draws how calls went over time, those of further pages among them", async () => {
  const hour = 3_600_000;
  const at = (hours: number, ms: number, fields: Partial<CallRecord> = {}): CallRecord => ({
    ...RICH_CALL,
    callSid: `CA${hours}x${ms}`,
    answeredEpochMs: Date.UTC(2026, 0, 5) + hours * hour,
    turns: [{ speechEndedMs: 0, decidedMs: 100, activityEndSentMs: 100, firstHeardMs: ms }],
    bargeIns: {},
    repairs: {},
    ...fields,
  });
  const many = Array.from({ length: 30 }, (_, n) => at(9, 900 + n));
  const records = [
    at(0, 200),
    at(0, 400, { bargeIns: { held: 9, cut: 3 } }),
    at(2, 800, { repairs: { nudge: 1, rotate: 1 } }),
    ...many,
  ];
  const { text } = await page("/calls", { records });
  const charts = text.split(`<figure class="chart">`).slice(1);
  const columns = charts.map((chart) =>
    [...chart.matchAll(/<title>2026-01-05 (\d\d:\d\d): ([^<]+)</g)].map(([, time, words]) =>
      `${time} ${words}`
    )
  );
  assertEquals(columns.map(({ length }) => length), [37, 37, 37, 37], "by 15 minutes, from 0 to 9");
  const [answers, , cuts, repairs] = columns;
  assertEquals(answers?.[0], "00:00 median 200 ms, 95 % 400 ms");
  assertEquals(answers?.[1], "00:15 median –, 95 % –");
  assertEquals(answers?.[8], "02:00 median 800 ms, 95 % 800 ms");
  assertEquals(answers?.at(-1), "09:00 median 914 ms, 95 % 928 ms");
  assertEquals([cuts?.[0], repairs?.[8]], ["00:00 3 in 2 calls", "02:00 2 in 1 calls"]);
  const bars = [...(charts[0] ?? "").matchAll(/class="(light|dark)"[^>]* height="([\d.]+)"/g)];
  assertEquals(bars.map(([, kind, height]) => `${kind} ${height}`), [
    "light 31.0",
    "dark 15.5",
    "light 62.1",
    "dark 62.1",
    "light 72.0",
    "dark 70.9",
  ]);
  assertStringIncludes(text, "Over 33 calls");
  const few = await page("/calls", { records: records.slice(0, 2) });
  assertFalse(few.text.includes(`class="chart"`));
});

Deno.test("the list of calls can be searched, and says when nothing fits", async () => {
  const records = plainCalls(40);
  const found = async (query: string) => {
    const { text } = await page(`/calls?${query}`, { records });
    return [...text.matchAll(/<a href="\/calls\/(CA\d+)"/g)].length;
  };
  assertEquals(await found("q=15550002037"), 1);
  assertEquals(await found("q=%2B1555000203"), 1);
  assertEquals(await found("ended=badly"), 10);
  assertEquals(await found("ended=well&q=the+agent"), 10);
  assertEquals(await found("ended=now"), 0);
  assertEquals(await found("ended=nonsense"), 25);
  assertEquals(await found("after=nonsense"), 0);
  const { text } = await page(`/calls?q=${encodeURIComponent('"><script>')}`, { records });
  assertStringIncludes(text, "No call is kept that fits");
  assertStringIncludes(text, `value="&quot;&gt;&lt;script&gt;"`);
});

Deno.test("the list of calls says that it is partial when the store does not answer", async () => {
  await using app = await ServedApp.start();
  app.records.save(RICH_CALL);
  app.store.close();
  const asked = fetch(`${app.url}/calls`);
  const timer = setInterval(() => app.clock.advance(1_000), 5);
  const text = await (await asked).text();
  clearInterval(timer);
  assertStringIncludes(text, "The store does not answer");
  assertStringIncludes(text, RICH_CALL.callSid);
});
