/** The bounds of one client, on a clock of the test's own and without a network. */
import { assert, assertEquals } from "@std/assert";
import { parseAgentFile } from "../../lib/agents/agent_file.ts";
import type { ModelEvent, SeeingModel } from "../../lib/call/model.ts";
import { ClientDesk } from "../../lib/gateway/client_desk.ts";
import { ClientSocket } from "../../lib/gateway/client_socket.ts";
import { ClientTickets } from "../../lib/gateway/client_tickets.ts";
import { MessageAllowance, type Verdict } from "../../lib/gateway/message_allowance.ts";
import { createLog } from "../../lib/log.ts";
import { countingIds } from "../support/counting_ids.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { LevelVad } from "../support/level_vad.ts";

/** A socket that keeps what it is given. */
class KeptSocket {
  readonly told: Record<string, unknown>[] = [];
  bufferedAmount = 0;
  closedWith: number | undefined;

  send(text: string): void {
    this.told.push(JSON.parse(text));
  }

  close(code?: number): void {
    this.closedWith ??= code;
  }

  /** The last thing said, in short. */
  get last(): unknown[] {
    return this.told.slice(-2).map(({ type, state, code }) => state ?? code ?? type);
  }
}

function rigOf() {
  const clock = new FakeClock();
  const log = createLog({ level: "error", clock, write: (line) => assert(false, line) });
  const agent = parseAgentFile(
    JSON.stringify({ name: "default", instructions: "Be brief.", greeting: "Hello." }),
    "agent",
  );
  const said: string[] = [];
  let post: (event: ModelEvent) => void = () => {};
  const model: SeeingModel = {
    state: "connected",
    faults: new Map(),
    openActivity: () => void said.push("("),
    closeActivity: () => void said.push(")"),
    sendAudio: () => said.at(-1) === "." ? undefined : void said.push("."),
    sendPicture: (data) => void said.push(`[${data}]`),
    answerFunctions: () => undefined,
    sendText: (text) => void said.push(text),
    sendActivityText: (text) => void said.push(`+${text}`),
    endAudio: () => void said.push("|"),
    rotate: () => void said.push("rotate"),
    repeatTurn: () => false,
    close: () => void said.push("closed"),
  };
  const desk = new ClientDesk({
    offer: { agents: { get: () => agent }, modelOf: () => "m", models: [], voices: [] },
    openModel: () => (taker) => {
      post = taker;
      return model;
    },
    toolsFor: () => [],
    used: () => {},
    detector: () => new LevelVad(),
    mostClients: 2,
    maxSeconds: 1_200,
    hasModelKey: true,
    clock,
    ids: countingIds(),
    log,
  });
  const socket = new KeptSocket();
  const client = new ClientSocket(socket, { desk, address: "127.0.0.1", clock, log });
  return { clock, desk, socket, client, said, post: (event: ModelEvent) => post(event) };
}

const HELLO = JSON.stringify({ type: "text", text: "Hello" });
const LOUD = audioOf(3_200, 8_000);

Deno.test("a client that says nothing for ten minutes is told and closed, and leaves no timer", async () => {
  const { clock, socket, client, said } = rigOf();
  await clock.advance(500);
  await clock.advance(599_999);
  assertEquals(socket.closedWith, undefined);
  await clock.advance(1);
  assertEquals([socket.last, socket.closedWith], [["idle", "closing"], 1000]);
  client.closed(1000);
  assertEquals([said, clock.pendingTimers], [["closed"], 0]);
});

Deno.test("a conversation ends when its time is over, however much is said", async () => {
  const { clock, socket, client } = rigOf();
  for (let minute = 0; minute < 20; minute++) {
    client.message(HELLO);
    await clock.advance(60_000);
  }
  assertEquals([socket.last, socket.closedWith], [["time-limit", "closing"], 1000]);
  assertEquals(clock.pendingTimers, 0);
});

Deno.test("a client that is away for a minute is not waited for any more", async () => {
  const { clock, client, said } = rigOf();
  client.message(HELLO);
  client.closed(1006);
  await clock.advance(59_999);
  assertEquals(said, ["Hello"]);
  await clock.advance(1);
  assertEquals([said, clock.pendingTimers], [["Hello", "closed"], 0]);
});

Deno.test("[W05] a client that does not read is left, and nothing more is queued for it", async () => {
  const { clock, socket, client, post } = rigOf();
  client.message(HELLO);
  socket.bufferedAmount = 1_024 * 1_024 + 1;
  const pcm = new Int16Array(960);
  post({ type: "agent-audio-received", pcm });
  assertEquals(socket.closedWith, 1008);
  const count = socket.told.length;
  for (let n = 0; n < 100; n++) post({ type: "agent-audio-received", pcm });
  assertEquals(socket.told.length, count);
  client.closed(1008);
  await clock.advance(60_000);
  assertEquals(clock.pendingTimers, 0);
});

Deno.test("speech is bracketed, ends by silence or when frames stop, and text waits for the audio before it", async () => {
  const { clock, client, said } = rigOf();
  client.message(LOUD);
  client.message(HELLO);
  await clock.advance(100);
  assertEquals(said, ["(", ".", "+Hello", ")"]);
  said.length = 0;
  client.message(LOUD);
  await clock.advance(100);
  assertEquals(said, ["(", "."]);
  await clock.advance(800);
  assertEquals(said, ["(", ".", ")"]);
});

Deno.test("pictures wait for the first audio of a turn; of several that wait the latest counts", async () => {
  const { clock, client, said } = rigOf();
  for (const byte of [1, 2]) {
    const data = Uint8Array.of(0xff, 0xd8, byte).toBase64();
    client.message(JSON.stringify({ type: "image", data }));
  }
  client.message(LOUD);
  await clock.advance(100);
  assertEquals(said, ["(", ".", `[${Uint8Array.of(0xff, 0xd8, 2).toBase64()}]`, "."]);
});

Deno.test("a minute of audio may wait to be heard, and no more", async () => {
  const { clock, socket, client, said } = rigOf();
  const second = audioOf(16_000, 0);
  // Nobody is given time to hear in between.
  for (let n = 0; n < 62; n++) client.message(second);
  assertEquals(socket.told.filter(({ code }) => code === "input-overflow").length, 1);
  await clock.advance(10_000);
  assertEquals(said, []);
});

Deno.test("what comes of an answer after the client has begun to speak is not passed on", async () => {
  const { clock, socket, client, post } = rigOf();
  const answer = () => {
    post({ type: "agent-audio-received", pcm: new Int16Array(24) });
    post({ type: "agent-words-received", text: "word" });
  };
  const passed = () =>
    socket.told.filter(({ type }) => type === "audio" || type === "response").length;
  client.message(HELLO);
  answer();
  assertEquals(passed(), 2);
  client.message(LOUD);
  await clock.advance(100);
  answer();
  await clock.advance(900);
  answer();
  assertEquals(passed(), 2);
  post({ type: "generation-interrupted" });
  answer();
  assertEquals(passed(), 4);
});

Deno.test("[D08] MessageAllowance lets a microphone and a file through, and shuts out a flood", () => {
  const verdicts = (count: number, { size, everyMs }: { size: number; everyMs: number }) => {
    const allowance = new MessageAllowance();
    const all = Array.from({ length: count }, (_, n) => allowance.judge(size, n * everyMs));
    return (verdict: Verdict) => all.filter((one) => one === verdict).length;
  };
  assertEquals(verdicts(5_000, { size: 2_600, everyMs: 20 })("take"), 5_000);
  assertEquals(verdicts(10, { size: 400_000, everyMs: 0 })("take"), 10);
  const flood = verdicts(10_000, { size: 30, everyMs: 0.1 });
  assert(flood("take") < 450, String(flood("take")));
  assertEquals([flood("refuse-and-tell"), flood("close") > 0], [1, true]);
  assert(verdicts(100, { size: 1_000_000, everyMs: 100 })("take") < 12);
});

Deno.test("a ticket is good once, for half a minute, and the oldest make room", async () => {
  const clock = new FakeClock();
  const tickets = new ClientTickets({ clock, ids: countingIds() });
  const [first, second] = [tickets.issue(), tickets.issue()];
  assertEquals([tickets.redeem(first), tickets.redeem(first)], [true, false]);
  await clock.advance(30_000);
  assertEquals([tickets.redeem(second), tickets.redeem("never")], [false, false]);
  const third = tickets.issue();
  for (let n = 0; n < 256; n++) tickets.issue();
  assertEquals(tickets.redeem(third), false);
});

function audioOf(samples: number, amplitude: number): string {
  const pcm = Int16Array.from({ length: samples }, (_, n) => n % 40 < 20 ? amplitude : -amplitude);
  return JSON.stringify({ type: "audio", data: new Uint8Array(pcm.buffer).toBase64() });
}
