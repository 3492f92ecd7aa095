import { assert, assertAlmostEquals, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { convertRate } from "../../audio/file_to_pcm.ts";
import { MULAW_SILENCE } from "../../audio/mulaw.ts";
import { LINE_HZ, MODEL_INPUT_HZ, MODEL_OUTPUT_HZ } from "../../audio/rates.ts";
import { hangUp, mulawOf, wait } from "../../emulators/caller_script.ts";
import { agentLine, callerLine, type CallerLineName } from "../../emulators/speech.ts";
import { linePcm } from "../../tasks/call_audio_file.ts";
import { findSound } from "../../tasks/sound_match.ts";
import { print } from "../../tasks/terminal.ts";
import { fitSine, powerDb, sine } from "../audio/tones.ts";
import {
  answerPlaceMs,
  assertUnbroken,
  framesOf,
  heardWithoutGaps,
  turnPlaceMs,
} from "../support/call_audio.ts";
import { says, spoken } from "../support/recorded.ts";
import { SocketRig } from "../support/socket_call.ts";

const LINES: readonly CallerLineName[] = ["table", "goodbye", "wait", "window", "stop"];
const LEAST_CORRELATION = 0.99;
const LEAST_SINAD_DB = 35;
const TONES_HZ = [310, 520, 1_020, 2_010, 3_050];
const TONE_MS = 400;

/** A recording as a telephone carries it, put back to 16 kHz by a converter that calls do not use. */
function overTheTelephone(pcm16k: Int16Array): Int16Array {
  const line = linePcm(mulawOf(pcm16k, MODEL_INPUT_HZ));
  return convertRate(line, { fromHz: LINE_HZ, toHz: MODEL_INPUT_HZ });
}

/** First and last 100 ms that are louder than -40 dBFS at their edge. */
function edges(pcm: Int16Array): { first: [number, number]; last: [number, number] } {
  const isLoud = (sample: number) => Math.abs(sample) > 328;
  const from = pcm.findIndex(isLoud);
  const to = pcm.findLastIndex(isLoud) + 1;
  const length = MODEL_INPUT_HZ / 10;
  return { first: [from, from + length], last: [to - length, to] };
}

Deno.test("the model hears what was said, from the first 100 ms to the last", async () => {
  await using rig = await SocketRig.start({ model: { script: { answers: () => undefined } } });
  const calls = LINES.map(async (name) => {
    const finished = await rig.call([wait(500), says(name), wait(900), hangUp()]);
    return { name, finished };
  });
  for (const { name, finished } of await Promise.all(calls)) {
    assertUnbroken(finished);
    const [window, ...others] = finished.session?.windows ?? [];
    assert(window);
    assertEquals(others, [], `"${name}" is one turn`);
    assert(turnPlaceMs(window.pcm, framesOf(finished.report.said)) >= 0);

    const expected = overTheTelephone(callerLine(name).pcm16k);
    const { at, correlation } = findSound(expected, window.pcm);
    const { first, last } = edges(expected);
    const [ofFirst, ofLast] = [first, last].map(([from, to]) =>
      findSound(expected.subarray(from, to), window.pcm.subarray(at + from, at + to)).correlation
    );
    print(
      `  "${name}": correlation ${correlation.toFixed(4)}, ` +
        `first 100 ms ${ofFirst?.toFixed(4)}, last 100 ms ${ofLast?.toFixed(4)}`,
    );
    for (const one of [correlation, ofFirst, ofLast]) {
      assertGreaterOrEqual(one ?? 0, LEAST_CORRELATION, name);
    }
  }
});

Deno.test("the caller hears an answer whole: not cut, doubled, gapped or longer", async () => {
  await Promise.all([20, 45, 250].map(async (chunkMs) => {
    const { pcm24k } = agentLine("which-day");
    await using rig = await SocketRig.start({
      model: { script: { answers: spoken("which-day"), delivery: { chunkMs, thinkMs: 0 } } },
    });
    const finished = await rig.call([wait(2_000), hangUp()]);
    assertUnbroken(finished);
    const heard = heardWithoutGaps(finished.report);
    const from = answerPlaceMs(pcm24k, finished.report) * LINE_HZ / 1_000;
    assert(from >= 0, "the answer is there, to the bit");
    const isSilence = (byte: number) => byte === MULAW_SILENCE;
    assert(heard.subarray(0, from).every(isSilence), "nothing else before it");
    const to = from + Math.ceil(pcm24k.length / 3);
    assert(heard.subarray(to + 160).every(isSilence), "nor behind it, but for the filter's tail");
    const expected = convertRate(pcm24k, { fromHz: MODEL_OUTPUT_HZ, toHz: LINE_HZ });
    assertGreaterOrEqual(findSound(expected, linePcm(heard)).correlation, LEAST_CORRELATION);
  }));
});

Deno.test("a tone of the model comes back at the telephone with at least 35 dB SINAD", async () => {
  const tones = TONES_HZ.map((hz) =>
    sine(hz, { rateHz: MODEL_OUTPUT_HZ, seconds: TONE_MS / 1_000, amplitude: 0.5 })
  );
  const pcm = new Int16Array(tones.flatMap((tone) => [...tone]));
  await using rig = await SocketRig.start({
    model: { script: { answers: [{ text: "Hum.", pcm }], delivery: { thinkMs: 0 } } },
  });
  const finished = await rig.call([wait(TONES_HZ.length * TONE_MS + 400), hangUp()]);
  assertUnbroken(finished);
  const heard = heardWithoutGaps(finished.report);
  const fromMs = answerPlaceMs(pcm, finished.report);
  assertGreaterOrEqual(fromMs, 0);
  for (const [n, hz] of TONES_HZ.entries()) {
    const at = (fromMs + n * TONE_MS) * LINE_HZ / 1_000;
    const tone = linePcm(heard.subarray(at, at + TONE_MS * LINE_HZ / 1_000));
    const { amplitude, residue } = fitSine(tone, { hz, rateHz: LINE_HZ });
    const sinadDb = powerDb(amplitude ** 2 / 2 / residue);
    print(`  ${hz} Hz: SINAD ${sinadDb.toFixed(1)} dB, amplitude ${amplitude.toFixed(3)}`);
    assertGreaterOrEqual(sinadDb, LEAST_SINAD_DB, `${hz} Hz`);
    assertAlmostEquals(amplitude, 0.5, 0.01);
  }
});
