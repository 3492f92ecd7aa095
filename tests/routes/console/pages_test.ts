import { assert, assertEquals, assertFalse, assertMatch, assertStringIncludes } from "@std/assert";
import type { CallRecord } from "../../../lib/records/call_record.ts";
import { RICH_CALL } from "../../support/kept_calls.ts";
import { SCRIPT_INJECTIONS } from "../../support/script_injections.ts";
import { AGENT, ServedApp } from "../served_app.ts";
import { page } from "./served_page.ts";

Deno.test("every page has a policy under which nothing but our own files runs [W03]", async () => {
  for (const path of ["/", "/calls", "/calls/CA1", "/agents", "/try"]) {
    const { response, text } = await page(path);
    const policy = response.headers.get("content-security-policy") ?? "";
    assertStringIncludes(policy, "default-src 'none'; script-src 'self'; style-src 'self';");
    assertFalse(/unsafe|nonce|\*|https?:/.test(policy), policy);
    assertFalse(/<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=/i.test(text), path);
    assertEquals(response.headers.get("referrer-policy"), "same-origin");
    assertEquals(response.headers.get("cache-control"), "no-store");
  }
});

Deno.test("a call's page shows fifty script injections as text, wherever they stand [W03]", async () => {
  assertEquals(SCRIPT_INJECTIONS.length, 50);
  const record: CallRecord = {
    ...RICH_CALL,
    from: SCRIPT_INJECTIONS[0] ?? "",
    to: SCRIPT_INJECTIONS[11] ?? "",
    agent: SCRIPT_INJECTIONS[45] ?? "",
    transcript: SCRIPT_INJECTIONS.map((text, n) => ({
      party: n % 2 === 0 ? "caller" : "agent",
      startMs: n * 1_000,
      text,
      sources: [{ title: text, url: `https://example.com/?q=${text}` }],
    })),
    moments: SCRIPT_INJECTIONS.map((detail, n) => ({
      type: "tool-called",
      atMs: n * 900,
      detail,
    })),
    faults: { [SCRIPT_INJECTIONS[1] ?? ""]: 1 },
    tools: SCRIPT_INJECTIONS.map((name) => ({
      name,
      startMs: 0,
      durationMs: 1,
      ending: "answered",
    })),
    messages: SCRIPT_INJECTIONS.map((text) => ({ name: text, callBack: text, text })),
  };
  for (const path of [`/calls/${record.callSid}`, "/calls"]) {
    const { text } = await page(path, { records: [record] });
    const scripts = text.match(/<(script|img|svg on|iframe|object|embed|math|base|meta http)/gi) ??
      [];
    assertEquals(scripts, []);
    assertStringIncludes(text, "&lt;script&gt;globalThis.injected=1&lt;/script&gt;");
  }
});

Deno.test("a call's page strikes through what was not heard, and says how the call ended", async () => {
  const { text } = await page(`/calls/${RICH_CALL.callSid}`, { records: [RICH_CALL] });
  assertStringIncludes(text, "The window tables are lovely at that hour. <del>You can see");
  assertStringIncludes(text, `<span class="badge good">the agent hung up</span>`);
  assertStringIncludes(text, `href="/api/calls/${RICH_CALL.callSid}" download=`);
  for (
    const words of ["the answer was held", "the answer went on", "the model called find_table"]
  ) {
    assertStringIncludes(text, words);
  }
  assertEquals(text.match(/class="window"/g)?.length, 5);
  assertEquals(text.match(/class="unheard"/g)?.length, 1);
  assertStringIncludes(text, "frame-filled 3");
});

Deno.test("a call's page has the pages of the web that an answer rests on under it", async () => {
  const source = { title: "Tides & times", url: "https://tides.example.com/?a=1&b=2" };
  const said = { party: "agent", startMs: 0, text: "High water is at six." } as const;
  const record = { ...RICH_CALL, transcript: [{ ...said, sources: [source] }, said] };
  const { text } = await page(`/calls/${record.callSid}`, { records: [record] });
  const links = [...text.matchAll(/<a href="([^"]+)" rel="noreferrer">([^<]+)<\/a>/g)];
  assertEquals(links.map(([, ...parts]) => parts), [
    ["https://tides.example.com/?a=1&amp;b=2", "Tides &amp; times"],
  ]);
});

Deno.test("the waterfall of a turn gives each step behind the one before it, and the bars are as long", async () => {
  const record: CallRecord = {
    ...RICH_CALL,
    turns: [
      {
        speechEndedMs: 1_000,
        decidedMs: 1_400,
        activityEndSentMs: 1_500,
        firstModelAudioMs: 1_700,
        firstMediaSentMs: 1_750,
        firstHeardMs: 2_000,
      },
      { speechEndedMs: 5_000, decidedMs: 5_600, activityEndSentMs: 5_600 },
    ],
  };
  const { text } = await page(`/calls/${record.callSid}`, { records: [record] });
  const table = text.slice(text.indexOf(`class="waterfall"`));
  const numbers = [...table.matchAll(/<td class="num">([^<]+)<\/td>/g)].map(([, cell]) => cell);
  assertEquals(numbers, ["+400", "+100", "+200", "+50", "+250", "+600", "+0", "–", "–", "–"]);
  const bars = [...table.matchAll(/<rect\s+class="(\w+)"\s+x="([\d.]+)%"\s+width="([\d.]+)%"/g)]
    .map(([, name, x, width]) => `${name} ${x} ${width}`);
  assertEquals(bars, [
    "decide 0 40",
    "send 40 10",
    "model 50 20",
    "line 70 5",
    "hear 75 25",
    "decide 0 60",
  ]);
});

Deno.test("a call's page says why a call ended, where something failed", async () => {
  const detail = "Model connection failed with close code 1011: <Internal>";
  const failed = { ...RICH_CALL, ending: "model-failed", endingDetail: detail };
  const { text } = await page(`/calls/${RICH_CALL.callSid}`, { records: [failed] });
  assertStringIncludes(text, `<span class="badge bad">the model failed</span>`);
  assertStringIncludes(text, "Model connection failed with close code 1011: &lt;Internal&gt;");
});

Deno.test("a call's page says what it cost, as a whole and turn by turn", async () => {
  const turns = RICH_CALL.turns.map((turn, n) => n === 0 ? turn : { ...turn, costUsd: n / 500 });
  const priced = { ...RICH_CALL, turns, costUsd: 0.0213 };
  const { text } = await page(`/calls/${RICH_CALL.callSid}`, { records: [priced] });
  assertMatch(text, /<dt>Cost<\/dt>\s*<dd>\$0\.0213<\/dd>/);
  const table = text.slice(text.indexOf(`class="waterfall"`));
  const costs = [...table.matchAll(/<td class="num">([^<]+)<\/td><\/tr>/g)].map(([, cell]) => cell);
  assertEquals(costs, ["–", "$0.0020", "$0.0040", "$0.0060", "$0.0080"]);
  const plain = await page(`/calls/${RICH_CALL.callSid}`, { records: [RICH_CALL] });
  assertFalse(/<th scope="col" class="num">Cost/.test(plain.text));
});

Deno.test("a call's page has a player and its sound to download where it was recorded", async () => {
  const sound = { bytes: 1, async *pieces() {} };
  const recordings = {
    read: (callSid: string) => Promise.resolve(callSid === RICH_CALL.callSid ? sound : undefined),
    forget: () => Promise.resolve(),
  };
  const path = `/api/calls/${RICH_CALL.callSid}/recording`;
  const records = [RICH_CALL];
  const { text } = await page(`/calls/${RICH_CALL.callSid}`, { records, deps: { recordings } });
  assertMatch(text, new RegExp(`<audio id="sound" controls preload="metadata" src="${path}">`));
  assertStringIncludes(text, `href="${path}" download="${RICH_CALL.callSid}.wav"`);
  assertMatch(text, /data-at="3300"\s+aria-label="Play from 0:03 caller"/);
  assertStringIncludes(text, `src="/static/console/call.js"`);
  const unrecorded = await page(`/calls/${RICH_CALL.callSid}`, { records });
  assertFalse(/<audio|call\.js|data-at=/.test(unrecorded.text));
});

Deno.test("a call that goes on can be followed from its page; one that is not kept has a page that says so", async () => {
  const { durationMs: _length, ending: _ending, ...running } = RICH_CALL;
  const going = await page(`/calls/${RICH_CALL.callSid}`, { records: [running] });
  assertStringIncludes(going.text, `href="/?call=${RICH_CALL.callSid}"`);
  assertStringIncludes(going.text, "goes on");
  const unknown = await page("/calls/CA9");
  assertEquals(unknown.response.status, 404);
  assertStringIncludes(unknown.text, "No call of this name is kept");
  const empty = await page("/calls/CA8", {
    records: [{ ...running, callSid: "CA8", transcript: [], turns: [], moments: [] }],
  });
  assertStringIncludes(empty.text, "Nothing was said");
});

Deno.test("the agents' page shows what is configured and what looks wrong", async () => {
  const agents = {
    names: ["default"],
    warnings: ["agents/default.jsonc: voice: <Nobody> is none of the known ones"],
    get: () => ({ ...AGENT, greeting: "Hello <b>there</b>" }),
    forNumber: () => AGENT,
  };
  const { text } = await page("/agents", { deps: { agents, isModelDown: () => true } });
  assertStringIncludes(text, "voice: &lt;Nobody&gt; is none of the known ones");
  assertStringIncludes(text, "Hello &lt;b&gt;there&lt;/b&gt;");
  assertStringIncludes(text, "Its model cannot be had at the moment");
  assertMatch(text, /Takes calls to<\/dt>\s*<dd>every number that no other agent has</);
  const api = await page("/api/agents", { deps: { agents } });
  const { agents: [agent], warnings } = JSON.parse(api.text);
  assertEquals([agent.name, agent.isModelDown, warnings], ["default", false, agents.warnings]);
});

Deno.test("answerStatic() gives files with an ETag, and nothing outside their folder", async () => {
  await using app = await ServedApp.start();
  const first = await fetch(`${app.url}/static/console/live.js`);
  assertMatch(first.headers.get("content-type") ?? "", /^text\/javascript/);
  assert((await first.text()).includes("EventSource"));
  const etag = first.headers.get("etag") ?? "";
  for (const tag of [etag, `W/${etag}`, `"other", ${etag}`]) {
    const again = await fetch(first.url, { headers: { "if-none-match": tag } });
    assertEquals([again.status, await again.text()], [304, ""]);
  }
  const paths = [
    "none.js",
    "..%2f..%2fmain.ts",
    "%2e%2e%2fpage_test.ts",
    "worklet.d.ts",
    "Live.js",
    "",
  ];
  for (const path of paths) {
    const response = await fetch(`${app.url}/static/console/${path}`);
    await response.body?.cancel();
    assertEquals(response.status, 404, path);
  }
});
