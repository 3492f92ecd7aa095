/** Every socket route keeps to RFC 6455, whatever is sent. */
import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { print } from "../../tasks/terminal.ts";
import {
  frameBytes,
  handshakeHeaders,
  type RawFrame,
  type RawOutcome,
  talkRaw,
} from "../support/raw_socket.ts";
import { CASES, type FrameCase, HANDSHAKES, many } from "../support/rfc6455_cases.ts";
import { PUBLIC_URL, SocketRig } from "../support/socket_call.ts";

const ROUTES = ["/twilio/media", "/api/softphone/media", "/api/gemini/ws"];
const FEWEST_CASES = 84;

function cut(frames: readonly RawFrame[], pieces: number | undefined): Uint8Array<ArrayBuffer>[] {
  const all = frames.map(frameBytes);
  if (pieces === undefined) return all;
  return all.flatMap((one) =>
    many(Math.ceil(one.length / pieces), (n) => one.slice(n * pieces, (n + 1) * pieces))
  );
}

/** Why a case did not go as it must, if it did not. */
function fault({ closes, pongs = [] }: FrameCase, outcome: RawOutcome): string | undefined {
  const { status, closeCode } = outcome;
  if (status !== 101) return `status ${status}`;
  const isRight = closes ? closes.includes(closeCode ?? 0) : closeCode === undefined;
  if (!isRight) return `closed with ${closeCode}`;
  return pongs.every((pong, n) => outcome.pongs[n] === pong) ? undefined : "other pongs";
}

for (const path of ROUTES) {
  Deno.test(`${path} keeps to RFC 6455 in ${CASES.length + HANDSHAKES.length} cases [C01]`, async () => {
    assertGreaterOrEqual(CASES.length, FEWEST_CASES);
    await using rig = await SocketRig.start();
    const { port } = rig.server;
    const usual = handshakeHeaders(`${PUBLIC_URL.replace("https", "wss")}${path}`);
    const faults: string[] = [];
    for (const one of CASES) {
      const pieces = cut(one.frames, one.pieces);
      const why = fault(one, await talkRaw({ port, path, headers: usual, pieces }));
      if (why !== undefined) faults.push(`${one.name}: ${why}`);
    }
    for (const { name, headers = {}, ...how } of HANDSHAKES) {
      const asked = Object.entries({ ...usual, ...headers })
        .filter((entry): entry is [string, string] => entry[1] !== undefined);
      const { status } = await talkRaw({
        ...{ port, path, pieces: [], ...how },
        headers: Object.fromEntries(asked),
      });
      if (status < 400 || status >= 500) faults.push(`${name}: status ${status}`);
    }
    print(`  ${CASES.length + HANDSHAKES.length - faults.length} cases hold on ${path}`);
    assertEquals(faults, []);
    assertEquals(await rig.statusOf("/healthz"), 200);
    assert(!rig.logged.some((line) => /"level":"error"/.test(line)));
  });
}
