import { assert, assertEquals, assertFalse, assertStringIncludes } from "@std/assert";
import { FlightFiles, type FlightFilesParts } from "../../lib/flight/flight_files.ts";
import { replayFlight } from "../../lib/flight/flight_replay.ts";
import { createLog } from "../../lib/log.ts";
import { ToolError } from "../../lib/tools/tool.ts";
import { FakeClock } from "../support/fake_clock.ts";
import {
  AGENT,
  agentVoice,
  callerVoice,
  type Scenario,
  type ScenarioOptions,
  startCall,
} from "../support/scenario.ts";
import { snapshotOf } from "../support/snapshot.ts";
import { kitOf, toolOf } from "../support/tool_kit.ts";

const DAY_MS = 86_400_000;
const CALL_SID = "CA" + "1".repeat(32);

/** Files of a test in a folder of their own, which goes with it. */
class Rig implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly folder: string = Deno.makeTempDirSync();
  readonly logged: Record<string, unknown>[] = [];
  readonly files: FlightFiles;

  constructor(options: Partial<FlightFilesParts> = {}) {
    const { clock, folder } = this;
    const write = (line: string) => void this.logged.push(JSON.parse(line));
    const log = createLog({ level: "info", clock, write });
    this.files = new FlightFiles({ isOn: true, folder, secrets: [], clock, log, ...options });
  }

  /** Every file below the folder. */
  names(): string[] {
    return [...Deno.readDirSync(this.folder)].flatMap(({ name: day }) =>
      [...Deno.readDirSync(`${this.folder}/${day}`)].map(({ name }) => `${day}/${name}`)
    ).toSorted();
  }

  /** The lines of the only file. */
  lines(): string[] {
    const [name] = this.names();
    return Deno.readTextFileSync(`${this.folder}/${name}`).trimEnd().split("\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.files.flush();
    this.files.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A call of some seconds, run by these files. */
async function callBy(
  files: FlightFiles,
  options: Partial<ScenarioOptions> & { beforeEnd?: (call: Scenario) => void } = {},
): Promise<Scenario> {
  const { beforeEnd = () => {}, ...rest } = options;
  const call = await startCall({
    model: { answers: () => ({ pcm: agentVoice(600), text: "Good." }) },
    run: (parts) => files.run(parts),
    ...rest,
  });
  call.line.pause(1_500);
  call.line.say(callerVoice(700));
  await call.clock.advance(4_000);
  beforeEnd(call);
  call.line.hangUp();
  await call.clock.advance(100);
  assertEquals((await call.ended).ending, "caller-hung-up");
  return call;
}

/** An agent whose records are kept for so long. */
function keeping(keepDays: number): Partial<ScenarioOptions> {
  return { agent: { records: { ...AGENT.records, keepDays } } };
}

Deno.test("FlightFiles writes a call to a file of its own that replays to the same bytes", async () => {
  await using rig = new Rig();
  const call = await callBy(rig.files, keeping(2));
  await rig.files.flush();
  assertEquals(rig.names(), [`2026-01-07/${call.line.callSid}-1.jsonl`]);
  const lines = rig.lines();
  const { difference, cutShort } = await replayFlight(lines);
  assertEquals([difference, cutShort], [undefined, undefined]);
  assertStringIncludes(lines.at(-1) ?? "", '{"out":"ended","with":[{"ending":"caller-hung-up"}]}');
  assertEquals(rig.logged, []);
});

Deno.test("FlightFiles writes nothing while it is off, and the call is the same", async () => {
  await using off = new Rig({ isOn: false });
  await using on = new Rig();
  const plain = await callBy(off.files);
  const recorded = await callBy(on.files);
  await Promise.all([off.files.flush(), on.files.flush()]);
  assertEquals(off.names(), []);
  assertEquals(on.names().length, 1);
  assertEquals(recorded.line.sent, plain.line.sent);
  assertEquals(recorded.record(), plain.record());
  assertEquals(recorded.model.turns, plain.model.turns);
});

Deno.test("FlightFiles ends a flight that grows too long, or that the disk does not take, with a note", async () => {
  const bounds = [
    [{ most: 100_000, mostWaiting: 100_000 }, "a flight may not be longer"],
    [{ most: 1_000_000, mostWaiting: 20_000 }, "the disk was too slow"],
  ] as const;
  for (const [bound, note] of bounds) {
    await using rig = new Rig({ bounds: bound });
    const { logLines } = await callBy(rig.files);
    await rig.files.flush();
    const told = logLines.map((line) => JSON.parse(line)).filter(({ why }) => why === note);
    assertEquals(told.map(({ event }) => event), ["flight-cut-short"]);
    const lines = rig.lines();
    assertEquals(lines.at(-1), JSON.stringify({ note }));
    assert(lines.join("\n").length <= bound.most + 100);
    const replay = await replayFlight(lines);
    assertEquals([replay.difference, replay.cutShort], [undefined, note]);
    assert(replay.lines > 10);
  }
});

Deno.test("a call does not notice that it cannot be recorded", async () => {
  const folder = Deno.makeTempFileSync();
  await using rig = new Rig({ folder });
  const call = await callBy(rig.files);
  await rig.files.flush();
  assertEquals(
    JSON.parse(call.logLines.findLast((line) => line.includes("flight")) ?? "{}").event,
    "flight-lost",
  );
  assertEquals(call.record().faults, {});
  await Deno.remove(folder);
});

Deno.test("no secret and no handle stands in a flight, and it replays all the same", async () => {
  const SECRET = "planted-secret";
  await using rig = new Rig({ secrets: [SECRET, "short"] });
  const tell = toolOf("tell", () => {
    throw new ToolError(`the service said ${SECRET}, in short`);
  });
  const call = await callBy(rig.files, {
    toolKit: kitOf(tell),
    agent: { instructions: SECRET },
    model: {
      answers: (index) => ({
        pcm: agentVoice(300),
        text: "Good.",
        ...(index === 1 ? { calls: [{ name: "tell", args: { word: SECRET } }] } : {}),
      }),
    },
    continuity: { term: 2, resumed: { ...snapshotOf(CALL_SID), handle: "first-planted-handle" } },
    beforeEnd: ({ model }) => {
      for (const handle of ["second-planted-handle", "third-planted-handle"]) {
        model.post({ type: "resumption-updated", handle });
      }
    },
  });
  await rig.files.flush();
  const lines = rig.lines();
  const text = lines.join("\n");
  assertEquals(call.model.handle, "first-planted-handle", "the model has the real one");
  assertStringIncludes(JSON.stringify(call.model.functionAnswers), `the service said ${SECRET}`);
  assertStringIncludes(text, "the service said ***, in short");
  assertFalse(text.includes("planted"));
  for (const n of [1, 2, 3]) assertStringIncludes(text, `"handle":"handle-${n}"`);
  const { difference, cutShort } = await replayFlight(lines);
  assertEquals([difference, cutShort], [undefined, undefined]);
});

Deno.test("FlightFiles keeps a flight as long as the records of its agent, and forgets it with its call", async () => {
  await using rig = new Rig();
  await callBy(rig.files, keeping(2));
  await callBy(rig.files, { ...keeping(4), continuity: { term: 2 } });
  await rig.files.flush();
  const [first, second] = [`2026-01-07/${CALL_SID}-1.jsonl`, `2026-01-09/${CALL_SID}-2.jsonl`];
  assertEquals(rig.names(), [first, second]);
  await rig.clock.advance(2 * DAY_MS);
  await rig.files.flush();
  assertEquals(rig.names(), [first, second], "its last day");
  await rig.clock.advance(DAY_MS);
  await rig.files.flush();
  assertEquals(rig.names(), [second]);
  await rig.files.forget("CA1");
  assertEquals(rig.names(), [second]);
  await rig.files.forget(CALL_SID);
  assertEquals(rig.names(), []);
});

Deno.test("FlightFiles forgets a call with what still waits for the disk", async () => {
  await using rig = new Rig();
  await callBy(rig.files);
  await rig.files.forget(CALL_SID);
  await rig.files.flush();
  assertEquals(rig.names(), []);
});

Deno.test("FlightFiles does not record a call whose name could lead out of its folder", async () => {
  await using rig = new Rig();
  await callBy(rig.files, {
    tamper: (parts) => ({ ...parts, facts: { ...parts.facts, callSid: "../CA1" } }),
  });
  await rig.files.flush();
  assertEquals(rig.names(), []);
});
