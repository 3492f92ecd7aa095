import { assertEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import VoiceResponse from "twilio/lib/twiml/VoiceResponse.js";
import { connectStream, hangUp, putThrough, sayGoodbye, whisper } from "../../lib/twilio/twiml.ts";
import { parseXml, type XmlElement, xmlPart } from "./xml_tree.ts";

const STREAM = {
  streamUrl: "wss://h.example/twilio/media",
  actionUrl: "https://h.example/twilio/stream-ended",
  parameters: { token: "abc" },
  otherwise: { sentence: "Sorry, goodbye." },
};

/** Texts that want to be something else: markup, controls, halves of surrogate pairs. */
const anyText = fc.oneof(
  fc.array(fc.nat(0xffff), { maxLength: 40 }).map((units) => String.fromCharCode(...units)),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.array(
    fc.constantFrom(
      "<",
      ">",
      "&",
      '"',
      "'",
      "\t",
      "\n",
      "\r",
      "\0",
      "]]>",
      "<!--",
      "<?",
      "&#60;",
    ) as fc.Arbitrary<string>,
    { maxLength: 20 },
  ).map((parts) => parts.join("")),
  fc.constantFrom(
    '"/><Dial>+19005550100</Dial><Say x="',
    "</Say></Response><Response><Dial>+1900</Dial>",
    "<![CDATA[</Say><Hangup/>]]>",
    "&lt;Dial&gt;",
    "\ud800<\udc00",
  ),
);
/** Texts that the vendor's package takes: it throws on the others. */
const xmlText = anyText.map(xmlPart);

function element(name: string, attributes: Record<string, string> = {}, text = ""): XmlElement {
  return { name, attributes, children: [], text };
}

Deno.test("connectStream() makes the stream, then the farewell for when it fails", () => {
  assertEquals(
    connectStream({ ...STREAM, otherwise: { sentence: "One moment.", dial: "+15550100" } }),
    '<?xml version="1.0" encoding="UTF-8"?><Response>' +
      '<Connect action="https://h.example/twilio/stream-ended">' +
      '<Stream url="wss://h.example/twilio/media"><Parameter name="token" value="abc"/></Stream>' +
      "</Connect><Say>One moment.</Say><Dial>+15550100</Dial><Hangup/></Response>",
  );
});

Deno.test("sayGoodbye() and hangUp() make the shortest documents", () => {
  const head = '<?xml version="1.0" encoding="UTF-8"?>';
  assertEquals(
    sayGoodbye({ sentence: "It's over." }),
    `${head}<Response><Say>It&apos;s over.</Say><Hangup/></Response>`,
  );
  assertEquals(hangUp(), `${head}<Response><Hangup/></Response>`);
});

Deno.test("sayGoodbye() says any text as it is, and nothing else [C02]", () => {
  fc.assert(
    fc.property(anyText, anyText, (sentence, dial) => {
      const verbs = [element("Say", {}, xmlPart(sentence))];
      if (dial !== "") verbs.push(element("Dial", {}, xmlPart(dial)));
      assertEquals(parseXml(sayGoodbye({ sentence, dial })), {
        ...element("Response"),
        children: [...verbs, element("Hangup")],
      });
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("putThrough() and whisper() dial and say whatever they are given, and nothing else [A02]", () => {
  fc.assert(
    fc.property(anyText, anyText, anyText, anyText, (number, callerId, actionUrl, words) => {
      const options = { number, ringSeconds: 20, actionUrl, whisperUrl: undefined };
      const attributes = { timeout: "20", action: xmlPart(actionUrl) };
      const shown = callerId === "" ? {} : { callerId: xmlPart(callerId) };
      assertEquals(parseXml(putThrough({ ...options, callerId })), {
        ...element("Response"),
        children: [{
          ...element("Dial", { ...attributes, ...shown }),
          children: [element("Number", {}, xmlPart(number))],
        }],
      });
      assertEquals(parseXml(whisper(words)), {
        ...element("Response"),
        children: [element("Say", {}, xmlPart(words))],
      });
    }),
    { numRuns: 5_000 },
  );
});

Deno.test("connectStream() keeps to its verbs whatever its texts are [C02]", () => {
  fc.assert(
    fc.property(
      fc.dictionary(anyText, anyText, { maxKeys: 3 }),
      anyText,
      anyText,
      (parameters, actionUrl, sentence) => {
        const document = parseXml(
          connectStream({ ...STREAM, parameters, actionUrl, otherwise: { sentence } }),
        );
        const nouns = Object.entries(parameters).map(([name, value]) =>
          element("Parameter", { name: xmlPart(name), value: xmlPart(value) })
        );
        const stream = { ...element("Stream", { url: STREAM.streamUrl }), children: nouns };
        assertEquals(document, {
          ...element("Response"),
          children: [
            { ...element("Connect", { action: xmlPart(actionUrl) }), children: [stream] },
            element("Say", {}, xmlPart(sentence)),
            element("Hangup"),
          ],
        });
      },
    ),
    { numRuns: 5_000 },
  );
});

Deno.test("connectStream() parses the same as the vendor's document [C02]", () => {
  fc.assert(
    fc.property(
      fc.dictionary(xmlText, xmlText, { maxKeys: 3 }),
      xmlText,
      xmlText,
      fc.option(xmlText, { nil: undefined }),
      (parameters, actionUrl, sentence, dial) => {
        const vendor = new VoiceResponse();
        const stream = vendor.connect({ action: actionUrl }).stream({ url: STREAM.streamUrl });
        for (const [name, value] of Object.entries(parameters)) stream.parameter({ name, value });
        vendor.say(sentence);
        if (dial) vendor.dial(dial);
        vendor.hangup();
        const ours = connectStream({
          ...STREAM,
          parameters,
          actionUrl,
          otherwise: { sentence, dial },
        });
        assertEquals(parseXml(ours), parseXml(vendor.toString()));
      },
    ),
    { numRuns: 2_000 },
  );
});

Deno.test("sayGoodbye() and hangUp() parse the same as the vendor's documents [C02]", () => {
  const hungUp = new VoiceResponse();
  hungUp.hangup();
  assertEquals(parseXml(hangUp()), parseXml(hungUp.toString()));
  fc.assert(
    fc.property(xmlText, (sentence) => {
      const vendor = new VoiceResponse();
      vendor.say(sentence);
      vendor.hangup();
      assertEquals(parseXml(sayGoodbye({ sentence })), parseXml(vendor.toString()));
    }),
    { numRuns: 1_000 },
  );
});

Deno.test("connectStream() refuses a stream URL that Twilio would not call as written", () => {
  for (
    const streamUrl of [
      "https://h.example/m",
      "wss://h.example/m?x=1",
      "wss://h.example/m?",
      "wss://h.example/m#x",
      "/m",
      "wss://",
      "wss://h.example/ m",
    ]
  ) {
    assertThrows(() => connectStream({ ...STREAM, streamUrl }), RangeError, "its URL");
  }
  assertEquals(
    parseXml(connectStream({ ...STREAM, streamUrl: "ws://localhost:8000/m" })).name,
    "Response",
  );
});

Deno.test("connectStream() refuses a parameter of 500 characters, its name counted", () => {
  const parameters = { token: "x".repeat(494) };
  assertEquals(parseXml(connectStream({ ...STREAM, parameters })).name, "Response");
  assertThrows(
    () => connectStream({ ...STREAM, parameters: { token: "x".repeat(495) } }),
    RangeError,
    'parameter "token" is too long',
  );
});

Deno.test("sayGoodbye() refuses a sentence of more than 4,000 characters", () => {
  assertEquals(parseXml(sayGoodbye({ sentence: "x".repeat(4_000) })).name, "Response");
  assertThrows(() => sayGoodbye({ sentence: "x".repeat(4_001) }), RangeError, "4000 characters");
});
