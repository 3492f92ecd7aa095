/**
 * F: tools.
 *
 * @module
 */

import { LINE_FRAME_SAMPLES } from "../../../audio/rates.ts";
import { hangUp, wait } from "../../../emulators/caller_script.ts";
import type { Rig } from "../rig.ts";
import type { Row } from "../row.ts";
import { codedCaller, GREETING, hearsOut, lineAfter, saysCoded } from "../speech.ts";
import { arrivalOf, framesAtModel } from "../uplink.ts";

const DAY = { day: "2026-11-22", guests: 4 };
/** Eight that can be done, of which the model waits for seven; a name that nobody knows; arguments that do not fit. */
const TEN_CALLS = [
  ...Array.from({ length: 7 }, (_, n) => ({ name: "find_table", args: { ...DAY, guests: n + 1 } })),
  { name: "book_table", args: { ...DAY, time: "19:30", name: "Ann" } },
  { name: "read_minds", args: {} },
  { name: "find_table", args: { day: "soon", guests: "some" } },
];

/** Ten tools at once, two seconds long; the caller speaks meanwhile, and the model closes on any audio until it has all answers. */
async function tenAtOnce(rig: Rig): Promise<void> {
  const { report, sessions } = await rig.call([
    hearsOut,
    saysCoded("stop", 900),
    wait(1_200),
    saysCoded("table"),
    hearsOut,
    hangUp(),
  ]);
  const answers = sessions.flatMap(({ toolResponses }) => toolResponses);
  rig.figures.is("answers", answers.length, TEN_CALLS.length);
  rig.figures.is("ids answered", new Set(answers.map(({ id }) => id)).size, TEN_CALLS.length);
  const errors = answers.filter(({ response }) => "error" in response);
  rig.figures.is("answers that are errors", errors.length, 2);
  rig.figures.is("connections", sessions.length, 1);
  rig.figures.is("rules broken", sessions.flatMap(({ violations }) => violations).join(), "");
  const length = Math.floor(codedCaller("table").length / LINE_FRAME_SAMPLES);
  const frames = framesAtModel(sessions);
  const [calledAtMs = NaN] = sessions.flatMap(({ windows }) => windows).map(({ endedAtMs }) =>
    endedAtMs
  );
  const said = report.utterances[1]?.startedAtMs ?? NaN;
  rig.figures.atMost("said after the calls", said - calledAtMs, 2_000, "ms");
  rig.figures.is("frames lost", arrivalOf(frames, { first: 0, length }).missing, 0);
  const heardTo = sessions.flatMap(({ sent }) => sent).at(-1);
  rig.figures.is("the last answer", heardTo?.outcome, "complete");
}

/** F06. */
export const TOOL_ROWS: readonly Row[] = [
  {
    id: "F06",
    environment: { AGENTS: "tests/acceptance/agents/busy.jsonc" },
    answers: ({ index }) => {
      if (index === 0) return GREETING;
      return index === 1 ? { ...lineAfter(1), calls: TEN_CALLS } : lineAfter(index);
    },
    run: tenAtOnce,
  },
];
