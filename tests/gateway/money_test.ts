import { assertEquals } from "@std/assert";
import { SocketRig } from "../support/socket_call.ts";
import { GatewayClient } from "./gateway_client.ts";

Deno.test("what clients cost counts for the day: then no new one is let in, and those who are there go on [A07]", async () => {
  await using rig = await SocketRig.start({ settings: { maxDailyUsd: 0.000_1 } });
  await using client = await GatewayClient.open(rig.url);
  for (const text of ["Hello", "And now?"]) {
    client.say({ type: "text", text });
    await client.next({ type: "system", state: "turn-complete" });
    assertEquals(await GatewayClient.statusOf(rig.url), 503);
  }
});

Deno.test("clients are let in while there is money", async () => {
  await using rig = await SocketRig.start({ settings: { maxDailyUsd: 1_000 } });
  await using client = await GatewayClient.open(rig.url);
  client.say({ type: "text", text: "Hello" });
  await client.next({ type: "system", state: "turn-complete" });
  assertEquals(await GatewayClient.statusOf(rig.url), 101);
});
