import { assert, assertEquals, assertInstanceOf, assertThrows } from "@std/assert";
import fc from "fast-check";
import { readWav, WavError, writeWav } from "../../audio/wav.ts";

interface Header {
  format?: number;
  channels?: number;
  hz?: number;
  bits?: number;
  blockAlign?: number;
  /** Bytes behind the 16 that every format has. */
  extension?: number[];
}

function chunk(id: string, body: readonly number[], size = body.length): number[] {
  const pad = body.length % 2 ? [0] : [];
  return [...new TextEncoder().encode(id), ...uint32(size), ...body, ...pad];
}

function fmt(header: Header = {}): number[] {
  const { format = 1, channels = 1, hz = 8_000, bits = 16, extension = [] } = header;
  const { blockAlign = channels * bits / 8 } = header;
  return chunk("fmt ", [
    ...uint16(format),
    ...uint16(channels),
    ...uint32(hz),
    ...uint32(hz * blockAlign),
    ...uint16(blockAlign),
    ...uint16(bits),
    ...extension,
  ]);
}

/** A file of these chunks; what its header says of its length is wrong, and nobody should mind. */
function wav(...chunks: number[][]): Uint8Array<ArrayBuffer> {
  const text = new TextEncoder();
  return Uint8Array.from([
    ...text.encode("RIFF"),
    ...uint32(0xffffffff),
    ...text.encode("WAVE"),
    ...chunks.flat(),
  ]);
}

function uint16(value: number): number[] {
  return [value & 0xff, value >> 8 & 0xff];
}

function uint32(value: number): number[] {
  return [...uint16(value & 0xffff), ...uint16(value >>> 16)];
}

function samplesOf(file: Uint8Array): number[][] {
  return readWav(file).channels.map((channel) => [...channel]);
}

const PCM16 = chunk("data", [1, 0, 0xfe, 0xff]);
const GUID_TAIL = [0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];

function extensible(format: number, tail = GUID_TAIL): number[] {
  return [22, 0, 16, 0, 4, 0, 0, 0, ...uint16(format), ...tail];
}

Deno.test("readWav() gives back what writeWav() wrote", () => {
  const pcm = fc.int16Array({ maxLength: 500 });
  fc.assert(
    fc.property(
      pcm,
      pcm,
      fc.boolean(),
      fc.integer({ min: 1_000, max: 768_000 }),
      (a, b, two, hz) => {
        const channels = two ? [a, b] : [a];
        const length = Math.max(...channels.map((channel) => channel.length));
        const filled = channels.map((channel) => {
          const samples = new Int16Array(length);
          samples.set(channel);
          return samples;
        });
        assertEquals(readWav(writeWav({ hz, channels })), { hz, channels: filled });
      },
    ),
    { numRuns: 1_000 },
  );
});

Deno.test("writeWav() writes the header that every reader knows", () => {
  const file = writeWav({ channels: [Int16Array.of(1), Int16Array.of(-2)] });
  const expected = wav(fmt({ hz: 24_000, channels: 2 }), chunk("data", [1, 0, 0xfe, 0xff]));
  expected.set(uint32(40), 4);
  assertEquals(file, expected);
});

Deno.test("writeWav() throws RangeError when there are no channels or three", () => {
  const channel = new Int16Array(1);
  assertThrows(() => writeWav({ channels: [] }), RangeError);
  assertThrows(() => writeWav({ channels: [channel, channel, channel] }), RangeError);
});

Deno.test("readWav() reads every encoding it names", () => {
  const floats = [...new Uint8Array(Float32Array.of(0.5, -1, 2, -2, NaN).buffer)];
  const cases: [name: string, header: Header, data: number[], samples: number[]][] = [
    ["8 bits", { bits: 8 }, [0, 128, 255], [-32_768, 0, 32_512]],
    ["16 bits", { bits: 16 }, [0xff, 0x7f, 0x00, 0x80], [32_767, -32_768]],
    ["24 bits, rounded", { bits: 24 }, [0x80, 1, 0, 0x7f, 1, 0, 0, 0, 0x80], [2, 1, -32_768]],
    ["24 bits, loudest", { bits: 24 }, [0xff, 0xff, 0x7f], [32_767]],
    ["32 bits", { bits: 32 }, [0, 0, 1, 0, 0xff, 0xff, 0xff, 0x7f], [1, 32_767]],
    ["float", { format: 3, bits: 32 }, floats, [16_384, -32_768, 32_767, -32_768, 0]],
    ["mu-law", { format: 7, bits: 8 }, [0xff, 0x80, 0x00], [0, 32_124, -32_124]],
    ["extensible", { format: 0xfffe, extension: extensible(1) }, [1, 0], [1]],
    ["extensible mu-law", { format: 0xfffe, bits: 8, extension: extensible(7) }, [0x80], [32_124]],
  ];
  for (const [name, header, data, samples] of cases) {
    assertEquals(samplesOf(wav(fmt(header), chunk("data", data))), [samples], name);
  }
});

Deno.test("readWav() takes stereo apart", () => {
  const file = wav(fmt({ channels: 2, bits: 8 }), chunk("data", [128, 129, 130, 127]));
  assertEquals(samplesOf(file), [[0, 512], [256, -256]]);
});

Deno.test("readWav() skips chunks it does not know, their padding included", () => {
  const file = wav(
    chunk("LIST", [1, 2, 3]),
    fmt(),
    chunk("fact", []),
    chunk("data", [5, 0]),
    chunk("data", [9, 9]),
  );
  assertEquals(samplesOf(file), [[5]]);
});

Deno.test("readWav() reads from the middle of a larger buffer", () => {
  const file = wav(fmt(), PCM16);
  const larger = new Uint8Array(file.length + 7);
  larger.set(file, 3);
  assertEquals(samplesOf(larger.subarray(3, 3 + file.length)), [[1, -2]]);
});

Deno.test("readWav() gives the whole samples that are there when a file breaks off", () => {
  const promised = [0xffffffff, 1_000, 5];
  for (const size of promised) {
    const file = wav(fmt(), chunk("data", [1, 0, 2, 0, 3], size));
    assertEquals(samplesOf(file.subarray(0, file.length - 1)), [[1, 2]], `size ${size}`);
  }
  const stereo = wav(fmt({ channels: 2 }), chunk("data", [1, 0, 2, 0, 3, 0], 99));
  assertEquals(samplesOf(stereo), [[1], [2]]);
  assertEquals(samplesOf(wav(fmt(), chunk("data", []))), [[]]);
});

Deno.test("readWav() throws WavError that says what is wrong", () => {
  const cases: [why: string, file: Uint8Array][] = [
    ["not a RIFF/WAVE file", new Uint8Array(0)],
    ["not a RIFF/WAVE file", new TextEncoder().encode("RIFF....AVI LIST")],
    ["not a RIFF/WAVE file", new TextEncoder().encode("OggS....WAVE")],
    ['chunk "fmt " is missing', wav()],
    ['chunk "fmt " is missing', wav(PCM16)],
    ['chunk "fmt " is missing', wav(chunk("LIST", [], 0xffffffff), fmt(), PCM16)],
    ['chunk "data" is missing', wav(fmt())],
    ['chunk "fmt " is too short', wav(chunk("fmt ", [1, 0, 1, 0]), PCM16)],
    ['chunk "fmt " is too short', wav(fmt({ format: 0xfffe }), PCM16)],
    [
      '"sub-format"',
      wav(fmt({ format: 0xfffe, extension: extensible(1, Array(14).fill(1)) }), PCM16),
    ],
    ['"format"', wav(fmt({ format: 85 }), PCM16)],
    ['"bits per sample"', wav(fmt({ bits: 12, blockAlign: 2 }), PCM16)],
    ['"bits per sample"', wav(fmt({ bits: 0 }), PCM16)],
    ['"bits per sample"', wav(fmt({ format: 3, bits: 64 }), PCM16)],
    ['"channels"', wav(fmt({ channels: 0 }), PCM16)],
    ['"channels"', wav(fmt({ channels: 6 }), PCM16)],
    ['"block align"', wav(fmt({ blockAlign: 4 }), PCM16)],
    ['"sample rate"', wav(fmt({ hz: 0 }), PCM16)],
    ['"sample rate"', wav(fmt({ hz: 0xffffffff }), PCM16)],
  ];
  for (const [why, file] of cases) {
    const error = assertThrows(() => readWav(file), WavError, `Cannot read WAV: ${why}`);
    assertEquals(error.name, "WavError");
  }
});

Deno.test("readWav() gives sound or WavError for any bytes", () => {
  const valid = wav(fmt({ channels: 2 }), chunk("LIST", [1, 2, 3]), PCM16);
  const spoiled = fc.tuple(
    fc.array(fc.tuple(fc.nat(valid.length - 1), fc.nat(255)), { maxLength: 6 }),
    fc.nat(valid.length),
  ).map(([changes, length]) => {
    const file = valid.slice();
    for (const [at, value] of changes) file[at] = value;
    return file.subarray(0, length);
  });
  let read = 0;
  fc.assert(
    fc.property(fc.oneof(spoiled, fc.uint8Array({ maxLength: 80 })), (file) => {
      try {
        const { channels } = readWav(file);
        assert(channels.length === 1 || channels.length === 2);
        for (const channel of channels) assert(channel.length <= file.length);
        read++;
      } catch (error) {
        assertInstanceOf(error, WavError);
      }
    }),
    { numRuns: 3_000 },
  );
  assert(read > 0, "some of the files must be readable");
});
