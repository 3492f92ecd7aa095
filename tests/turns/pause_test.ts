import { assert, assertEquals } from "@std/assert";
import { DEFAULT_ENDPOINT_SETTINGS } from "../../lib/turns/endpoint_settings.ts";
import { Pause, type Sound } from "../../lib/turns/pause.ts";

const VOICE: Sound = {
  speechProbability: 0.95,
  level: -25,
  smoothLevel: -25,
  floor: -62,
  likeness: 0,
  excessDb: 15,
  sinceSpeechMs: 0,
};
const QUIET: Sound = {
  ...VOICE,
  speechProbability: 0.02,
  level: -62,
  smoothLevel: -62,
  excessDb: 0,
};

/** How long a pause lasts until the turn ends, if the pause clock says so much after so much silence. */
function endsAfter(
  clock: (silenceMs: number) => number,
  { hangoverMs = DEFAULT_ENDPOINT_SETTINGS.hangoverMs, longestMs = 20_000 } = {},
): number | undefined {
  const pause = new Pause({ ...DEFAULT_ENDPOINT_SETTINGS, hangoverMs }, VOICE);
  for (let n = 0; n < 50; n++) {
    if (pause.hear({ ...VOICE, sinceSpeechMs: clock(0) }) !== undefined) return 0;
  }
  for (let ms = 20; ms <= longestMs; ms += 20) {
    if (pause.hear({ ...QUIET, sinceSpeechMs: clock(ms) }) !== undefined) return ms;
  }
}

const HANGOVERS_MS = [100, 420, 600, 850, 5_000];

Deno.test("Pause ends where the pause clock and the others agree, a margin later", () => {
  for (const hangoverMs of HANGOVERS_MS) {
    const ms = endsAfter((silenceMs) => Math.min(1_200, silenceMs), { hangoverMs }) ?? NaN;
    assert(ms >= hangoverMs && ms <= hangoverMs + 80, `${hangoverMs} ms: ${ms}`);
  }
});

Deno.test("Pause is not ended in speech by a pause clock that hears none", () => {
  for (const hangoverMs of HANGOVERS_MS) {
    for (const stuckAtMs of [400, 800, 1_200]) {
      const ms = endsAfter(() => stuckAtMs, { hangoverMs }) ?? NaN;
      assert(ms >= Math.min(hangoverMs - 200, hangoverMs / 2), `${hangoverMs} ms: ${ms}`);
    }
  }
});

Deno.test("Pause ends although a pause clock hears speech for ever", () => {
  for (const hangoverMs of HANGOVERS_MS) {
    const ms = endsAfter(() => 0, { hangoverMs }) ?? NaN;
    assert(ms <= hangoverMs + 220, `${hangoverMs} ms: ${ms}`);
  }
});

Deno.test("Pause forgets what the pause clock said of a pause when the caller goes on", () => {
  const pause = new Pause(DEFAULT_ENDPOINT_SETTINGS, VOICE);
  const hear = (sound: Sound, sinceSpeechMs: number, frames: number) => {
    for (let n = 0; n < frames; n++) {
      assertEquals(pause.hear({ ...sound, sinceSpeechMs }), undefined);
    }
  };
  hear(VOICE, 0, 50);
  hear(QUIET, 800, 15);
  hear(VOICE, 1_000, 10);
  hear(QUIET, 1_000, 28);
});
