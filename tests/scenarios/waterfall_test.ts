/** The waterfall of a turn is true: delays that are put in at each step come out where they were put in. */

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { FRAME_MS } from "../../audio/rates.ts";
import type { CallParts } from "../../lib/call/call.ts";
import type { Leg } from "../../lib/call/leg.ts";
import type { ModelEvent, OpenModel } from "../../lib/call/model.ts";
import type { Clock } from "../../lib/clock.ts";
import type { TurnLatency } from "../../lib/records/call_record.ts";
import { DEFAULT_TURN_SETTINGS } from "../../lib/turns/turn_settings.ts";
import { test } from "../support/flights.ts";
import { agentVoice, callerVoice, startCall } from "../support/scenario.ts";

/** What is put in, in milliseconds. */
interface Delays {
  /** From the caller's last word to the decision. */
  readonly decide: number;
  /** For so long behind the decision there is no connection to the model. */
  readonly away: number;
  /** From the end of the turn to the first audio. */
  readonly think: number;
  /** From the first audio, which is too short to be sent, to the rest of it. */
  readonly halting: number;
  /** From the end of the first piece on the line to the word that it was played. */
  readonly back: number;
}

const SPEAKS_AT_MS = 5_000;
const SPEAKS_MS = 1_000;
/** How long the model needs to connect. */
const SETUP_MS = 1_500;
/** Half a frame at 24 kHz: it cannot be sent. */
const HALF_FRAME = 240;

/** What a model says, with a pause behind the first half frame of each answer; `gave` is told when that is over. */
function halting(
  open: OpenModel,
  { clock, ms, gave }: { clock: Clock; ms: number; gave: (atMs: number) => void },
): OpenModel {
  return (post, begin) => {
    let isAnswering = false;
    let untilMs = 0;
    const late = (event: ModelEvent) => void clock.at(untilMs, () => post(event));
    return open((event) => {
      if (event.type === "model-turn-completed") isAnswering = false;
      if (event.type !== "agent-audio-received") {
        return clock.nowMs() < untilMs ? late(event) : post(event);
      }
      if (isAnswering) return late(event);
      isAnswering = true;
      untilMs = clock.nowMs() + ms;
      gave(untilMs);
      post({ ...event, pcm: event.pcm.subarray(0, HALF_FRAME) });
      late({ ...event, pcm: event.pcm.subarray(HALF_FRAME) });
    }, begin);
  };
}

/** A leg whose marks come back late. */
function lateMarks(leg: Leg, { clock, ms }: { clock: Clock; ms: number }): Leg {
  return {
    get faults() {
      return leg.faults;
    },
    listen: (post) =>
      leg.listen((event) => {
        if (event.type !== "mark-reached") return post(event);
        clock.at(clock.nowMs() + ms, () => post(event));
      }),
    play: (mulaw) => leg.play(mulaw),
    mark: (name) => leg.mark(name),
    clear: () => leg.clear(),
    close: () => leg.close(),
  };
}

/** One turn with these delays, and when the line had played the first frame of the answer. */
async function turnWith(delays: Delays): Promise<{ turn: TurnLatency; soundedMs: number }> {
  let gaveAtMs = 0;
  const gave = (atMs: number) => gaveAtMs = atMs;
  const { clock, line, model, ended, record } = await startCall({
    model: {
      answers: (index) => ({ pcm: agentVoice(1_000, index + 1), text: "Yes." }),
      thinkMs: delays.think,
      setupMs: SETUP_MS,
    },
    agent: { turns: { ...DEFAULT_TURN_SETTINGS, hangoverMs: delays.decide } },
    tamper: (parts: CallParts): CallParts => ({
      ...parts,
      leg: lateMarks(parts.leg, { clock: parts.clock, ms: delays.back }),
      openModel: halting(parts.openModel, {
        clock: parts.clock,
        ms: delays.halting,
        gave,
      }),
    }),
  });
  line.pause(SPEAKS_AT_MS);
  line.say(callerVoice(SPEAKS_MS));
  if (delays.away > 0) {
    const decidedMs = SPEAKS_AT_MS + SPEAKS_MS + delays.decide;
    clock.at(decidedMs + delays.away - SETUP_MS, () => model.loseConnection());
  }
  await clock.advance(SPEAKS_AT_MS + SPEAKS_MS + 6_000);
  const firstFrame = line.heard.findIndex((frame, n) =>
    n * FRAME_MS >= gaveAtMs && frame.some((code) => code !== 0xff && code !== 0x7f)
  );
  line.hangUp();
  await clock.advance(200);
  assertEquals(await ended, { ending: "caller-hung-up" });
  assertEquals(model.violations, []);
  const [turn, ...others] = record().turns;
  assert(turn);
  assertEquals(others, []);
  return { turn, soundedMs: (firstFrame + 1) * FRAME_MS };
}

const NONE: Delays = { decide: 300, away: 0, think: 100, halting: 0, back: 0 };
const CASES: readonly Delays[] = [
  NONE,
  { ...NONE, decide: 850 },
  { ...NONE, away: 700 },
  { ...NONE, think: 1_300 },
  { ...NONE, halting: 240 },
  { ...NONE, back: 370 },
  { decide: 420, away: 310, think: 640, halting: 130, back: 90 },
  { decide: 600, away: 1_200, think: 33, halting: 61, back: 777 },
];

for (const delays of CASES) {
  test(`the waterfall shows ${JSON.stringify(delays)} within a frame`, async () => {
    const { turn, soundedMs } = await turnWith(delays);
    const { firstModelAudioMs = NaN, firstMediaSentMs = NaN, firstHeardMs = NaN } = turn;
    const steps = {
      speechEnded: [turn.speechEndedMs, SPEAKS_AT_MS + SPEAKS_MS],
      decided: [turn.decidedMs - turn.speechEndedMs, delays.decide],
      activityEndSent: [turn.activityEndSentMs - turn.decidedMs, delays.away],
      firstModelAudio: [firstModelAudioMs - turn.activityEndSentMs, delays.think],
      firstMediaSent: [firstMediaSentMs - firstModelAudioMs, delays.halting],
      firstHeard: [firstHeardMs - soundedMs, delays.back],
    } as const;
    for (const [name, [shown, putIn]] of Object.entries(steps)) {
      assertAlmostEquals(shown, putIn, FRAME_MS, name);
    }
  });
}
