import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import { breakIn, hangUp } from "../../emulators/caller_script.ts";
import { hearsOut, says, spoken } from "../support/recorded.ts";
import { API_KEY, AUTH_TOKEN, SocketRig } from "../support/socket_call.ts";

async function metricsOf(rig: SocketRig): Promise<string> {
  const response = await fetch(`${rig.url}/metrics`);
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  return await response.text();
}

Deno.test("[I5] /metrics counts a call, its turns and its tokens, and holds nothing of a person", async () => {
  const answers = spoken("greeting", "by-the-window", "of-course");
  await using rig = await SocketRig.start({ model: { script: { answers } } });
  const { report, record } = await rig.call([
    hearsOut,
    says("window"),
    breakIn(1_000),
    says("tomorrow"),
    hearsOut,
    hangUp(),
  ]);
  const text = await metricsOf(rig);
  const valueOf = (series: string) =>
    Number(text.split("\n").find((line) => line.startsWith(`${series} `))?.split(" ").at(-1));
  assertEquals(valueOf("offhook_calls_admitted_total"), 1);
  assertEquals(valueOf('offhook_calls_ended_total{ending="caller-hung-up"}'), 1);
  assertEquals(valueOf("offhook_calls_running"), 0);
  assertEquals(valueOf("offhook_store_up"), 1);
  assertEquals(valueOf("offhook_end_of_turn_seconds_count"), record.turns.length);
  assertEquals(valueOf('offhook_tokens_total{kind="prompt"}'), record.tokens.prompt);
  assertEquals(valueOf('offhook_barge_ins_total{what="cut"}'), record.bargeIns?.cut);
  assert((record.bargeIns?.cut ?? 0) >= 1);
  const planted = [API_KEY, AUTH_TOKEN, report.from, report.from.slice(1), record.callSid];
  const said = record.transcript.map((entry) => entry.text).filter((line) => line !== "");
  for (const secret of [...planted, ...said]) assertFalse(text.includes(secret), secret);
});

Deno.test("every line of /metrics has the form that Prometheus reads", async () => {
  await using rig = await SocketRig.start();
  await rig.call([hangUp()]);
  const value = String.raw`-?\d+(\.\d+)?(e[+-]?\d+)?`;
  const label = String.raw`[a-z_]+="([^"\\\n]|\\["\\n])*"`;
  const sample = new RegExp(String.raw`^offhook_[a-z_]+(\{${label}(,${label})*\})? ${value}$`);
  for (const line of (await metricsOf(rig)).trimEnd().split("\n")) {
    assertMatch(line, line.startsWith("#") ? /^# (HELP|TYPE) offhook_[a-z_]+ \S/ : sample);
  }
});
