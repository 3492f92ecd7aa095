import { assert, assertEquals, assertThrows } from "@std/assert";
import model from "@ricky0123/vad-web/dist/silero_vad_v6.onnx" with { type: "bytes" };
import { readTensors } from "../../lib/hearing/onnx_tensors.ts";

Deno.test("readTensors() finds the constants of both branches, each as long as its shape says", () => {
  const tensors = readTensors(model);
  const names = [...tensors.keys()];
  for (const branch of ["then", "else"]) {
    const name = `If_0_${branch}_branch__Inline_0__decoder.rnn.weight_hh`;
    assertEquals(tensors.get(name)?.shape, [512, 128]);
    assert(names.filter((name) => name.includes(`_${branch}_`)).length >= 14);
  }
  for (const [name, { shape, values }] of tensors) {
    assertEquals(values.length, shape.reduce((product, length) => product * length, 1), name);
  }
});

Deno.test("readTensors() refuses what is no protobuf message", () => {
  assertThrows(() => readTensors(Uint8Array.of(0x3a, 0xff)), RangeError, "cut short");
});
