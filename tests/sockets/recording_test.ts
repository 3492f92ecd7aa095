import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { readWav } from "../../audio/wav.ts";
import { breakIn, hangUp } from "../../emulators/caller_script.ts";
import { asCallerHears, heardPartMs, keptTime, placeOnLine } from "../support/call_audio.ts";
import { hearsOut, says, spoken } from "../support/recorded.ts";
import { SocketRig, until } from "../support/socket_call.ts";

const HEADER_BYTES = 58;

/** The first of some bytes in a track; -1 if they are nowhere as a whole. */
function placeIn(track: Uint8Array, part: Uint8Array): number {
  const last = track.length - part.length;
  for (let at = 0; at <= last; at++) {
    if (part.every((byte, n) => byte === track[at + n])) return at;
  }
  return -1;
}

Deno.test("a call is recorded as it was said and as it was heard, if its agent has that and says so", async () => {
  const answers = spoken("greeting", "by-the-window", "of-course");
  await using rig = await SocketRig.start({
    model: { script: { answers } },
    agent: { records: { recording: true } },
  });
  const { report, record, session } = await rig.call([
    hearsOut,
    says("window"),
    breakIn(1_000),
    says("tomorrow"),
    hearsOut,
    hangUp(),
  ]);
  assert(session);
  assertStringIncludes(
    session.texts.map(({ text }) => text).join(" "),
    "This call is recorded. Hello.",
  );
  const response = await fetch(`${rig.url}/api/calls/${record.callSid}/recording`);
  assertEquals(response.status, 200);
  const bytes = (await response.bytes()).subarray(HEADER_BYTES);
  const left = bytes.filter((_, n) => n % 2 === 0);
  const right = bytes.filter((_, n) => n % 2 === 1);

  // The recording begins with the answer, and the line some frames before or after it.
  const voiceAt = report.said.findIndex((byte) => byte !== 0xff);
  const lead = placeIn(left, report.said.subarray(voiceAt, voiceAt + 4_000)) - voiceAt;
  if (keptTime(report)) assertAlmostEquals(lead, 0, 8 * 200);
  // The last frames may have been on the way when the caller hung up.
  const whole = Math.min(left.length - lead, report.said.length) - 800;
  const from = Math.max(0, -lead);
  const [kept, said] = [
    left.subarray(from + lead, whole + lead),
    report.said.subarray(from, whole),
  ];
  assert(
    said.length > 8 * 5_000 && said.every((byte, n) => byte === kept[n]),
    "every sample is there",
  );
  const [greeting, cut] = session.sent;
  assert(greeting && cut);
  const sound = asCallerHears(greeting.pcm);
  const place = placeIn(right, sound);
  const heardAt = placeOnLine(sound, report.heard);
  // Where the machine stood still for so long that the line ran dry, it is not whole there either.
  assert(place >= 0 || heardAt < 0, "the greeting is there to the bit");
  if (keptTime(report)) assertAlmostEquals(place, heardAt, 8 * 100);
  const greetedMs = record.transcript.find(({ party }) => party === "agent")?.startMs ?? NaN;
  if (keptTime(report)) assertAlmostEquals(place / 8, greetedMs, 100, "a place in it is a time");
  const broken = asCallerHears(cut.pcm);
  assertEquals(placeIn(right, broken), -1);
  const heardBytes = 8 * heardPartMs(cut.pcm, report);
  const margin = 8 * 120;
  assert(placeIn(right, broken.subarray(0, heardBytes - margin)) > 0, "what was heard of it");
  assertEquals(placeIn(right, broken.subarray(0, heardBytes + margin)), -1, "and no more");
});

Deno.test("no call is recorded unless its agent has that", async () => {
  await using rig = await SocketRig.start();
  const { record } = await rig.call([hangUp()]);
  const response = await fetch(`${rig.url}/api/calls/${record.callSid}/recording`);
  assertEquals([response.status, (await response.json()).error.code], [404, "recording-unknown"]);
});

Deno.test("a call is recorded in a file by setting, and the file goes with its caller", async () => {
  const folder = await Deno.makeTempDir();
  const files = () =>
    [...Deno.readDirSync(folder)].flatMap(({ name: day }) =>
      [...Deno.readDirSync(`${folder}/${day}`)].map(({ name }) => `${folder}/${day}/${name}`)
    );
  {
    await using rig = await SocketRig.start({
      model: { script: { answers: spoken("greeting") } },
      agent: { records: { recording: true, keepDays: 2 } },
      recordingsFolder: folder,
    });
    const { record, report } = await rig.call([hearsOut, hangUp()]);
    const { callSid, answeredEpochMs, durationMs = 0 } = record;
    const day = new Date(answeredEpochMs + 2 * 86_400_000).toISOString().slice(0, 10);
    const path = `${folder}/${day}/${callSid}.wav`;
    const isWhole = () => Deno.statSync(path).size / 16 > durationMs - 500;
    await until(() => files().includes(path) && isWhole(), "the file is whole");
    const url = `${rig.url}/api/calls/${callSid}/recording`;
    const sound = await (await fetch(url)).bytes();
    assertEquals(sound.length, Deno.statSync(path).size);
    assert(readWav(sound).channels[1]?.some((sample) => Math.abs(sample) > 1_000), "the agent");
    const forget = await fetch(`${rig.url}/api/callers/forget`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ number: report.from }),
    });
    assertEquals(await forget.json(), { calls: 1, running: 0, memories: 0 });
    assertEquals(files(), []);
    assertEquals((await fetch(url, { method: "HEAD" })).status, 404);
  }
  await Deno.remove(folder, { recursive: true });
});
