/** The server as a process: what becomes of its records. */
import { assert, assertEquals } from "@std/assert";
import { hangUp } from "../../emulators/caller_script.ts";
import type { CallRecord } from "../../lib/records/call_record.ts";
import { assertUnbroken } from "../support/call_audio.ts";
import { ProcessRig } from "../support/process_rig.ts";
import { hearsOut, spoken } from "../support/recorded.ts";
import { GOOD_ENVIRONMENT, ServerProcess } from "../support/server_process.ts";

const ROOT = new URL("../../", import.meta.url);

async function recordAt(url: string | undefined, callSid: string): Promise<CallRecord> {
  const response = await fetch(`${url}/api/calls/${callSid}`);
  assertEquals(response.status, 200);
  return await response.json();
}

/** Waits until the server keeps how a call ended; the line knows it first. */
async function endedRecordAt(url: string | undefined, callSid: string): Promise<CallRecord> {
  const sinceMs = performance.now();
  while (performance.now() - sinceMs < 5_000) {
    const record = await recordAt(url, callSid);
    if (record.ending !== undefined) return record;
  }
  throw new Error(`Cannot find an end in the record of ${callSid}`);
}

Deno.test("a record that was read once outlives the process, however that ends", async () => {
  const KV_PATH = `data/test-${crypto.randomUUID()}/kv.sqlite3`;
  try {
    await using rig = await ProcessRig.start({ answers: spoken("of-course") }, {
      KV_PATH,
    });
    const { callSid, ended } = rig.dial([hearsOut, hangUp()]);
    await ended;
    const kept = await endedRecordAt(rig.server.url, callSid);
    assertEquals(kept.ending, "caller-hung-up");
    assert(kept.transcript.length > 0);
    rig.server.signal("SIGKILL");
    await rig.server.ended();
    await using next = await ServerProcess.start({ ...GOOD_ENVIRONMENT, KV_PATH });
    assertEquals(await recordAt(next.url, callSid), kept);
    const listed = await (await fetch(`${next.url}/api/calls`)).json();
    assertEquals(listed.calls.map((call: CallRecord) => call.callSid), [callSid]);
  } finally {
    await Deno.remove(new URL(KV_PATH.replace(/[^/]*$/, ""), ROOT), { recursive: true });
  }
});

Deno.test("a server whose store cannot be opened says so and serves calls [K01]", async () => {
  const noPermission = "../kv.sqlite3";
  const noServer = "http://127.0.0.1:1/";
  for (const KV_PATH of [noPermission, noServer]) {
    await using rig = await ProcessRig.start({ answers: spoken("of-course") }, {
      KV_PATH,
    });
    const call = rig.dial([hearsOut, hangUp()]);
    const report = await call.ended;
    const [session] = rig.model.sessions;
    assertUnbroken({ report, session });
    const record = await endedRecordAt(rig.server.url, call.callSid);
    assertEquals(record.ending, "caller-hung-up");
    const page = await (await fetch(`${rig.server.url}/api/calls`)).json();
    assertEquals([page.isPartial, page.calls.length], [true, 1]);
    assertEquals(rig.server.events("store-unavailable").length, 1, rig.server.output);
    rig.server.signal("SIGTERM");
    assertEquals((await rig.server.ended()).code, 0);
    assertEquals(rig.server.errors, "");
  }
});
