/** What the rig measures with: figures, late frames, what was heard, what came to the model, the report of tests. */
import { assertEquals } from "@std/assert";
import { encodeMulaw } from "../../audio/mulaw.ts";
import type { ReceivedMessage } from "../../emulators/audio_record.ts";
import type { PhoneCallReport } from "../../emulators/phone_report.ts";
import { withFrameCodes } from "../../emulators/frame_code.ts";
import { Figures } from "./figures.ts";
import { answerHeard, firstSoundMs, type HeardFrame, heardFrames, silenceMs } from "./heard.ts";
import { lateFrames, percentile } from "./line_timing.ts";
import { byRow, idsIn, readReport } from "./named_tests.ts";
import { arrivalOf } from "./uplink.ts";

Deno.test("Figures tells what missed its limit, and whether a busy machine could be the cause", () => {
  const figures = new Figures();
  figures.atMost("in time", 5, 5, "ms");
  figures.atMost("too late", 6, 5, "ms");
  figures.atMost("never", NaN, 5, "ms");
  figures.atLeast("absent", undefined, 1);
  figures.is("wrong", "b", "a");
  const missed = figures.missed.map(({ name, isTimed }) => [name, isTimed]);
  assertEquals(missed, [["too late", true], ["never", false], ["absent", false], ["wrong", false]]);
  assertEquals(figures.all[2]?.text, "never never MISSED (<= 5 ms)");
});

/** Messages of one frame each; `waitingMs` says whether the line had run dry. */
function messages(timesMs: readonly number[], waitingMs = 400): ReceivedMessage[] {
  return timesMs.map((atMs) => ({ event: "media", atMs, bytes: 160, waitingMs, note: "" }));
}

Deno.test("lateFrames() counts from the earliest frame", () => {
  assertEquals(lateFrames(messages([0, 20, 40, 60]), 0), { frames: 4, late: 0 });
  assertEquals(lateFrames(messages([0, 20, 61, 80]), 0), { frames: 4, late: 1 });
  assertEquals(lateFrames(messages([0, 0, 45, 60]), 0), { frames: 4, late: 1 });
  assertEquals(lateFrames(messages([0, 20, 61, 80])), { frames: 4, late: 0 });
});

Deno.test("lateFrames() begins anew after a pause in which the line ran dry", () => {
  const dry = [...messages([0, 20]), ...messages([900], 20), ...messages([920])];
  assertEquals(lateFrames(dry, 0), { frames: 4, late: 0 });
  assertEquals(lateFrames(messages([0, 20, 900, 920]), 0), { frames: 4, late: 2 });
});

Deno.test("percentile() gives the value that so many do not exceed", () => {
  const values = Array.from({ length: 100 }, (_, n) => 100 - n);
  assertEquals([50, 99, 100].map((percent) => percentile(values, percent)), [50, 99, 100]);
  assertEquals(percentile([], 99), 0);
});

/** What a caller hears: numbered frames, a tone without numbers, silence. */
function reportOf(sounds: readonly (number | "tone" | "silence")[]): PhoneCallReport {
  const pcm = new Int16Array(sounds.length * 160);
  for (const [n, sound] of sounds.entries()) {
    if (sound === "silence") continue;
    const frame = sound === "tone"
      ? Int16Array.from({ length: 160 }, (_, i) => 4_000 * Math.sin(i / 3))
      : withFrameCodes(new Int16Array(160), { hz: 8_000, first: sound });
    pcm.set(frame, n * 160);
  }
  const heard = new Uint8Array(pcm.length);
  encodeMulaw(pcm, heard);
  const spoken = [{ by: "Say", text: "Sorry.", atMs: 1_160, lastedMs: 20 }];
  return { heard, spoken, audioStartedAtMs: 1_000 } as unknown as PhoneCallReport;
}

Deno.test("heardFrames() tells the agent, another sound and silence apart", () => {
  const heard = heardFrames(reportOf([7, 8, 9, "silence", "tone", "silence", 12, 12, "silence"]));
  const sounds = heard.map(({ sound, code }) => code ?? sound);
  assertEquals(sounds, [7, 8, 9, "silence", "other", "silence", 12, 12, "other"]);
  assertEquals(silenceMs(heard, { fromMs: 1_000, toMs: 2_000 }), 40);
  assertEquals(firstSoundMs(heard, 1_060), 1_080);
  assertEquals(firstSoundMs(heard, 1_060, "agent"), 1_120);
  assertEquals(firstSoundMs(heard, 1_200), undefined);
});

Deno.test("answerHeard() counts what is missing and what came twice, and the longest gap", () => {
  const at = (codes: readonly number[], times: readonly number[]): HeardFrame[] =>
    codes.map((code, n) => ({ atMs: times[n] ?? 0, sound: "agent", code }));
  const answer = { first: 1_020, length: 8 };
  const whole = at([1_021, 1_022, 1_023, 0, 1], [0, 20, 40, 60, 80]);
  assertEquals(answerHeard(whole, answer), { missing: 0, repeated: 0, longestGapMs: 0 });
  const broken = at([1_021, 1_022, 1_022, 0, 1], [0, 20, 40, 160, 180]);
  assertEquals(answerHeard(broken, answer), { missing: 1, repeated: 1, longestGapMs: 100 });
});

Deno.test("arrivalOf() counts frames that never came and frames out of order", () => {
  const arrived = [5, 6, 8, 7, 10].map((code) => ({ code, atMs: 0 }));
  assertEquals(arrivalOf(arrived, { first: 5, length: 8 }), { missing: 1, outOfOrder: 1 });
});

Deno.test("byRow() counts the tests that name a row; those that were ignored did not run", () => {
  assertEquals(idsIn("does x [S05 S06] and [C02][T1]"), ["S05", "S06", "C02"]);
  const xml = `<testsuites><testsuite>
    <testcase name="a [S05 S06]"/>
    <testcase name="b [S05]"><failure message="no"/></testcase>
    <testcase name="c [D06]"><skipped/></testcase>
    <testcase name="d"/>
  </testsuite></testsuites>`;
  assertEquals([...byRow(readReport(xml))], [
    ["S05", { ran: 2, failed: ["b [S05]"] }],
    ["S06", { ran: 1, failed: [] }],
  ]);
});
