/**
 * Multiplies matrices by vectors, four numbers at a time.
 *
 * JavaScript has no instruction for four numbers at once; WebAssembly has. So the one loop in which a small network
 * spends its time is a WebAssembly function, written out below, and everything around it is TypeScript.
 *
 * @module
 */

/** Rows that are computed together: eight registers of four numbers. */
const ROWS = 32;
const REGISTERS = 8;
const FLOAT_BYTES = 4;
const PAGE_BYTES = 65_536;

/** A matrix and what is added to its product. */
export interface Matrix {
  /** Blocks of 32 rows; in a block column follows column. */
  readonly weights: Float32Array;
  /** One number for each row. */
  readonly bias: Float32Array;
  /** How many numbers go in. */
  readonly columns: number;
}

/** What a matrix is made from. */
export interface MatrixSource {
  /** How many numbers come out; rounded up to a multiple of 32, with zeros. */
  readonly rows: number;
  /** How many numbers go in. */
  readonly columns: number;
  /** The number at a place. */
  readonly at: (row: number, column: number) => number;
  /** What is added to each row. */
  readonly biasAt: (row: number) => number;
}

/** A stretch of memory and the function that works in it. */
export class MatrixKernel {
  readonly #memory: WebAssembly.Memory;
  readonly #multiplyAdd: MultiplyAdd;
  #usedBytes = 0;

  private constructor(memory: WebAssembly.Memory, multiplyAdd: MultiplyAdd) {
    this.#memory = memory;
    this.#multiplyAdd = multiplyAdd;
  }

  /** A kernel with room for that many numbers. */
  static async load(floats: number): Promise<MatrixKernel> {
    const pages = Math.ceil(floats * FLOAT_BYTES / PAGE_BYTES);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const { instance } = await WebAssembly.instantiate(assemble(), { kernel: { memory } });
    return new MatrixKernel(memory, instance.exports["run"] as MultiplyAdd);
  }

  /**
   * Takes room for numbers, all 0.
   *
   * @throws {RangeError} If there is no more
   */
  floats(count: number): Float32Array {
    const floats = new Float32Array(this.#memory.buffer, this.#usedBytes, count);
    this.#usedBytes += count * FLOAT_BYTES;
    return floats;
  }

  /** Takes room for a matrix and fills it. */
  matrix({ rows, columns, at, biasAt }: MatrixSource): Matrix {
    const rounded = Math.ceil(rows / ROWS) * ROWS;
    const weights = this.floats(rounded * columns);
    const bias = this.floats(rounded);
    for (let row = 0; row < rows; row++) {
      const block = Math.floor(row / ROWS) * ROWS * columns + row % ROWS;
      for (let column = 0; column < columns; column++) {
        weights[block + column * ROWS] = at(row, column);
      }
      bias[row] = biasAt(row);
    }
    return { weights, bias, columns };
  }

  /** Puts matrix times `input`, and the bias, into `output`; all three lie in this kernel's memory. */
  multiply({ weights, bias, columns }: Matrix, input: Float32Array, output: Float32Array): void {
    output.set(bias);
    this.#multiplyAdd(
      weights.byteOffset,
      input.byteOffset,
      output.byteOffset,
      bias.length / ROWS,
      columns,
    );
  }
}

type MultiplyAdd = (
  weights: number,
  input: number,
  output: number,
  blocks: number,
  columns: number,
) => void;

/** Locals of the function: its five parameters, two addresses, the registers, and the number that goes in. */
const WEIGHTS = 0;
const INPUT = 1;
const OUTPUT = 2;
const BLOCKS = 3;
const COLUMNS = 4;
const INPUT_END = 5;
const NEXT_INPUT = 6;
const REGISTER = 7;
const FACTOR = REGISTER + REGISTERS;

/** Types and instructions as WebAssembly's binary format has them. */
const I32 = 0x7f;
const V128 = 0x7b;
const LOOP = [0x03, 0x40];
const REPEAT_IF = [0x0d, 0x00];
const END = [0x0b];
const ADD = [0x6a];
const SUBTRACT = [0x6b];
const SHIFT_LEFT = [0x74];
const IS_BELOW = [0x49];
const ADD_4 = [0xfd, 0xe4, 0x01];
const MULTIPLY_4 = [0xfd, 0xe6, 0x01];
const LOAD_1_INTO_4 = [0xfd, 0x09, 0x02, 0x00];
const load4 = (offset: number) => [0xfd, 0x00, 0x02, offset];
const store4 = (offset: number) => [0xfd, 0x0b, 0x02, offset];
const get = (local: number) => [0x20, local];
const set = (local: number) => [0x21, local];
const setAndKeep = (local: number) => [0x22, local];
const constant = (value: number) => [0x41, ...(value < 64 ? [value] : twoBytes(value))];
const advance = (local: number, bytes: number) => [...get(local), ...constant(bytes), ...ADD];
const forEachRegister = (code: (register: number, offset: number) => number[]) =>
  Array.from({ length: REGISTERS }, (_, i) => code(REGISTER + i, 16 * i)).flat();

/**
 * For each block of rows: the registers take what stands in the output, each column adds its weights times its number,
 * and the registers go back.
 */
function loops(): number[] {
  return [
    ...[...get(INPUT), ...get(COLUMNS), ...constant(2), ...SHIFT_LEFT, ...ADD, ...set(INPUT_END)],
    ...LOOP,
    ...forEachRegister((register, offset) => [...get(OUTPUT), ...load4(offset), ...set(register)]),
    ...[...get(INPUT), ...set(NEXT_INPUT)],
    ...LOOP,
    ...[...get(NEXT_INPUT), ...LOAD_1_INTO_4, ...set(FACTOR)],
    ...forEachRegister((register, offset) => [
      ...[...get(WEIGHTS), ...load4(offset), ...get(FACTOR), ...MULTIPLY_4],
      ...[...get(register), ...ADD_4, ...set(register)],
    ]),
    ...[...advance(WEIGHTS, ROWS * FLOAT_BYTES), ...set(WEIGHTS)],
    ...[...advance(NEXT_INPUT, FLOAT_BYTES), ...setAndKeep(NEXT_INPUT)],
    ...[...get(INPUT_END), ...IS_BELOW, ...REPEAT_IF],
    ...END,
    ...forEachRegister((register, offset) => [...get(OUTPUT), ...get(register), ...store4(offset)]),
    ...[...advance(OUTPUT, ROWS * FLOAT_BYTES), ...set(OUTPUT)],
    ...[...get(BLOCKS), ...constant(1), ...SUBTRACT, ...setAndKeep(BLOCKS), ...REPEAT_IF],
    ...END,
  ];
}

/** A module with that one function, which works in the memory of its host. */
function assemble(): Uint8Array<ArrayBuffer> {
  const code = [2, 2, I32, REGISTERS + 1, V128, ...loops(), ...END];
  return Uint8Array.from([
    ...[0x00, ...ascii("asm"), 1, 0, 0, 0],
    ...section(1, [0x60, 5, I32, I32, I32, I32, I32, 0]),
    ...section(2, [6, ...ascii("kernel"), 6, ...ascii("memory"), 2, 0, 1]),
    ...section(3, [0]),
    ...section(7, [3, ...ascii("run"), 0, 0]),
    ...section(10, [...twoBytes(code.length), ...code]),
  ]);
}

/** A section with one entry. */
function section(id: number, entry: readonly number[]): number[] {
  return [id, ...twoBytes(1 + entry.length), 1, ...entry];
}

/** A number from 0 to 8191, seven bits a byte, the lowest first. */
function twoBytes(value: number): number[] {
  return [value & 0x7f | 0x80, value >> 7];
}

function ascii(text: string): number[] {
  return Array.from(text, (letter) => letter.charCodeAt(0));
}
