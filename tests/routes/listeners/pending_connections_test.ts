import { assertEquals } from "@std/assert";
import { PendingConnections } from "../../../routes/listeners/pending_connections.ts";
import { FakeClock } from "../../support/fake_clock.ts";

/** Connections that say when they were cut. */
function rig() {
  const clock = new FakeClock();
  const pending = new PendingConnections(clock);
  const cut: string[] = [];
  const open = (name: string, address: string) => {
    const connection = { destroy: () => void cut.push(name) };
    pending.opened(connection, address);
    return connection;
  };
  return { clock, pending, cut, open };
}

Deno.test("PendingConnections leaves four of an address, the latest, once they have waited for a second [D04]", async () => {
  const { clock, cut, open } = rig();
  for (let n = 0; n < 7; n++) open(`${n}`, "10.0.0.1");
  open("other", "10.0.0.2");
  await clock.advance(999);
  assertEquals(cut, []);
  await clock.advance(1);
  assertEquals(cut.sort(), ["0", "1", "2"]);
});

Deno.test("PendingConnections leaves 32 of all addresses [D04]", async () => {
  const { clock, cut, open } = rig();
  for (let n = 0; n < 100; n++) open(`${n}`, `10.0.0.${n}`);
  await clock.advance(1_000);
  assertEquals(cut.length, 68);
  for (let n = 0; n < 5_000; n++) open(`late ${n}`, `10.0.1.${n % 8}`);
  await clock.advance(1_500);
  assertEquals(cut.length, 5_100 - 32);
});

Deno.test("PendingConnections forgets those that have asked or left, and leaves no timer", async () => {
  const { clock, pending, cut, open } = rig();
  const all = Array.from({ length: 20 }, (_, n) => open(`${n}`, "10.0.0.1"));
  for (const connection of all.slice(4)) pending.settled(connection);
  await clock.advance(10_000);
  assertEquals([cut, clock.pendingTimers], [[], 1]);
  for (const connection of all) pending.settled(connection);
  assertEquals(clock.pendingTimers, 0);
  open("last", "10.0.0.1");
  pending.close();
  assertEquals(clock.pendingTimers, 0);
});
