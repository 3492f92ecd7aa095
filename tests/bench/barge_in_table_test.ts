import { assertEquals } from "@std/assert";
import { columnsOf } from "../../bench/barge_in_table.ts";
import type { SceneResult } from "../../bench/barge_in_bench.ts";
import type { EventKind } from "../../bench/barge_in/scenes.ts";

type Given = SceneResult["given"][number];
const hold = (atMs: number): Given => ({ atMs, order: { type: "hold", onsetMs: 1_000 } });
const taken = (atMs: number): Given => ({ atMs, order: { type: "interrupt", onsetMs: 1_000 } });

/** A scene with one sound from 1.0 to 2.0 s, or with none. */
function result(group: string, kind: EventKind | undefined, ...given: Given[]): SceneResult {
  const events = kind ? [{ kind, name: kind, onsetMs: 1_000, endMs: 2_000 }] : [];
  const sound = { near: new Int16Array(), agent: new Uint8Array() };
  const scene = { id: group, group, detail: "-20 dB", events, echo: undefined, ...sound };
  return { scene, given, playedMs: 10_000 };
}

Deno.test("columnsOf() tells a contestant that does everything right from one that does not", () => {
  const right = [
    result("quiet", "sentence", hold(1_100), taken(1_300)),
    result("quiet", "word", taken(1_200)),
    result("quiet", "hum"),
    result("echo", undefined),
  ];
  assertEquals(columnsOf(right), ["1.000", "100", "100", "1.000", "1.000", "1.000"]);
  const wrong = [
    result("quiet", "sentence"),
    result("quiet", "sentence", hold(1_400)),
    result("quiet", "word"),
    result("quiet", "hum", taken(1_200)),
    result("echo", undefined, taken(5_000)),
  ];
  assertEquals(columnsOf(wrong), ["0.000", "400", "400", "0.000", "0.000", "0.000"]);
});
