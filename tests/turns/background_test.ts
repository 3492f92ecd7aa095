import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { BandBackground } from "../../lib/turns/background.ts";

const BANDS = 10;

/** A frame of one level in all bands but one. */
function frame(dbfs: number, otherBand?: { band: number; dbfs: number }): Float64Array {
  const bandsDb = new Float64Array(BANDS).fill(dbfs);
  if (otherBand) bandsDb[otherBand.band] = otherBand.dbfs;
  return bandsDb;
}

function heard(frames: readonly Float64Array[]): BandBackground {
  const background = new BandBackground(BANDS);
  for (const bandsDb of frames) background.hear(bandsDb, false);
  return background;
}

const steady = (dbfs: number) => Array.from({ length: 300 }, () => frame(dbfs));

Deno.test("BandBackground takes steady noise of any level for background", () => {
  for (const dbfs of [-75, -50, -30]) {
    assert(heard(steady(dbfs)).excessDb <= 0, `${dbfs} dBFS`);
  }
});

Deno.test("BandBackground hears a sound in one band beside noise in another", () => {
  const noisy = Array.from({ length: 300 }, () => frame(-60, { band: 0, dbfs: -20 }));
  const background = heard(noisy);
  const sound = frame(-60, { band: 0, dbfs: -20 });
  sound[7] = -45;
  background.hear(sound, true);
  // 15 dB in a tenth of the bands, less what is chance.
  assertAlmostEquals(background.excessDb, (15 - 3.5) / BANDS, 0.01);
});

Deno.test("BandBackground lets no single band count for all", () => {
  const background = heard(steady(-70));
  background.hear(frame(-70, { band: 3, dbfs: -5 }), true);
  assertEquals(background.excessDb, 20 / BANDS);
});

Deno.test("BandBackground learns what is usual of a background that wavers, while nobody speaks", () => {
  const wavering = Array.from({ length: 500 }, (_, n) => frame(n % 20 < 10 ? -60 : -45));
  const background = heard(wavering);
  background.hear(frame(-45), true);
  const usual = background.excessDb;
  assert(usual < 11.5 / 2, `${usual} dB: a peak of the music is not far above it`);
  const fresh = new BandBackground(BANDS);
  for (const bandsDb of wavering) fresh.hear(bandsDb, true);
  fresh.hear(frame(-45), true);
  assertAlmostEquals(fresh.excessDb, 11.5, 0.01, "in an utterance nothing is learnt of it");
});
