/** What the runtime exports of a call, as a collector gets it. */
import { assert, assertAlmostEquals, assertEquals, assertFalse } from "@std/assert";

interface Attribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface Span {
  readonly name: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
}

/** Runs a program that tells of one call, and takes what it exports. */
async function exported(): Promise<{ spans: Span[]; metrics: string; text: string }> {
  const bodies: { path: string; text: string }[] = [];
  const collector = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async (r) => {
      bodies.push({ path: new URL(r.url).pathname, text: await r.text() });
      return Response.json({});
    },
  );
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--allow-all", "tests/support/traced_call.ts"],
    cwd: new URL("../../", import.meta.url),
    env: {
      OTEL_DENO: "true",
      OTEL_SERVICE_NAME: "offhook",
      OTEL_EXPORTER_OTLP_PROTOCOL: "http/json",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.addr.port}`,
    },
  }).output();
  await collector.shutdown();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const of = (path: string) => bodies.filter((body) => body.path === path).map(({ text }) => text);
  const spans = of("/v1/traces").flatMap((text) =>
    JSON.parse(text).resourceSpans.flatMap(
      ({ scopeSpans }: { scopeSpans: { spans: Span[] }[] }) => scopeSpans.flatMap((s) => s.spans),
    )
  );
  const text = bodies.map((body) => body.text).join("\n");
  return { spans, metrics: of("/v1/metrics").join("\n"), text };
}

Deno.test("[I5] CallSpans has the runtime export a call with its turns and nothing of a person", async () => {
  const { spans, metrics, text } = await exported();
  const call = spans.find(({ name }) => name === "call");
  const turn = spans.find(({ name }) => name === "turn");
  assert(call && turn);
  assertEquals(turn.parentSpanId, call.spanId);
  const lastedMs = Number(BigInt(turn.endTimeUnixNano) - BigInt(turn.startTimeUnixNano)) / 1e6;
  assertAlmostEquals(lastedMs, 1_000, 0.01);
  const said = Object.fromEntries(
    call.attributes.map(({ key, value }) => [key, Object.values(value)[0]]),
  );
  assertEquals([said["call.ending"], said["call.agent"]], ["caller-hung-up", "default"]);
  for (const name of ["end_of_turn", "model_first_audio", "answer_heard", "call"]) {
    assert(metrics.includes(`"offhook.${name}"`), name);
  }
  for (const planted of ["15550001111", "15550002222", "what the caller said"]) {
    assertFalse(text.includes(planted), planted);
  }
  assert(spans.some(({ name }) => name === "GET /api/calls/:id"));
});
