import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { hangUp, untilEnded, wait } from "../../emulators/caller_script.ts";
import type { DialOptions } from "../../emulators/phone_line.ts";
import { parseTwiml, TwimlError } from "../../emulators/twiml_document.ts";
import { CONNECT, Rig, xml } from "./phone_server.ts";

Deno.test("parseTwiml() gives verbs, attributes and texts unescaped", () => {
  const verbs = parseTwiml(
    `<?xml version="1.0"?><!-- hello --><Response><Say voice="a&amp;b"> x &lt; <![CDATA[y]]> </Say><Hangup/></Response>`,
  );
  assertEquals(verbs, [
    { name: "Say", attributes: { voice: "a&b" }, children: [], text: "x < y" },
    { name: "Hangup", attributes: {}, children: [], text: "" },
  ]);
});

const MALFORMED: readonly [what: string, document: string][] = [
  ["nothing", ""],
  ["a blank before the declaration", ` <?xml version="1.0"?><Response/>`],
  ["a line before the declaration", `\n<?xml version="1.0"?><Response/>`],
  ["another root", "<Respond/>"],
  ["a root in lower case", "<response/>"],
  ["an unquoted attribute", "<Response><Pause length=1/></Response>"],
  ["an attribute without a value", "<Response><Pause length/></Response>"],
  ["an attribute twice", `<Response><Pause length="1" length="2"/></Response>`],
  ["a bare ampersand", "<Response><Say>you & me</Say></Response>"],
  ["a bare ampersand in a URL", `<Response><Redirect>/a?b=1&c=2</Redirect></Response>`],
  ["an unknown entity", "<Response><Say>caf&eacute;</Say></Response>"],
  ["an unclosed verb", "<Response><Say>hello</Response>"],
  ["an unclosed root", "<Response><Hangup/>"],
  ["two roots", "<Response/><Response/>"],
  ["text after the root", "<Response/>bye"],
  ["text between verbs", "<Response>hello<Hangup/></Response>"],
  ["a control character", "<Response><Say>\u0001</Say></Response>"],
  ["a reference to a control character", "<Response><Say>&#1;</Say></Response>"],
  ["a noncharacter", "<Response><Say>\uFFFF</Say></Response>"],
  ["two dashes in a comment", "<Response><!-- a -- b --></Response>"],
];

for (const [what, document] of MALFORMED) {
  Deno.test(`parseTwiml() refuses ${what}`, () => {
    assertThrows(() => parseTwiml(document), TwimlError, "Cannot read TwiML: ");
  });
}

/** Runs a call on a document and waits for its end. */
async function run(
  twiml: string | ((path: string) => string | Response),
  options: Partial<DialOptions> = {},
) {
  await using rig = await Rig.start({
    twiml: typeof twiml === "string" ? twiml : (came) => twiml(came.path),
  }, { factor: 100 });
  const report = await rig.dial([untilEnded()], options).ended;
  return { report, requests: rig.requests };
}

const ANSWERS: readonly [what: string, answer: () => Response, code: number | undefined][] = [
  ["text/xml", () => xml("<Response/>"), undefined],
  ["application/xml", () => xml("<Response/>", "application/xml; charset=utf-8"), undefined],
  ["text/html", () => xml("<Response/>", "text/html"), undefined],
  ["TwiML as text/plain", () => xml("<Response/>", "text/plain"), undefined],
  ["JSON", () => Response.json({}), 12300],
  ["no content type", () => new Response(new Uint8Array(1)), 11200],
  ["an empty body", () => xml(""), 12100],
  ["bytes that are not UTF-8", () =>
    new Response(Uint8Array.of(60, 255), {
      headers: { "content-type": "text/xml" },
    }), 12100],
  ["status 500", () => new Response("<Response/>", { status: 500 }), 11200],
  ["status 403", () => new Response(null, { status: 403 }), 11200],
  ["a redirect", () => Response.redirect("http://127.0.0.1/"), 11200],
  ["more than 64 KiB", () => xml(`<Response><Say>${"x".repeat(65_536)}</Say></Response>`), 11750],
  ["an unknown verb", () => xml("<Response><Shout>hey</Shout></Response>"), 12200],
  ["an unknown attribute", () => xml(`<Response><Pause len="1"/></Response>`), 12200],
  ["a noun out of place", () => xml(`<Response><Dial><Stream/></Dial></Response>`), 12200],
  ["Connect without Stream", () => xml("<Response><Connect/></Response>"), 12200],
  ["Gather", () => xml("<Response><Gather/></Response>"), 0],
  ["Record", () => xml("<Response><Record/></Response>"), 0],
  ["a bad reason to reject", () => xml(`<Response><Reject reason="no"/></Response>`), 13810],
  ["a Redirect to nowhere", () => xml("<Response><Redirect>http://</Redirect></Response>"), 11100],
];

for (const [what, answer, code] of ANSWERS) {
  Deno.test(`the line takes ${what} as an answer with ${code ?? "no"} warning`, async () => {
    const { report } = await run(answer);
    assertEquals(report.warnings.map((warning) => warning.code), code === undefined ? [] : [code]);
  });
}

const STREAMS: readonly [what: string, stream: string, code: number][] = [
  ["a query", `<Stream url="/media?token=1"/>`, 31920],
  ["an http URL", `<Stream url="http://127.0.0.1/media"/>`, 31922],
  ["no URL", `<Stream/>`, 11100],
  ["both tracks", `<Stream url="/media" track="both_tracks"/>`, 31941],
  ["a path where no socket is", `<Stream url="/forbidden"/>`, 31920],
  ["a port where nobody listens", `<Stream url="ws://127.0.0.1:1/"/>`, 31902],
  [
    "a parameter of 500 characters",
    `<Stream url="/forbidden"><Parameter name="a" value="${"x".repeat(499)}"/></Stream>`,
    12200,
  ],
];

for (const [what, stream, code] of STREAMS) {
  Deno.test(`a Stream with ${what} gets ${code}, and the next verb runs`, async () => {
    const { report } = await run(
      `<Response><Connect>${stream}</Connect><Say>Sorry</Say></Response>`,
    );
    assertEquals(report.warnings[0]?.code, code);
    assertEquals(report.spoken.map(({ text }) => text), ["Sorry"]);
    assertEquals(report.endedBy, "twiml");
    assertEquals(report.streams, []);
  });
}

Deno.test("verbs take their time, in order, and the call ends with the last", async () => {
  const { report } = await run(
    `<Response><Say loop="2">Twenty characters ok</Say><Pause length="2"/><Play digits="ww12"/></Response>`,
  );
  const [first, second, keys] = report.spoken;
  assert(first && second && keys);
  assertEquals([first.by, first.text], ["Say", "Twenty characters ok"]);
  assert(first.lastedMs >= 1300 && second.atMs >= first.atMs + 1300);
  assert(keys.atMs >= second.atMs + second.lastedMs + 2000);
  assert(keys.lastedMs >= 1400);
  assertEquals([report.endedBy, report.status], ["twiml", "completed"]);
});

Deno.test("Redirect fetches the other document with the call in progress; nothing after it runs", async () => {
  const { report, requests } = await run((path) =>
    path === "/voice"
      ? "<Response><Redirect>/next?a=1&amp;b=2</Redirect><Say>never</Say></Response>"
      : "<Response><Hangup/></Response>"
  );
  assertEquals(requests.map(({ path }) => path), ["/voice", "/next?a=1&b=2"]);
  assertEquals(requests.map(({ form }) => form.get("CallStatus")), ["ringing", "in-progress"]);
  assertEquals(report.spoken, []);
  assertEquals(report.twiml.length, 2);
});

Deno.test("Dial is recorded, and its action hears the outcome", async () => {
  const document = (path: string) =>
    path === "/voice"
      ? `<Response><Dial action="/after" timeout="5"><Number>+15553334444</Number></Dial></Response>`
      : "<Response/>";
  const { report, requests } = await run(document, {
    dialOutcome: () => ({ status: "no-answer" }),
  });
  assertEquals(report.dials.map(({ targets, status }) => [targets, status]), [
    [["+15553334444"], "no-answer"],
  ]);
  assertEquals(requests[1]?.form.get("DialCallStatus"), "no-answer");
  assert(report.endedAtMs - (report.answeredAtMs ?? 0) >= 5000);

  const completed = await run(document, {
    dialOutcome: () => ({ status: "completed", talkMs: 7000 }),
  });
  assertEquals(completed.requests[1]?.form.get("DialCallDuration"), "7");
});

Deno.test("Dial asks what the one who picks up hears before the two are joined, and asks nothing if nobody does", async () => {
  const document = (path: string) => {
    if (path === "/whisper") return "<Response><Say>A guest.</Say></Response>";
    if (path !== "/voice") return "<Response/>";
    const noun = `<Number url="/whisper">+15553334444</Number>`;
    return `<Response><Dial action="/after" callerId="+15550009999">${noun}</Dial></Response>`;
  };
  const { report, requests } = await run(document, {
    dialOutcome: () => ({ status: "completed", talkMs: 100 }),
  });
  assertEquals(requests.map(({ path }) => path), ["/voice", "/whisper", "/after"]);
  assertEquals(report.dials[0]?.whispered, ["A guest."]);
  const form = requests[1]?.form;
  assertEquals([form?.get("ParentCallSid"), form?.get("To"), form?.get("From")], [
    report.callSid,
    "+15553334444",
    "+15550009999",
  ]);
  assert(form?.get("CallSid") !== report.callSid);
  assertEquals(report.spoken, [], "the caller does not hear it");

  const busy = await run(document, { dialOutcome: () => ({ status: "busy" }) });
  assertEquals(busy.requests.map(({ path }) => path), ["/voice", "/after"]);
  assertEquals(busy.report.dials[0]?.whispered, []);
});

Deno.test("Reject as the first verb leaves the call unanswered", async () => {
  const { report } = await run(`<Response><Reject reason="busy"/></Response>`);
  assertEquals([report.status, report.answeredAtMs], ["busy", undefined]);
});

Deno.test("Connect's action is asked when the server closed the stream, with the call in progress", async () => {
  await using rig = await Rig.start({
    twiml: ({ path }) =>
      path === "/voice"
        ? CONNECT.replace("<Connect>", `<Connect action="/after">`).replace(
          "</Response>",
          "<Say>never</Say></Response>",
        )
        : "<Response><Say>Goodbye</Say><Hangup/></Response>",
    onStart: (stream) => stream.socket.close(1000),
  }, { factor: 100 });
  const report = await rig.dial([untilEnded()]).ended;
  assertEquals(rig.requests.map(({ path }) => path), ["/voice", "/after"]);
  assertEquals(rig.requests[1]?.form.get("CallStatus"), "in-progress");
  assertEquals(report.spoken.map(({ text }) => text), ["Goodbye"]);
  assertEquals(report.endedBy, "twiml");
});

Deno.test("Connect's action is not asked when the caller hung up", async () => {
  await using rig = await Rig.start({
    twiml: CONNECT.replace("<Connect>", `<Connect action="/after">`),
  });
  const report = await rig.dial([wait(100), hangUp()]).ended;
  assertEquals(rig.requests.map(({ path }) => path), ["/voice"]);
  assertEquals(report.endedBy, "caller");
});

Deno.test("a failing webhook is followed by the fallback URL, and without one by an apology", async () => {
  const document = (path: string) =>
    path === "/voice"
      ? new Response("no", { status: 503 })
      : "<Response><Say>We are closed</Say></Response>";
  await using rig = await Rig.start({ twiml: ({ path }) => document(path) }, { factor: 100 });
  const fallbackUrl = `${rig.origin}/fallback`;
  const saved = await rig.dial([untilEnded()], { fallbackUrl }).ended;
  assertEquals(saved.spoken.map(({ text }) => text), ["We are closed"]);
  assertEquals(rig.requests[1]?.form.get("ErrorCode"), "11200");
  assertEquals(rig.requests[1]?.form.get("ErrorUrl"), `${rig.origin}/voice`);

  const lost = await rig.dial([untilEnded()]).ended;
  assertEquals(lost.spoken.map(({ by }) => by), ["apology"]);
  assertEquals(lost.endedBy, "error");
});

Deno.test("an answer in plain text is read aloud", async () => {
  const { report } = await run(() => xml("Hello there", "text/plain"));
  assertEquals(report.spoken.map(({ by, text }) => [by, text]), [["text/plain", "Hello there"]]);
  assertStringIncludes(report.twiml[0] ?? "", "Hello there");
});
