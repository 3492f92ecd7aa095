import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import fc from "fast-check";
import { createLog, type Log, type LogLevel } from "../lib/log.ts";
import { FakeClock } from "./support/fake_clock.ts";

/** A log of a level, and what it wrote. */
function record(level: LogLevel): { log: Log; lines: string[] } {
  const lines: string[] = [];
  const clock = new FakeClock(Date.UTC(2026, 10, 1, 12));
  return { log: createLog({ level, clock, write: (line) => lines.push(line) }), lines };
}

const LEVELS: LogLevel[] = ["debug", "info", "warn", "error"];

for (const [least, level] of LEVELS.entries()) {
  Deno.test(`createLog() writes ${LEVELS.slice(least).join(", ")} when its level is ${level}`, () => {
    const { log, lines } = record(level);
    for (const each of LEVELS) log[each]("call-answered");
    assertEquals(
      lines.map((line) => JSON.parse(line)),
      LEVELS.slice(least).map((each) => ({
        time: "2026-11-01T12:00:00.000Z",
        level: each,
        event: "call-answered",
      })),
    );
  });
}

Deno.test("createLog() writes what a line says and what its log says", () => {
  const { log, lines } = record("info");
  log.with({ callSid: "CA1", turn: 1 }).with({ turn: 2 }).warn("model-lost", { closeCode: 1011 });
  const { callSid, turn, closeCode } = JSON.parse(lines[0] ?? "");
  assertEquals({ callSid, turn, closeCode }, { callSid: "CA1", turn: 2, closeCode: 1_011 });
});

Deno.test("createLog() writes what is said of a person at debug level only", () => {
  for (const level of LEVELS) {
    const { log, lines } = record(level);
    const calls = log.with({ callSid: "CA1", pii: { from: "+15551234567" } });
    for (const each of LEVELS) {
      calls[each]("call-answered");
      log[each]("words-heard", { pii: { text: "my secret" } });
    }
    const told = lines.filter((line) => /pii|\+1555|secret/.test(line)).length;
    assertEquals(told, level === "debug" ? lines.length : 0, level);
    assert(lines.length > 0);
  }
});

Deno.test("createLog() writes an error as its name, message, place and cause", () => {
  const { log, lines } = record("info");
  const cause = new RangeError("out of reach");
  log.error("call-failed", { error: new TypeError("no such call", { cause }) });
  const { error } = JSON.parse(lines[0] ?? "");
  assertEquals([error.name, error.message], ["TypeError", "no such call"]);
  assertMatch(error.at, /^at .*log_test\.ts/);
  assertEquals([error.cause.name, error.cause.message], ["RangeError", "out of reach"]);
  assertFalse("stack" in error);
});

Deno.test("createLog() writes a line and does not throw when a value cannot be written", () => {
  const circle: Record<string, unknown> = {};
  circle.self = circle;
  const ownCause = new Error("again");
  ownCause.cause = ownCause;
  const throwing = {
    toJSON(): never {
      throw new Error("not to be written");
    },
  };
  for (
    const value of [circle, 10n, ownCause, throwing, {
      get a(): never {
        throw circle;
      },
    }]
  ) {
    const { log, lines } = record("info");
    log.info("call-answered", { value });
    assertEquals(lines.length, 1);
    assertEquals(JSON.parse(lines[0] ?? "").event, "log-line-unwritable");
  }
});

Deno.test("createLog() writes every line as one line when values try to end it [D06]", () => {
  const names = ["Bob\r\nroot logged in", "\u001b[2J\u001b]0;title\u0007", "\u0000\b\f\v"];
  for (const name of names) {
    const { log, lines } = record("debug");
    log.info("call-answered", { name, [name]: 1, pii: { name }, error: new Error(name) });
    assertEquals(lines.length, 1);
    // deno-lint-ignore no-control-regex
    assertFalse(/[\u0000-\u001f]/.test(lines[0] ?? ""));
    const entry = JSON.parse(lines[0] ?? "");
    assertEquals([entry.name, entry.pii.name, entry.error.message], [name, name, name]);
  }
});

Deno.test("createLog() writes one JSON object whatever the fields [D06]", () => {
  const fields = fc.dictionary(fc.string({ unit: "binary" }), fc.anything({ withBigInt: true }));
  fc.assert(
    fc.property(fields, (value) => {
      const { log, lines } = record("debug");
      log.info("call-answered", { value });
      assertEquals(lines.length, 1);
      // deno-lint-ignore no-control-regex
      assertFalse(/[\u0000-\u001f]/.test(lines[0] ?? ""));
      const { event } = JSON.parse(lines[0] ?? "");
      assert(event === "call-answered" || event === "log-line-unwritable", event);
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("createLog() leaves prototypes alone when a field is called __proto__ [D06]", () => {
  const { log, lines } = record("info");
  log.info("call-answered", JSON.parse('{"__proto__":{"polluted":1},"constructor":{"a":1}}'));
  assertEquals(lines.length, 1);
  assertEquals(Reflect.get({}, "polluted"), undefined);
  assertEquals(Object.keys(Object.prototype), []);
});

Deno.test("createLog() lets no field take the place of the line's own head", () => {
  const { log, lines } = record("info");
  log.info("call-answered", { event: "forged", level: "debug", time: "never", turn: 1 });
  const line = JSON.parse(lines[0] ?? "");
  assertEquals([line.event, line.level, line.turn], ["call-answered", "info", 1]);
});

Deno.test("createLog() escapes what terminals and line readers would obey [D06]", () => {
  const { log, lines } = record("info");
  log.info("call-answered", { agent: "a\u009b31m\u2028b\u007f" });
  assertFalse(/[\u007f-\u009f\u2028\u2029]/.test(lines[0] ?? ""));
  assertEquals(JSON.parse(lines[0] ?? "").agent, "a\u009b31m\u2028b\u007f");
});
