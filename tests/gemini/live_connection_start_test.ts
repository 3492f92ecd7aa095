import { assert, assertEquals, assertFalse, assertRejects } from "@std/assert";
import { ModelError } from "../../lib/call/model.ts";
import { FakeClock } from "../support/fake_clock.ts";
import { CallSide, environment, KEY } from "./call_side.ts";
import { LiveServer } from "./live_server.ts";
import { RawServer } from "./raw_server.ts";

function summary({ kind, retryable, closeCode }: ModelError): unknown {
  return { kind, retryable, closeCode };
}

for (const silent of ["at the upgrade", "after the setup"] as const) {
  Deno.test(`connectLive() gives up after 3 s when the service is silent ${silent}`, async () => {
    using server = new RawServer();
    const clock = new FakeClock();
    const call = new CallSide(server.url, { clock });
    const failed = assertRejects(() => call.connect(), ModelError);
    const request = await server.accept();
    if (silent === "after the setup") {
      await server.upgrade(request);
      assert(await server.read());
    }
    await clock.advance(2_999);
    assertEquals(clock.pendingTimers, 1);
    await clock.advance(1);
    const error = await failed;
    assertEquals(error.message, "Model connection failed: no answer within 3000 ms");
    assertEquals(summary(error), { kind: "unavailable", retryable: true, closeCode: undefined });
    await server.ended();
    assertEquals(clock.pendingTimers, 0);
    assertEquals(call.events, []);
  });
}

for (const moment of ["before the socket", "at the upgrade", "after the setup"] as const) {
  Deno.test(`connectLive() throws the signal's reason when given up ${moment}`, async () => {
    using server = new RawServer();
    const clock = new FakeClock();
    const call = new CallSide(server.url, { clock });
    const failed = assertRejects(() => call.connect(), DOMException, "caller hung up");
    if (moment !== "before the socket") {
      const request = await server.accept();
      if (moment === "after the setup") {
        await server.upgrade(request);
        assert(await server.read());
      }
    }
    call.abort.abort(new DOMException("caller hung up", "AbortError"));
    await failed;
    if (moment !== "before the socket") await server.ended();
    assertEquals(clock.pendingTimers, 0);
    assertEquals(call.events, []);
  });
}

Deno.test("connectLive() takes a setupComplete that comes in one packet with the upgrade", async () => {
  using server = new RawServer();
  const clock = new FakeClock();
  const connecting = new CallSide(server.url, { clock }).connect();
  await server.upgrade(await server.accept(), `{"setupComplete":{}}`);
  const model = await connecting;
  assertEquals(model.faults, new Map());
  server.drop();
  model.close();
  await clock.advance(2_000);
});

Deno.test("close() cuts the line after 1 s when the service does not answer it", async () => {
  using server = new RawServer();
  const clock = new FakeClock();
  const call = new CallSide(server.url, { clock });
  const connecting = call.connect();
  await server.upgrade(await server.accept());
  assert(await server.read());
  await server.send(`{"setupComplete":{}}`);
  const model = await connecting;
  model.close();
  assert(await server.read(), "a close frame");
  let ended = false;
  const cut = server.ended().then(() => ended = true);
  await clock.advance(999);
  assertEquals(clock.pendingTimers, 1);
  await server.send(`{"serverContent":{"turnComplete":true}}`);
  assertFalse(ended);
  await clock.advance(1);
  await cut;
  assertEquals(call.events, []);
});

for (const [what, drop] of [["before the upgrade", false], ["after the upgrade", true]] as const) {
  Deno.test(`connectLive() may be tried again when the line drops ${what}`, async () => {
    using server = new RawServer();
    const call = new CallSide(server.url, { clock: new FakeClock() });
    const failed = assertRejects(() => call.connect(), ModelError);
    const request = await server.accept();
    if (drop) await server.upgrade(request);
    server.drop();
    assertEquals(summary(await failed), {
      kind: "unavailable",
      retryable: true,
      closeCode: 1006,
    });
  });
}

Deno.test("connectLive() may be tried again when nobody listens", async () => {
  const server = new RawServer();
  server[Symbol.dispose]();
  const error = await assertRejects(() => new CallSide(server.url).connect(), ModelError);
  assertEquals(summary(error), { kind: "unavailable", retryable: true, closeCode: 1006 });
});

for (
  const [status, kind, retryable] of [
    [401, "authentication", false],
    [403, "authentication", false],
    [404, "model-not-found", false],
    [429, "quota", true],
    [503, "unavailable", true],
  ] as const
) {
  Deno.test(`connectLive() throws ${kind} when the upgrade is answered ${status}`, async () => {
    await using server = await LiveServer.start({ refuse: status });
    const error = await assertRejects(() => new CallSide(server.url).connect(), ModelError);
    assertEquals(summary(error), { kind, retryable, closeCode: 1006 });
    assertEquals(
      error.message,
      `Model connection failed with HTTP ${status}: Unexpected server response: ${status}`,
    );
    assertEquals(server.upgrades, 1);
  });
}

for (
  const [closeCode, text, kind, retryable] of [
    [1007, "API key not valid. Please pass a valid API key.", "authentication", false],
    [1007, "Request contains an invalid argument.", "invalid-argument", false],
    [1007, "Invalid session handle", "invalid-argument", true],
    [1008, "models/x is not found for API version v1beta", "model-not-found", false],
    [1008, "Your API key was reported as leaked.", "authentication", false],
    [1008, "Operation is not implemented, or supported, or enabled.", "unavailable", true],
    [1011, "Internal error encountered.", "unavailable", true],
    [1011, "Resource has been exhausted (e.g. check quota).", "quota", true],
    [1000, "", "unavailable", true],
  ] as const
) {
  Deno.test(`connectLive() throws ${kind} when setup is answered ${closeCode} "${text}"`, async () => {
    await using server = await LiveServer.start({ onSetup: (peer) => peer.close(closeCode, text) });
    const call = new CallSide(server.url);
    const error = await assertRejects(() => call.connect(), ModelError);
    assertEquals(summary(error), { kind, retryable, closeCode });
    assertEquals(call.events, []);
  });
}

Deno.test("connectLive() is ready, then lost, when the line closes right behind setupComplete", async () => {
  await using server = await LiveServer.start({
    onSetup(peer) {
      peer.send({ setupComplete: {} });
      peer.close(1011, "Internal error encountered.");
    },
  });
  const call = new CallSide(server.url);
  const model = await call.connect();
  const [lost] = await call.came(1);
  assertEquals(lost?.type, "model-lost");
  model.close();
});

Deno.test("connectLive() throws when a handler gives up during the message that makes it ready", async () => {
  await using server = await LiveServer.start({
    onSetup: (peer) => peer.send({ setupComplete: {}, goAway: { timeLeft: "50s" } }),
  });
  const call = new CallSide(server.url);
  const failed = assertRejects(() => call.connect(() => call.abort.abort()), DOMException);
  const peer = await server.peer;
  await failed;
  assertEquals(await peer.closed, 1005);
});

Deno.test("connectLive() throws authentication when it has neither a key nor a project", async () => {
  using _ = environment({ GOOGLE_API_KEY: "", GEMINI_API_KEY: "", GOOGLE_CLOUD_PROJECT: "" });
  const call = new CallSide("", { apiKey: undefined, baseUrl: undefined });
  const error = await assertRejects(() => call.connect(), ModelError);
  assertEquals(summary(error), {
    kind: "authentication",
    retryable: false,
    closeCode: undefined,
  });
});

Deno.test("connectLive() throws a ModelError when the address is none", async () => {
  for (const url of ["nonsense", "http://127.0.0.1:1/#part"]) {
    const error = await assertRejects(() => new CallSide(url).connect(), ModelError);
    assert(!error.message.includes(KEY), error.message);
  }
});

Deno.test("connectLive() shows its key in no error and no log line", async () => {
  const reason = `API key ${KEY} not valid, see ?key=${KEY}`;
  await using atSetup = await LiveServer.start({ onSetup: (peer) => peer.close(1007, reason) });
  const refused = new CallSide(atSetup.url);
  const error = await assertRejects(() => refused.connect(), ModelError);
  await using later = await LiveServer.start();
  const lost = new CallSide(later.url);
  await lost.connect();
  const peer = await later.peer;
  peer.send({ serverContent: { newField: KEY } });
  peer.close(1011, reason);
  const [event] = await lost.came(1);
  assert(event?.type === "model-lost");
  for (const shown of [error, event.error]) {
    assert(shown.message.includes("API key *** not valid, see ?key=***"), shown.message);
    assert(!Deno.inspect(shown).includes(KEY));
  }
  assert(lost.lines.length > 1);
  for (const line of [...refused.lines, ...lost.lines]) assert(!line.includes(KEY), line);
});
