import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { createLog } from "../../lib/log.ts";
import { HttpClient, type HttpReach } from "../../lib/tools/http_client.ts";
import { type DeclaredTool, httpTool } from "../../lib/tools/http_tool.ts";
import { ToolError } from "../../lib/tools/tool.ts";
import { ToolBox } from "../../lib/tools/tool_box.ts";
import { type ToolAnswer, ToolRunner } from "../../lib/tools/tool_runner.ts";
import { FakeClock } from "../support/fake_clock.ts";

const TLS = new URL("../fixtures/tls/", import.meta.url);
const certificate = await Deno.readTextFile(new URL("certificate.pem", TLS));
const key = await Deno.readTextFile(new URL("key.pem", TLS));

const CONTEXT = {
  signal: new AbortController().signal,
  call: { callSid: "CA1", person: "+15550001111", ours: "+15550002222", agent: "test" },
  log: createLog({ level: "error", clock: new FakeClock(), write: () => {} }),
};

/** A service on this machine over TLS, and a client that may reach this machine. */
function service(answer: (request: Request) => Response | Promise<Response>) {
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    cert: certificate,
    key,
    onListen: () => {},
  }, answer);
  return {
    url: `https://service.test:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** A place that nobody must even connect to. */
function canaryPlace() {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let connections = 0;
  const listening = (async () => {
    for await (const connection of listener) {
      connections++;
      connection.close();
    }
  })();
  return {
    port: listener.addr.port,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      listener.close();
      await listening;
    },
  };
}

function clientWith(reach: Partial<HttpReach> = {}): HttpClient {
  return new HttpClient({
    isAllowed: (address) => address === "127.0.0.1",
    resolve: () => Promise.resolve([{ address: "127.0.0.1", family: 4 }]),
    ca: certificate,
    ...reach,
  });
}

function declared(http: Partial<DeclaredTool["http"]>): DeclaredTool {
  return {
    name: "tables",
    description: "Looks for a free table.",
    parameters: {
      properties: { day: { type: "string" }, seats: { type: "integer" } },
      required: ["day"],
    },
    http: { method: "GET", url: "https://service.test/", headers: {}, ...http },
    isBlocking: false,
    scheduling: "when-idle",
    delayMs: 0,
    timeoutMs: 5_000,
    filler: undefined,
    onInterruption: "abort",
  };
}

Deno.test("httpTool() fills in address and query, sends secrets, and picks from the answer", async () => {
  await using there = service((request) =>
    Response.json({
      tables: [{
        at: new URL(request.url).pathname + new URL(request.url).search,
        authorization: request.headers.get("authorization"),
      }],
    })
  );
  await using client = clientWith();
  const tool = httpTool(
    declared({
      url: `${there.url}/days/{day}/tables`,
      headers: { authorization: "Bearer {{secret:BOOKING}}" },
      pick: "tables.0",
    }),
    { client, secrets: new Map([["BOOKING", "s3cret"]]) },
  );
  assertEquals(await tool.run({ day: "../a b", seats: 4 }, CONTEXT), {
    at: "/days/..%2Fa%20b/tables?seats=4",
    authorization: "Bearer s3cret",
  });
});

Deno.test("httpTool() posts what has no place in the address as JSON", async () => {
  await using there = service(async (request) => Response.json(await request.json()));
  await using client = clientWith();
  const tool = httpTool(declared({ method: "POST", url: `${there.url}/days/{day}` }), {
    client,
    secrets: new Map(),
  });
  assertEquals(await tool.run({ day: "2026-01-05", seats: 2 }, CONTEXT), { seats: 2 });
});

Deno.test("httpTool() tells the model of a refusal and of a failure, and nothing of the service", async () => {
  await using there = service(() => new Response("internal secret", { status: 500 }));
  await using client = clientWith();
  const parts = { client, secrets: new Map() };
  const failing = httpTool(declared({ url: `${there.url}/` }), parts);
  await assertRejects(
    () => Promise.resolve(failing.run({ day: "x" }, CONTEXT)),
    ToolError,
    "status 500",
  );
  const nobody = httpTool(declared({ url: "https://service.test:1/" }), parts);
  await assertRejects(
    () => Promise.resolve(nobody.run({ day: "x" }, CONTEXT)),
    ToolError,
    "cannot be reached",
  );
});

Deno.test("httpTool() refuses a declaration that cannot be used, by the field", async () => {
  await using client = clientWith();
  const cases: readonly [Partial<DeclaredTool["http"]>, string][] = [
    [{ url: "http://service.test/" }, "http.url: expected an https address"],
    [{ url: "https://{day}.service.test/" }, "http.url: expected an https address"],
    [{ url: "https://service.test@{day}/" }, "http.url: expected an https address"],
    [{ url: "https://service.test/{night}" }, "http.url: {night} is unknown"],
    [{ headers: { a: "{{secret:NONE}}" } }, "http.headers.a: expected a secret NONE"],
  ];
  for (const [http, message] of cases) {
    assertThrows(
      () => httpTool(declared(http), { client, secrets: new Map() }),
      RangeError,
      message,
    );
  }
});

Deno.test("HttpClient reaches nothing but the public internet over https, in 30 spellings [A08]", async () => {
  await using canary = canaryPlace();
  const { port } = canary;
  await using client = new HttpClient();
  const hosts = [
    ...["localhost", "127.0.0.1", "127.1", "0x7f000001", "2130706433", "017700000001", "0"],
    ...["[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[0:0:0:0:0:0:0:1]"],
    ...["①②⑦.0.0.1", "127.0.0.1.", "LOCALHOST", "localhost.", "0177.0.0.1", "127.0.1"],
    ...["169.254.169.254", "[fe80::1]", "10.0.0.1", "192.168.0.1", "172.16.0.1", "100.64.0.1"],
    ...["[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[fd00:ec2::254]"],
  ].map((host) => `https://${host}:${port}/`);
  const others = [`http://93.184.215.14:${port}/`, `https://a:b@127.0.0.1:${port}/`];
  const urls = [...hosts, ...others, `http://127.0.0.1:${port}/`].map((url) => new URL(url));
  assertEquals(urls.length, 30);
  for (const url of urls) {
    const error = await assertRejects(() =>
      client.ask({ url, method: "GET", headers: {}, body: undefined }, CONTEXT.signal)
    );
    const isName = /[a-z]\.?$/.test(url.hostname);
    const words = `${error}${error.cause ?? ""}`;
    assert(isName || words.includes("Cannot ask service"), `${url.href}: ${words}`);
  }
  assertEquals(canary.connections, 0);
});

Deno.test("HttpClient refuses a name that leads to a private address, first, last or second time [A08]", async () => {
  await using canary = canaryPlace();
  const url = new URL(`https://service.test:${canary.port}/`);
  const bad = { address: "127.0.0.1", family: 4 };
  const good = { address: "93.184.215.14", family: 4 };
  const { isAllowed } = { isAllowed: (address: string) => address === good.address };
  for (const answers of [[bad], [good, bad], [bad, good]]) {
    await using client = new HttpClient({
      isAllowed,
      resolve: () => Promise.resolve(answers),
      ca: certificate,
    });
    const ask = () =>
      client.ask({ url, method: "GET", headers: {}, body: undefined }, CONTEXT.signal);
    await assertRejects(ask, Error, "not of the public internet");
  }
  assertEquals(canary.connections, 0);
});

Deno.test("HttpClient connects to the address that was judged: a name is looked up once per connection [A08]", async () => {
  await using there = service(() => new Response("here"));
  let lookups = 0;
  await using client = clientWith({
    resolve: () => {
      lookups++;
      return Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
    },
  });
  const url = new URL(`${there.url}/`);
  const ask = () =>
    client.ask({ url, method: "GET", headers: {}, body: undefined }, CONTEXT.signal);
  assertEquals(await ask(), { status: 200, text: "here" });
  assertEquals(lookups, 1);
});

Deno.test("HttpClient follows no redirect and takes no answer over 256 KiB [A08]", async () => {
  await using canary = canaryPlace();
  await using there = service((request) =>
    new URL(request.url).pathname === "/away"
      ? Response.redirect(`https://127.0.0.1:${canary.port}/`, 302)
      : new Response("x".repeat(256 * 1024 + 1))
  );
  await using client = clientWith();
  const ask = (path: string) =>
    client.ask(
      { url: new URL(path, there.url), method: "GET", headers: {}, body: undefined },
      CONTEXT.signal,
    );
  await assertRejects(() => ask("/away"), Error, "redirect");
  await assertRejects(() => ask("/large"));
  assertEquals(canary.connections, 0);
});

Deno.test("a service that goes on answering for ever is given up after 5 s, and its connection closed [A08]", async () => {
  const left = Promise.withResolvers<void>();
  let send: ReadableStreamDefaultController<Uint8Array> | undefined;
  await using there = service(() =>
    new Response(
      new ReadableStream({
        start: (controller) => void (send = controller),
        cancel: () => left.resolve(),
      }),
    )
  );
  await using client = clientWith();
  const { name, description, parameters, http } = declared({ url: `${there.url}/` });
  const wishes = {
    tools: [{ name, description, parameters, http }],
    destinations: {},
    smsRecipients: {},
  };
  const nothing = () => Promise.reject(new Error("Nobody asks for this"));
  const control = {
    ...{ hangUp: nothing, transfer: nothing, sendDigits: nothing, takeMessage: nothing },
    ...{ sendMessage: nothing, remember: nothing },
  };
  const clock = new FakeClock();
  const answers: ToolAnswer[] = [];
  const runner: ToolRunner = new ToolRunner({
    tools: new ToolBox({ client, secrets: new Map(), own: [] }).tools(wishes, "either", control),
    call: CONTEXT.call,
    clock,
    log: CONTEXT.log,
    post: (event) => runner.take(event),
    answer: (answer) => answers.push(answer),
  });
  runner.request([{ id: "fc_1", name: "tables", args: { day: "x" } }]);
  while (!send) await new Promise((resolve) => setTimeout(resolve));
  send.enqueue(new Uint8Array(1_000));
  await clock.advance(4_999);
  assertEquals(answers, []);
  await clock.advance(1);
  assertEquals(answers[0]?.response, { error: "The tool took longer than 5000 ms" });
  await left.promise;
});

Deno.test("HttpClient gives up when it is told to", async () => {
  const held = Promise.withResolvers<Response>();
  await using there = service(() => held.promise);
  await using client = clientWith();
  const giveUp = new AbortController();
  const asked = client.ask(
    { url: new URL(`${there.url}/`), method: "GET", headers: {}, body: undefined },
    giveUp.signal,
  );
  giveUp.abort(new Error("too late"));
  await assertRejects(() => asked, Error, "too late");
  held.resolve(new Response("late"));
});
