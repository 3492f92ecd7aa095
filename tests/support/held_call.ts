/**
 * A call whose agent speaks while the caller makes sounds, and what was heard of its answer.
 *
 * @module
 */

import { assertEquals } from "@std/assert";
import { fileToPcm } from "../../audio/file_to_pcm.ts";
import { levelDbfs } from "../../audio/level.ts";
import { encodeMulaw } from "../../audio/mulaw.ts";
import { FRAME_MS, LINE_FRAME_SAMPLES, LINE_HZ } from "../../audio/rates.ts";
import { agentLine, type CallerLineName, speechFile } from "../../emulators/speech.ts";
import type { AgentConfig } from "../../lib/agents/agent_config.ts";
import { asCallerHears } from "./call_audio.ts";
import type { FakeLine } from "./fake_line.ts";
import { LevelVad } from "./level_vad.ts";
import { type Scenario, startCall } from "./scenario.ts";
import type { ModelScript } from "./scripted_answers.ts";

/** The first answer: eight seconds of speech. */
export const LONG = agentLine("by-the-window");
/** All others. */
export const SHORT = agentLine("of-course");
/** When the first answer begins: the model's set-up, and its first thought. */
export const BEGINS_AT_MS = 290;
/** What the model is told when the caller breaks in. */
export const CUT_NOTE = 'The caller broke in. They had heard: "{{heard}}"';
const LONG_ON_LINE = asCallerHears(LONG.pcm24k);
/** Length of the first answer on the line. */
export const LONG_MS = LONG_ON_LINE.length / 8;

/** Places a call whose agent says the long answer first; `sounds` are what the caller does meanwhile. */
export async function startHeldCall(
  options: {
    sounds: (line: FakeLine) => void;
    agent?: Partial<AgentConfig>;
    mode?: AgentConfig["bargeIn"]["mode"];
    model?: Partial<ModelScript>;
    /** From this level on a frame is speech to the detector. */
    speechLevel?: number;
  },
): Promise<Scenario> {
  const { sounds, agent, mode = "decide", model, speechLevel = 40 } = options;
  const call = await startCall({
    model: {
      answers: (index) => {
        const { pcm24k, text } = index === 0 ? LONG : SHORT;
        return { pcm: pcm24k, text };
      },
      setupMs: 90,
      ...model,
    },
    agent: {
      bargeIn: { mode, minSpeechMs: 40, backchannelMaxMs: 450 },
      cutNote: CUT_NOTE,
      ...agent,
    },
    vad: new LevelVad(speechLevel),
  });
  sounds(call.line);
  call.line.pause(LONG_MS + 4_000);
  call.line.hangUp();
  return call;
}

/** Lets the call go on to its end. */
export async function finish({ clock, ended, model }: Scenario): Promise<void> {
  await clock.advance(40_000);
  assertEquals(await ended, { ending: "caller-hung-up" });
  assertEquals(model.violations, []);
  assertEquals(clock.pendingTimers, 0);
}

/** A part of the long answer that was heard without a break, in its own time. */
export interface Stretch {
  readonly fromMs: number;
  readonly toMs: number;
  /** When it began to sound. */
  readonly atMs: number;
}

/** The parts of the long answer that were heard before anything else was said; each is the same to the bit. */
export function stretchesHeard({ line }: Scenario): Stretch[] {
  const heard = heardOn(line);
  const stretches: Stretch[] = [];
  const messages = line.sent.filter(({ event }) => event !== "mark");
  for (const [n, message] of messages.entries()) {
    if (message.event !== "media" || messages[n - 1]?.event === "media") continue;
    const begin = Math.floor(message.atMs / FRAME_MS) * LINE_FRAME_SAMPLES;
    const clear = messages.slice(n).find(({ event }) => event === "clear");
    const end = clear ? Math.floor(clear.atMs / FRAME_MS) * LINE_FRAME_SAMPLES : heard.length;
    const from = placeInLong(heard.subarray(begin, end), 8 * (stretches.at(-1)?.toMs ?? 0));
    if (from === undefined) break;
    const to = Math.min(from + end - begin, LONG_ON_LINE.length);
    stretches.push({ fromMs: from / 8, toMs: to / 8, atMs: message.atMs });
  }
  return stretches;
}

/** Everything that the caller has heard. */
export function heardOn(line: FakeLine): Uint8Array {
  return new Uint8Array(line.heard.flatMap((frame) => [...frame]));
}

/** Where bytes lie in the long answer, as far as it goes; of several places, which only silence has, the one nearest. */
function placeInLong(bytes: Uint8Array, near: number): number | undefined {
  let [place, longest] = [-1, LINE_FRAME_SAMPLES];
  for (let at = 0; at < LONG_ON_LINE.length; at++) {
    const length = Math.min(bytes.length, LONG_ON_LINE.length - at);
    if (length < longest) break;
    let same = 0;
    while (same < length && bytes[same] === LONG_ON_LINE[at + same]) same++;
    const isNearer = length > longest || Math.abs(at - near) < Math.abs(place - near);
    if (same === length && isNearer) [place, longest] = [at, length];
  }
  return place < 0 ? undefined : place;
}

/** What the caller says: its sound, and how long it takes until it is loud. */
export const SPOKEN = {
  wait: spoken("wait"),
  stop: spoken("stop"),
  table: spoken("table"),
  story: spoken("story"),
};

function spoken(name: CallerLineName): { mulaw: Uint8Array; onsetMs: number } {
  const pcm = fileToPcm(Deno.readFileSync(speechFile("caller", name)), LINE_HZ);
  const frames = Math.floor(pcm.length / LINE_FRAME_SAMPLES);
  let quiet = 0;
  while (quiet < frames && levelDbfs(frameOf(pcm, quiet)) < -40) quiet++;
  return { mulaw: toMulaw(pcm), onsetMs: quiet * FRAME_MS };
}

function frameOf(pcm: Int16Array, n: number): Int16Array {
  return pcm.subarray(n * LINE_FRAME_SAMPLES, (n + 1) * LINE_FRAME_SAMPLES);
}

function toMulaw(pcm: Int16Array): Uint8Array {
  const mulaw = new Uint8Array(pcm.length);
  encodeMulaw(pcm, mulaw);
  return mulaw;
}

/** A voice of 120 Hz with the mouth closed; `glide` moves its spectrum as an opening mouth does, from 0 to 1. */
export function hum(ms = 250, glide = 0): Uint8Array {
  const length = ms * 8;
  return toMulaw(Int16Array.from({ length }, (_, i) => {
    const fade = Math.min(1, i / 160, (length - i) / 160);
    const opening = glide * i / length;
    let sum = 0;
    for (let harmonic = 1; harmonic <= 12; harmonic++) {
      const slope = harmonic <= 4 ? 1 / harmonic : opening / 4;
      sum += slope * Math.sin(2 * Math.PI * 120 * harmonic * i / LINE_HZ);
    }
    return 3_000 * fade * sum;
  }));
}
