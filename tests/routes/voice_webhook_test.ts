import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { sign } from "../support/sign.ts";
import { CALL_SID, ServedApp, tokenIn, VOICE_FORM } from "./served_app.ts";

const HANG_UP = '<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>';
const OTHER_CALL = "CAffffffffffffffffffffffffffffffff";

Deno.test("answerVoice() connects the call to its stream, with words for when that fails", async () => {
  await using app = await ServedApp.start();
  const { status, headers, body } = await app.post("/twilio/voice", VOICE_FORM);
  assertEquals(status, 200);
  assertEquals(headers.get("content-type"), "text/xml");
  const token = tokenIn(body);
  assertEquals(
    body,
    '<?xml version="1.0" encoding="UTF-8"?><Response>' +
      '<Connect action="https://phone.example.com/twilio/stream-ended' +
      '#rc=5&amp;rp=all&amp;ct=2000&amp;rt=5000">' +
      '<Stream url="wss://phone.example.com/twilio/media">' +
      `<Parameter name="token" value="${token}"/></Stream></Connect>` +
      "<Say>Sorry, something went wrong on our side. Please call again a little later. Goodbye." +
      "</Say><Hangup/></Response>",
  );
});

Deno.test("answerVoice() makes its URLs from the public one, in its scheme", async () => {
  await using app = await ServedApp.start({ settings: { publicUrl: "http://localhost:8000/" } });
  const { body } = await app.post("/twilio/voice", VOICE_FORM, {
    "X-Twilio-Signature": sign("http://localhost:8000/twilio/voice", VOICE_FORM),
  });
  assertStringIncludes(body, 'url="ws://localhost:8000/twilio/media"');
  assertStringIncludes(body, 'action="http://localhost:8000/twilio/stream-ended#');
});

Deno.test("answerVoice() repeats its document when the webhook comes twice [T03]", async () => {
  await using app = await ServedApp.start({ numbers: { maxCalls: 1 } });
  const first = await app.post("/twilio/voice", VOICE_FORM);
  const second = await app.post("/twilio/voice", VOICE_FORM);
  assert(tokenIn(first.body).length > 0);
  assertEquals(second.body, first.body);
});

Deno.test("answerVoice() gives no new token once the stream is open or the call is over [T03]", async () => {
  await using app = await ServedApp.start();
  const socket = await app.openStream();
  socket.start(await app.admit());
  await app.until(() => app.calls.running === 1);
  assertEquals((await app.post("/twilio/voice", VOICE_FORM)).body, HANG_UP);
  socket.stop();
  await socket.closed;
  assertEquals((await app.post("/twilio/voice", VOICE_FORM)).body, HANG_UP);

  await app.admit(OTHER_CALL);
  await app.clock.advance(60_000);
  const late = await app.post("/twilio/voice", { ...VOICE_FORM, CallSid: OTHER_CALL });
  assertEquals(late.body, HANG_UP);
});

Deno.test("answerVoice() says a sentence when no call can be taken, and dials where it may", async (t) => {
  const cases = [
    { name: "full", numbers: { maxCalls: 0 }, words: "<Say>All our lines are busy" },
    { name: "caller", numbers: { maxCallsPerCaller: 0 }, words: "<Say>All our lines are busy" },
    {
      name: "draining",
      deps: { obstacle: () => "draining" as const },
      words: "<Say>All our lines are busy",
    },
    {
      name: "late",
      deps: { obstacle: () => "overloaded" as const },
      words: "<Say>All our lines are busy",
    },
    {
      name: "known to have no model [G01]",
      deps: { isModelDown: () => true },
      words: "<Say>Sorry",
    },
    {
      name: "no agent",
      deps: {
        agents: { names: [], warnings: [], get: () => undefined, forNumber: () => undefined },
      },
      words: "<Say>Sorry, something went wrong",
    },
  ];
  for (const { name, numbers, deps, words } of cases) {
    for (const fallbackNumber of [undefined, "+15559990000"]) {
      await t.step(`${name}, ${fallbackNumber ?? "no number"}`, async () => {
        await using app = await ServedApp.start({
          settings: { fallbackNumber, fullHouse: fallbackNumber ? "dial" : "say" },
          ...(numbers ? { numbers } : {}),
          ...(deps ? { deps } : {}),
        });
        const { status, body } = await app.post("/twilio/voice", VOICE_FORM);
        assertEquals(status, 200);
        assertStringIncludes(body, words);
        const end = fallbackNumber ? "</Say><Dial>+15559990000</Dial><Hangup/>" : "</Say><Hangup/>";
        assertStringIncludes(body, end);
      });
    }
  }
});

Deno.test("answerVoice() does what is configured when the house is full [P08]", async () => {
  const cases = [
    ["say", "</Say><Hangup/></Response>"],
    ["dial", "</Say><Dial>+15559990000</Dial><Hangup/></Response>"],
    ["reject", '<Response><Reject reason="busy"/></Response>'],
  ] as const;
  for (const [fullHouse, end] of cases) {
    await using app = await ServedApp.start({
      settings: { fullHouse, fallbackNumber: "+15559990000" },
      numbers: { maxCalls: 0 },
    });
    const { body } = await app.post("/twilio/voice", VOICE_FORM);
    assert(body.endsWith(end), body);
    assertEquals(body.includes("<Say>All our lines are busy"), fullHouse !== "reject");
  }
});

Deno.test("answerVoice() admits exactly as many of 100 calls at once as there is room for", async () => {
  await using app = await ServedApp.start({ numbers: { maxCalls: 50 } });
  const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => {
    const CallSid = `CA${String(index).padStart(32, "0")}`;
    return app.post("/twilio/voice", { ...VOICE_FORM, CallSid });
  }));
  assertEquals(answers.filter(({ body }) => body.includes("<Connect ")).length, 50);
  assertEquals(answers.filter(({ body }) => body.includes("<Say>All our lines")).length, 50);
});

Deno.test("answerVoice() takes any caller, named or not, and any new field", async () => {
  await using app = await ServedApp.start();
  const { From: _from, To: _to, Direction: _direction, ...bare } = VOICE_FORM;
  const callers = ["", "anonymous", "client:ana", 'sip:"<&>"@example.com', "9".repeat(60_000)];
  for (const [index, From] of callers.entries()) {
    const CallSid = `CA${String(index).padStart(32, "0")}`;
    const { status, body } = await app.post("/twilio/voice", { ...bare, CallSid, From, New: "" });
    assertEquals(status, 200);
    assert(tokenIn(body).length < 495);
  }
  assertStringIncludes((await app.post("/twilio/voice", bare)).body, "<Connect ");
});

Deno.test("answerVoice() answers 400 and names the field when a signed form is wrong", async () => {
  await using app = await ServedApp.start();
  for (const CallSid of ["", "CA1", `${CALL_SID}0`, CALL_SID.replace("CA", "MZ")]) {
    const { status, body } = await app.post("/twilio/voice", { ...VOICE_FORM, CallSid });
    assertEquals(status, 400);
    assertEquals(JSON.parse(body), {
      error: { code: "form-invalid", message: 'Cannot read webhook: "CallSid" is invalid' },
    });
  }
});

Deno.test("answerVoice() writes no number and no token to the log at info", async () => {
  await using app = await ServedApp.start();
  const token = await app.admit();
  const lines = app.logged.filter((line) => line.includes('"call-admitted"'));
  assertEquals(lines.length, 1);
  assertMatch(lines.join(), /"callSid":"CA/);
  assert(!lines.join().includes("+1555"));
  assert(!app.logged.join().includes(token));
});
