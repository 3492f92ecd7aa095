import { assertEquals, assertFalse } from "@std/assert";
import { liveSetup } from "../../lib/gemini/live_setup.ts";
import { AUTOMATIC_DETECTIONS } from "../../lib/turns/turn_settings.ts";
import { AGENT, CallSide } from "./call_side.ts";
import { LiveServer } from "./live_server.ts";

const CALL = { instructions: "You are on the phone with +4930123.", model: "gemini-3.8-live" };

async function setupOnTheWire(setup: ReturnType<typeof liveSetup>): Promise<unknown> {
  await using server = await LiveServer.start();
  const model = await new CallSide(server.url, { setup }).connect();
  const peer = await server.peer;
  model.close();
  await peer.closed;
  assertEquals(peer.violations, []);
  return peer.frames[0];
}

Deno.test("liveSetup() gives exactly this frame on the wire", async () => {
  const generation = { temperature: 0.7, topP: 0.9, topK: 40, maxOutputTokens: 800 };
  assertEquals(await setupOnTheWire(liveSetup({ ...AGENT, generation }, CALL)), {
    setup: {
      model: "models/gemini-3.8-live",
      generationConfig: {
        responseModalities: ["AUDIO"],
        temperature: 0.7,
        topP: 0.9,
        topK: 40,
        maxOutputTokens: 800,
        speechConfig: {
          voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } },
          languageCode: "de-DE",
        },
      },
      systemInstruction: {
        parts: [{ text: "You are on the phone with +4930123." }],
        role: "user",
      },
      sessionResumption: {},
      inputAudioTranscription: {},
      outputAudioTranscription: {},
      realtimeInputConfig: {
        automaticActivityDetection: { disabled: true },
        activityHandling: "START_OF_ACTIVITY_INTERRUPTS",
        turnCoverage: "TURN_INCLUDES_ONLY_ACTIVITY",
      },
      contextWindowCompression: {
        triggerTokens: "8000",
        slidingWindow: { targetTokens: "4000" },
      },
    },
  });
});

Deno.test("liveSetup() leaves out what the agent does not set", async () => {
  const { language: _, ...agent } = AGENT;
  const frame = await setupOnTheWire(liveSetup(agent, CALL));
  const { setup } = frame as { setup: { generationConfig: unknown } };
  assertEquals(setup.generationConfig, {
    responseModalities: ["AUDIO"],
    speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } } },
  });
});

for (
  const [model, takesLanguage] of [
    ["gemini-3.8-live", true],
    ["gemini-3.8-live-extended-thinking", true],
    ["gemini-3.1-flash-live-preview", true],
    ["models/gemini-3.8-live", true],
    ["publishers/google/models/gemini-3.8-live", true],
    ["gemini-4-live", true],
    ["gemini-10.1-live", true],
    ["gemini-2.5-flash-native-audio-latest", false],
    ["gemini-2.5-flash-native-audio-preview-12-2025", false],
    ["gemini-live-2.5-flash-native-audio", false],
    ["projects/p/locations/l/publishers/google/models/gemini-live-2.5-flash", false],
    ["tuned-voice-3.8", false],
  ] as const
) {
  Deno.test(`liveSetup() ${takesLanguage ? "names" : "keeps back"} the language when the model is ${model}`, () => {
    const { config } = liveSetup(AGENT, { ...CALL, model });
    assertEquals(config.speechConfig, {
      voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } },
      ...(takesLanguage ? { languageCode: "de-DE" } : {}),
    });
  });
}

Deno.test("liveSetup() says nothing that gemini-3.8-live refuses", () => {
  const { config } = liveSetup(AGENT, CALL);
  for (
    const refused of [
      "thinkingConfig",
      "proactivity",
      "enableAffectiveDialog",
      "explicitVadSignal",
      "generationConfig",
      "httpOptions",
    ]
  ) {
    assertFalse(refused in config, refused);
  }
});

/** The presets as the wire has them: it has no name for medium. */
const DETECTIONS = {
  high: {
    disabled: false,
    startOfSpeechSensitivity: "START_SENSITIVITY_HIGH",
    endOfSpeechSensitivity: "END_SENSITIVITY_HIGH",
    prefixPaddingMs: 10,
    silenceDurationMs: 50,
  },
  medium: { disabled: false, prefixPaddingMs: 20, silenceDurationMs: 100 },
  low: {
    disabled: false,
    startOfSpeechSensitivity: "START_SENSITIVITY_LOW",
    endOfSpeechSensitivity: "END_SENSITIVITY_LOW",
    prefixPaddingMs: 50,
    silenceDurationMs: 200,
  },
} as const;

for (const preset of ["high", "medium", "low"] as const) {
  Deno.test(`liveSetup() leaves the turns to the service, by the preset ${preset}`, async () => {
    const turns = { ...AGENT.turns, automatic: AUTOMATIC_DETECTIONS[preset] };
    const frame = await setupOnTheWire(liveSetup({ ...AGENT, turns }, CALL));
    assertEquals((frame as { setup: Record<string, unknown> }).setup.realtimeInputConfig, {
      automaticActivityDetection: DETECTIONS[preset],
      activityHandling: "START_OF_ACTIVITY_INTERRUPTS",
      turnCoverage: "TURN_INCLUDES_ONLY_ACTIVITY",
    });
  });
}

Deno.test("liveSetup() has the service let an answer end when nothing may stop it, and the service finds the turns", () => {
  const turns = { ...AGENT.turns, automatic: AUTOMATIC_DETECTIONS.medium };
  const bargeIn = { ...AGENT.bargeIn, mode: "never" } as const;
  const handlingOf = (agent: typeof AGENT) =>
    liveSetup(agent, CALL).config.realtimeInputConfig?.activityHandling;
  assertEquals(handlingOf({ ...AGENT, turns, bargeIn }), "NO_INTERRUPTION");
  assertEquals(handlingOf({ ...AGENT, bargeIn }), "START_OF_ACTIVITY_INTERRUPTS");
});

Deno.test("liveSetup() lets the model search the web where the agent may, beside its tools [P26]", async () => {
  const tool = {
    name: "look",
    description: "Looks.",
    parameters: { type: "OBJECT" as const },
    isBlocking: false,
  };
  for (const tools of [[], [tool]]) {
    const frame = await setupOnTheWire(liveSetup({ ...AGENT, search: true }, { ...CALL, tools }));
    const { setup } = frame as { setup: { tools: object[] } };
    assertEquals(setup.tools.at(-1), { googleSearch: {} });
    assertEquals(setup.tools.length, tools.length + 1);
  }
  const frame = await setupOnTheWire(liveSetup({ ...AGENT, search: false }, CALL));
  assertFalse("tools" in (frame as { setup: object }).setup);
});
