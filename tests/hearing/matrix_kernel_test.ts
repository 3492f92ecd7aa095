import { assertAlmostEquals, assertThrows } from "@std/assert";
import { MatrixKernel } from "../../lib/hearing/matrix_kernel.ts";

Deno.test("MatrixKernel.multiply() gives matrix times vector plus bias, for sizes that fill no block", async () => {
  for (const [rows, columns] of [[32, 1], [64, 7], [33, 387], [258, 256], [5, 3]] as const) {
    const kernel = await MatrixKernel.load(300 * 400);
    const at = (row: number, column: number) => Math.sin(row * 31 + column * 7);
    const biasAt = (row: number) => row / 10;
    const matrix = kernel.matrix({ rows, columns, at, biasAt });
    const input = kernel.floats(columns);
    for (let i = 0; i < columns; i++) input[i] = Math.cos(i);
    const output = kernel.floats(matrix.bias.length);

    for (let run = 0; run < 2; run++) kernel.multiply(matrix, input, output);

    for (let row = 0; row < output.length; row++) {
      let expected = row < rows ? biasAt(row) : 0;
      for (let i = 0; i < columns && row < rows; i++) expected += at(row, i) * Math.cos(i);
      const value = output[row] ?? NaN;
      assertAlmostEquals(value, expected, 1e-4, `${rows} x ${columns}, row ${row}`);
    }
  }
});

Deno.test("MatrixKernel.floats() refuses when the room is used up", async () => {
  const kernel = await MatrixKernel.load(16_384);
  kernel.floats(16_000);
  assertThrows(() => kernel.floats(1_000), RangeError);
});
