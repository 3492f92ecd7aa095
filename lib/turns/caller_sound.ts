/**
 * What each frame of the caller sounds like beside the background and the caller's own loudness: what the end-pointer and the pause
 * clock go by.
 *
 * @module
 */

import { Background, BandBackground } from "./background.ts";
import { CUE_BANDS, type PauseCue } from "./pause_clock.ts";

/** Before anything was heard. */
const FIRST_LOUDEST_DBFS = -70;
/** How fast the loudest level is forgotten, per frame: a decibel a second. */
const LOUDEST_FALL_DB = 0.02;

/** Follows the sound of one caller. */
export class CallerSound implements PauseCue {
  /** What is behind the caller. */
  readonly background = new Background();
  /** The same band by band. */
  readonly bands = new BandBackground(CUE_BANDS);
  /** The detector's probability that the last frame is speech, 0 to 1. */
  speechProbability = 0;
  /** Level of the last frame in the telephone's band. */
  levelDbfs: number = FIRST_LOUDEST_DBFS;
  /** The loudest of late. */
  loudestDbfs: number = FIRST_LOUDEST_DBFS;

  /**
   * Hears a frame.
   *
   * @param bandsDb Its level in each band, `CUE_BANDS` of them
   * @param isUtterance Somebody is speaking, or has just spoken
   * @throws {RangeError} If there are fewer or more bands
   */
  hear(speechProbability: number, bandsDb: ArrayLike<number>, isUtterance: boolean): void {
    if (bandsDb.length !== CUE_BANDS) {
      throw new RangeError(`Cannot hear frame: expected ${CUE_BANDS} bands, got ${bandsDb.length}`);
    }
    this.speechProbability = speechProbability;
    this.bands.hear(bandsDb, isUtterance);
    this.background.hear(this.bands.power, speechProbability);
    this.levelDbfs = 10 * Math.log10(this.bands.power);
    this.loudestDbfs = Math.max(this.levelDbfs, this.loudestDbfs - LOUDEST_FALL_DB);
  }

  /** How far each band of the last frame stands above its background, in dB. */
  get aboveFloorsDb(): ArrayLike<number> {
    return this.bands.aboveFloorsDb;
  }

  /** Mean level of the background. */
  get floorDbfs(): number {
    return this.background.floorDbfs;
  }
}
