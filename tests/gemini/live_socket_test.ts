import { GoogleGenAI } from "@google/genai";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { ModelError } from "../../lib/call/model.ts";
import { LiveSocket } from "../../lib/gemini/live_socket.ts";

const DEAF = { sent() {}, frame() {}, failed() {}, closed() {} };

for (const live of [{}, { webSocketFactory: null }, { webSocketFactory: { create: "no" } }]) {
  Deno.test(`LiveSocket says so when the SDK has ${JSON.stringify(live)}`, () => {
    const error = assertThrows(() => new LiveSocket(live, DEAF), ModelError);
    assertEquals(error.retryable, false);
    assertEquals(
      error.message,
      `Cannot watch the model's socket: this version of @google/genai has no usable "webSocketFactory"`,
    );
  });
}

for (const ws of [undefined, {}, { terminate() {} }]) {
  Deno.test(`LiveSocket says so when the SDK's socket has ${ws && Object.keys(ws)} inside`, async () => {
    const { live } = new GoogleGenAI({ apiKey: "k", vertexai: false });
    const calls: string[] = [];
    const socket = {
      ws,
      connect: () => void calls.push("connect"),
      send: () => void calls.push("send"),
      close: () => void calls.push("close"),
    };
    Reflect.set(live, "webSocketFactory", { create: () => socket });
    new LiveSocket(live, DEAF);
    await assertRejects(
      () => live.connect({ model: "m", callbacks: { onmessage() {} } }),
      ModelError,
      `"ws"`,
    );
    assertEquals(calls, ["connect", "close"]);
  });
}

Deno.test("terminate() keeps a socket from being made later", async () => {
  const { live } = new GoogleGenAI({ apiKey: "k", vertexai: false });
  const socket = new LiveSocket(live, DEAF);
  assertEquals(socket.bufferedBytes, 0);
  socket.terminate();
  await assertRejects(
    () => live.connect({ model: "m", callbacks: { onmessage() {} } }),
    Error,
    "given up",
  );
});
