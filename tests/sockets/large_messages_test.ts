/** The server as a process: what a peer sends too much of is neither kept nor waited for. */
import { assert, assertEquals, assertLessOrEqual, assertRejects } from "@std/assert";
import { sleep, systemClock } from "../../lib/clock.ts";
import { ClientSocket, tokenIn } from "../routes/served_app.ts";
import { openStream, postVoice } from "../support/media_client.ts";
import { peakGrowthMb } from "../support/peak_memory.ts";
import { ProcessRig } from "../support/process_rig.ts";
import { spoken } from "../support/recorded.ts";
import { print } from "../../tasks/terminal.ts";
import { until } from "../support/socket_call.ts";

const MOST_MB = 20;
/** A process at rest takes no more in a second. */
const STILL_MB = 0.5;
const LARGEST = 65_536;
const CLOSE_CODES = [1008, 1009];
/** Whoever sends on without reading may lose the close frame with the connection. */
const CLOSED_WITHOUT_A_WORD = 1006;
const CONSOLE_TOKEN = "console-token-of-the-tests";
const SOCKET_PATHS = ["/twilio/media", "/api/softphone/media", "/api/gemini/ws"];

/** A process that answers calls, and streams of them. */
class StreamRig implements AsyncDisposable {
  readonly #rig: ProcessRig;
  #calls = 0;

  private constructor(rig: ProcessRig) {
    this.#rig = rig;
  }

  /**
   * Starts it, lets a call and a message through, and waits until its memory stands still: what a process does once, and
   * some seconds later, is not what a message costs.
   */
  static async start(): Promise<StreamRig> {
    const environment = { CONSOLE_TOKEN };
    const rig = new StreamRig(
      await ProcessRig.start({ answers: spoken("of-course") }, environment),
    );
    for (const open of [rig.waiting, rig.inCall, rig.softphone, rig.client]) {
      const socket = await open();
      socket.send("x".repeat(1_048_577));
      await socket.closed;
    }
    for (let stillTimes = 0; stillTimes < 2;) {
      const mb = await peakGrowthMb(rig.#rig.server.pid, () => sleep(systemClock, 1_000));
      stillTimes = mb < STILL_MB ? stillTimes + 1 : 0;
    }
    return rig;
  }

  get url(): string {
    return this.#rig.server.url ?? "";
  }

  /** A stream before its `start`. */
  waiting = (): Promise<ClientSocket> => openStream(this.url);

  /** A stream whose call has been greeted. */
  inCall = async (): Promise<ClientSocket> => {
    const callSid = `CA${String(++this.#calls).padStart(32, "0")}`;
    const token = tokenIn(await postVoice(this.url, callSid));
    const socket = await this.waiting();
    socket.start(token, { callSid });
    const { sessions } = this.#rig.model;
    await until(() => sessions[this.#calls - 1]?.sent.length === 1, "the caller is greeted");
    return socket;
  };

  /** A socket of the softphone. */
  softphone = (): Promise<ClientSocket> => this.#openAsPerson("/api/softphone/media");

  /** A client of the gateway. */
  client = (): Promise<ClientSocket> => this.#openAsPerson("/api/gemini/ws");

  async #openAsPerson(path: string): Promise<ClientSocket> {
    const url = this.url.replace("http", "ws") + path;
    const socket = new ClientSocket(url, { authorization: `Bearer ${CONSOLE_TOKEN}` });
    await socket.opened;
    return socket;
  }

  /** Sends on a stream until it is closed; gives what the server took for it. */
  async peakMb(
    socket: ClientSocket,
    send: () => Promise<void> | void,
    codes: readonly number[] = CLOSE_CODES,
  ): Promise<number> {
    return await peakGrowthMb(this.#rig.server.pid, async () => {
      await send();
      const code = await socket.closed;
      assert(codes.includes(code), `closed with ${code}`);
    });
  }

  async assertAlive(): Promise<void> {
    assertEquals(await this.#rig.statusOf("/healthz"), 200);
    assertEquals(this.#rig.server.events("uncaught-error"), []);
    assertEquals(this.#rig.server.errors, "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rig[Symbol.asyncDispose]();
  }
}

const ON_LINUX = { ignore: Deno.build.os !== "linux" };

Deno.test(
  "a server takes 64 KiB, and closes a stream on more without ever holding it [T09]",
  ON_LINUX,
  async () => {
    await using rig = await StreamRig.start();
    for (
      const [when, open] of Object.entries({ "before start": rig.waiting, "in a call": rig.inCall })
    ) {
      for (const bytes of [LARGEST + 1, 1_048_576, 16_777_216, 16_777_216, 16_777_216]) {
        const socket = await open();
        socket.send("x".repeat(LARGEST));
        const mb = await rig.peakMb(socket, () => socket.send("x".repeat(bytes)));
        print(`  ${bytes} bytes ${when}: ${mb.toFixed(1)} MB at most`);
        assertLessOrEqual(mb, MOST_MB);
      }
    }
    await rig.assertAlive();
  },
);

Deno.test(
  "a server closes every kind of socket on fragments without end, few or many, and keeps little; before login there is none [D03]",
  ON_LINUX,
  async () => {
    await using rig = await StreamRig.start();
    for (const path of SOCKET_PATHS) {
      const open = () => new ClientSocket(rig.url.replace("http", "ws") + path, {}).opened;
      await assertRejects(open, Error, path === "/twilio/media" ? "403" : "401");
    }
    for (
      const [when, open] of Object.entries({
        "before start": rig.waiting,
        "in a call": rig.inCall,
        "on the softphone's socket": rig.softphone,
        "on the gateway": rig.client,
      })
    ) {
      for (
        const { count, bytes } of [{ count: 3_200, bytes: 65_536 }, { count: 100_000, bytes: 1 }]
      ) {
        const socket = await open();
        const mb = await rig.peakMb(
          socket,
          () => socket.sendUnfinished({ count, bytes }),
          [...CLOSE_CODES, CLOSED_WITHOUT_A_WORD],
        );
        print(`  ${count} fragments of ${bytes} ${when}: ${mb.toFixed(1)} MB at most`);
        assertLessOrEqual(mb, MOST_MB);
      }
    }
    await rig.assertAlive();
  },
);
