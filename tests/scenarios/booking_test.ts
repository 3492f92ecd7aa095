import { assert, assertEquals } from "@std/assert";
import { MODEL_INPUT_HZ } from "../../audio/rates.ts";
import { mulawOf } from "../../emulators/caller_script.ts";
import { agentLine, callerLine, type CallerLineName } from "../../emulators/speech.ts";
import { bookTableTool, findTableTool, TableBook } from "../../lib/tools/table_book.ts";
import { AGENT_LINES, BOOKING, books } from "../support/booking.ts";
import { asCallerHears, placeOnLine } from "../support/call_audio.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { test } from "../support/flights.ts";
import { heardOn, hum } from "../support/held_call.ts";
import { LevelVad } from "../support/level_vad.ts";
import { MemoryService } from "../support/memory_service.ts";
import { type Scenario, startCall } from "../support/scenario.ts";
import { kitOf, NO_CALL } from "../support/tool_kit.ts";

/** Until an answer begins: the pause that ends a turn, a thought, a tool, a second thought, and the way. */
const ANSWER_BEGINS_MS = 1_200;
const MURMUR_AT_MS = 2_500;

/** The caller's part; the pauses are as long as what the agent says. */
function speak({ line }: Scenario): void {
  const says = (name: CallerLineName) => line.say(mulawOf(callerLine(name).pcm16k, MODEL_INPUT_HZ));
  const hearsOut = (name: (typeof AGENT_LINES)[number]) =>
    line.pause(ANSWER_BEGINS_MS + agentLine(name).pcm24k.length / 24);
  hearsOut("greeting");
  says("table");
  hearsOut("which-day");
  says("tomorrow");
  hearsOut("table-is-free");
  says("window");
  line.pause(MURMUR_AT_MS);
  line.say(hum());
  hearsOut("by-the-window");
  says("goodbye");
}

for (const model of ["gemini-3.8-live", "gemini-3.1-flash-live-preview"]) {
  test(`a whole booking with ${model}: the question, the look at the tables, a murmur, the booking, the goodbye, all heard`, async () => {
    const clock = new FakeClock();
    const service = new MemoryService({ clock, wayMs: () => 15, script: { answers: books } });
    const book = new TableBook();
    const isBlocking = model !== "gemini-3.8-live";
    const kit = kitOf(findTableTool(book), bookTableTool(book));
    const toolKit = {
      ...kit,
      tools: (control: typeof NO_CALL) =>
        kit.tools(control).map((tool) => ({ ...tool, isBlocking })),
    };
    const call = await startCall({
      clock,
      model: { answers: () => undefined },
      openModel: () => service.opener({ model, tools: toolKit.tools(NO_CALL) }),
      agent: { bargeIn: { mode: "decide", minSpeechMs: 40, backchannelMaxMs: 450 } },
      toolKit,
      vad: new LevelVad(40),
    });
    speak(call);
    await clock.advance(60_000);
    assertEquals((await call.ended).ending, "agent-hung-up");

    const record = call.record();
    const heard = record.transcript.filter(({ party }) => party === "agent");
    assertEquals(
      heard.map(({ heardText }) => heardText?.trim()),
      AGENT_LINES.map((name) => agentLine(name).text),
    );
    const onLine = heardOn(call.line);
    for (const name of AGENT_LINES.filter((each) => each !== "by-the-window")) {
      assert(placeOnLine(asCallerHears(agentLine(name).pcm24k), onLine) >= 0, `${name} was heard`);
    }
    assertEquals(record.bargeIns, { held: 1, resumed: 1 }, "the murmur stopped nothing");
    assertEquals(record.tools?.map(({ name, ending }) => [name, ending]), [
      ["find_table", "answered"],
      ["book_table", "answered"],
      ["hang_up", "answered"],
    ]);
    const [session] = service.sessions;
    assertEquals(session?.toolResponses.map(({ response }) => response).slice(0, 2), [
      { output: { free: ["17:30", "18:00", "18:30"] } },
      { output: { booked: BOOKING } },
    ]);
    const free = [20, 21].map((guests) =>
      book.freeTimes(BOOKING.day, guests).includes(BOOKING.time)
    );
    assertEquals(free, [true, false], "four of 24 seats are taken");
    assertEquals(service.violations, []);
    assertEquals([service.openSockets, clock.pendingTimers], [0, 0]);
  });
}
