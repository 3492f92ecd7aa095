import { assert, assertEquals } from "@std/assert";
import { readWav } from "../../audio/wav.ts";
import { createLog } from "../../lib/log.ts";
import { PIECE_BYTES } from "../../lib/records/recording_pieces.ts";
import { RecordingFiles } from "../../lib/records/recording_files.ts";
import { FakeClock } from "../support/fake_clock.ts";

/** Files of a test in a folder of their own, which goes with it. */
class Rig implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly folder: string;
  readonly files: RecordingFiles;
  readonly logged: string[] = [];
  readonly lost: unknown[] = [];

  constructor() {
    this.folder = Deno.makeTempDirSync();
    this.files = this.open();
  }

  /** Another process on the same folder. */
  open(): RecordingFiles {
    const write = (line: string) => void this.logged.push(line);
    const log = createLog({ level: "info", clock: this.clock, write });
    return new RecordingFiles({ folder: this.folder, clock: this.clock, log });
  }

  begin(callSid: string, { term = 1, keepDays = 2 } = {}, files = this.files) {
    return files.begin(callSid, { term, keepDays, lost: (error) => void this.lost.push(error) });
  }

  /** Every file below the folder. */
  names(): string[] {
    return [...Deno.readDirSync(this.folder)].flatMap(({ name: day }) =>
      [...Deno.readDirSync(`${this.folder}/${day}`)].map(({ name }) => `${day}/${name}`)
    ).toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.files.flush();
    this.files.close();
    await Deno.remove(this.folder, { recursive: true });
  }
}

async function bytesOf(files: RecordingFiles, callSid: string): Promise<Uint8Array> {
  const recording = await files.read(callSid);
  const pieces = await Array.fromAsync(recording?.pieces() ?? []);
  return new Uint8Array(pieces.flatMap((piece) => [...piece]));
}

Deno.test("RecordingFiles keeps a call as one WAV file that is whole after every piece", async () => {
  await using rig = new Rig();
  const keep = rig.begin("CA1");
  for (let n = 0; n < 3; n++) {
    keep(n, new Uint8Array(n < 2 ? PIECE_BYTES : 8).fill(0x80 + n));
    await rig.files.flush();
    const file = await Deno.readFile(`${rig.folder}/2026-01-07/CA1.wav`);
    const samples = (n * PIECE_BYTES + (n < 2 ? PIECE_BYTES : 8)) / 2;
    assertEquals(readWav(file).channels.map(({ length }) => length), [samples, samples]);
  }
  const bytes = await bytesOf(rig.files, "CA1");
  assertEquals(bytes.length, 2 * PIECE_BYTES + 8);
  assertEquals([0, 1, 2].map((n) => bytes[n * PIECE_BYTES]), [0x80, 0x81, 0x82]);
  const { mode } = await Deno.stat(`${rig.folder}/2026-01-07/CA1.wav`);
  assertEquals(mode === null ? 0 : mode & 0o077, 0, "nobody else may read it");
});

Deno.test("RecordingFiles goes on with the file of a call that comes back to another process", async () => {
  await using rig = new Rig();
  rig.begin("CA1")(0, new Uint8Array(1_000).fill(1));
  await rig.files.flush();
  await rig.clock.advance(86_400_000);
  const other = rig.open();
  const keep = rig.begin("CA1", { term: 2 }, other);
  keep(0, new Uint8Array(PIECE_BYTES).fill(0xff, 0, 2_000).fill(2, 2_000));
  keep(3, new Uint8Array(4).fill(3));
  await other.flush();
  other.close();
  const bytes = await bytesOf(rig.files, "CA1");
  const places = [0, 999, 1_000, 1_999, 2_000, PIECE_BYTES, 3 * PIECE_BYTES - 1, 3 * PIECE_BYTES];
  assertEquals(places.map((n) => bytes[n]), [1, 1, 0xff, 0xff, 2, 0xff, 0xff, 3]);
  assertEquals(rig.names(), ["2026-01-07/CA1.wav"]);
});

Deno.test("RecordingFiles deletes what is too old, every hour, and nothing that is not its own", async () => {
  await using rig = new Rig();
  rig.begin("CA1", { keepDays: 1 })(0, new Uint8Array(4));
  rig.begin("CA2", { keepDays: 3 })(0, new Uint8Array(4));
  await rig.files.flush();
  await Deno.mkdir(`${rig.folder}/2025-12-24`);
  await Deno.writeTextFile(`${rig.folder}/2025-12-24/our photograph.jpg`, "");
  await rig.clock.advance(86_400_000);
  await rig.files.flush();
  assertEquals(rig.names().filter((name) => name.endsWith(".wav")).length, 2);
  await rig.clock.advance(86_400_000);
  await rig.files.flush();
  assertEquals(rig.names(), ["2025-12-24/our photograph.jpg", "2026-01-08/CA2.wav"]);
  assertEquals(await rig.files.read("CA1"), undefined);
  assertEquals(rig.logged, []);
});

Deno.test("RecordingFiles forgets a call, with what still waits for the disk", async () => {
  await using rig = new Rig();
  const keep = rig.begin("CA1");
  for (let n = 0; n < 5; n++) keep(n, new Uint8Array(PIECE_BYTES));
  rig.begin("CA2")(0, new Uint8Array(4));
  await rig.files.forget("CA1");
  await rig.files.forget("CA9");
  await rig.files.flush();
  assertEquals(rig.names(), ["2026-01-07/CA2.wav"]);
});

Deno.test("RecordingFiles reads, writes and deletes nothing outside its folder, whatever a call is called", async () => {
  await using rig = new Rig();
  const outside = `${rig.folder}.wav`;
  await Deno.writeFile(outside, new Uint8Array(100));
  rig.begin("CA1")(0, new Uint8Array(4));
  await rig.files.flush();
  const name = rig.folder.split("/").at(-1);
  const names = [
    `../../${name}`,
    `..\\..\\${name}`,
    outside.slice(0, -4),
    "CA1/../CA1",
    "CA1.wav",
    "CA1\0",
    "",
    ".",
    "x".repeat(65),
  ];
  for (const made of names) {
    assertEquals(await rig.files.read(made), undefined, made);
    rig.begin(made)(0, new Uint8Array(4));
    await rig.files.forget(made);
  }
  await rig.files.flush();
  assertEquals(rig.lost.length, names.length);
  assertEquals(rig.names(), ["2026-01-07/CA1.wav"]);
  assertEquals((await Deno.stat(outside)).size, 100);
  await Deno.remove(outside);
});

Deno.test("RecordingFiles loses pieces rather than hold more than a minute of them, and says why", async () => {
  await using rig = new Rig();
  const keep = rig.begin("CA1");
  for (let n = 0; n < 25; n++) keep(n, new Uint8Array(PIECE_BYTES).fill(1));
  assertEquals(rig.lost, Array(5).fill(undefined));
  await rig.files.flush();
  assertEquals((await bytesOf(rig.files, "CA1")).length, 20 * PIECE_BYTES);
  await Deno.writeTextFile(`${rig.folder}/2026-01-10`, "in the way of the folder of that day");
  rig.begin("CA3", { keepDays: 5 })(0, new Uint8Array(4));
  await rig.files.flush();
  assert(rig.lost.at(-1) instanceof Error);
  await Deno.remove(`${rig.folder}/2026-01-10`);
});
