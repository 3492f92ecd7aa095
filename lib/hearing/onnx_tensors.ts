/**
 * Reads the numbers out of an ONNX file: a protobuf message whose graph holds named tensors, some of them in the branches
 * of a condition. Only what stands there as 32-bit floats is read; how the graph computes is not.
 *
 * @module
 */

/** A tensor of the file. */
export interface Tensor {
  /** Length of each dimension, outermost first. */
  readonly shape: readonly number[];
  /** Its numbers, the last dimension running fastest. */
  readonly values: Float32Array;
}

/** Field numbers of `onnx.proto`. */
const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const NODE_OUTPUT = 2;
const NODE_ATTRIBUTE = 5;
const ATTRIBUTE_TENSOR = 5;
const ATTRIBUTE_GRAPH = 6;
const TENSOR_DIMENSION = 1;
const TENSOR_TYPE = 2;
const TENSOR_RAW_DATA = 9;
/** `TensorProto.DataType.FLOAT`. */
const FLOAT = 1;

/** One field of a protobuf message. */
interface Field {
  readonly number: number;
  /** What a field of varying length holds; empty for a number. */
  readonly bytes: Uint8Array;
  /** What a number field holds; 0 for the rest. */
  readonly value: number;
}

/**
 * The constants of a model, by name.
 *
 * @param file The whole file
 * @throws {RangeError} If the file is no protobuf message
 */
export function readTensors(file: Uint8Array): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const { number, bytes } of fieldsOf(file)) {
    if (number === MODEL_GRAPH) collect(bytes, tensors);
  }
  return tensors;
}

function collect(graph: Uint8Array, tensors: Map<string, Tensor>): void {
  for (const { number, bytes: node } of fieldsOf(graph)) {
    if (number !== GRAPH_NODE) continue;
    let name = "";
    for (const { number, bytes } of fieldsOf(node)) {
      if (number === NODE_OUTPUT) name = new TextDecoder().decode(bytes);
      if (number !== NODE_ATTRIBUTE) continue;
      for (const attribute of fieldsOf(bytes)) {
        if (attribute.number === ATTRIBUTE_GRAPH) collect(attribute.bytes, tensors);
        if (attribute.number !== ATTRIBUTE_TENSOR) continue;
        const tensor = readTensor(attribute.bytes);
        if (tensor) tensors.set(name, tensor);
      }
    }
  }
}

function readTensor(message: Uint8Array): Tensor | undefined {
  const shape: number[] = [];
  let isFloat = false;
  let raw = new Uint8Array();
  for (const { number, value, bytes } of fieldsOf(message)) {
    if (number === TENSOR_DIMENSION) shape.push(value);
    if (number === TENSOR_TYPE) isFloat = value === FLOAT;
    if (number === TENSOR_RAW_DATA) raw = bytes.slice();
  }
  return isFloat ? { shape, values: new Float32Array(raw.buffer) } : undefined;
}

/** The fields of a message, first to last. */
function* fieldsOf(message: Uint8Array): Generator<Field> {
  const none = new Uint8Array();
  let next = 0;
  /** Seven bits a byte, the lowest first; numbers here are small or not looked at. */
  const varint = (): number => {
    let value = 0;
    for (let scale = 1;; scale *= 128) {
      const byte = message[next++];
      if (byte === undefined) throw new RangeError("Cannot read ONNX file: a message is cut short");
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  };
  while (next < message.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    const kind = key % 8;
    if (kind === 0) {
      yield { number, value: varint(), bytes: none };
      continue;
    }
    const length = kind === 2 ? varint() : kind === 1 ? 8 : 4;
    yield { number, value: 0, bytes: message.subarray(next, next + length) };
    next += length;
  }
}
