import { assertEquals, assertStringIncludes } from "@std/assert";
import {
  GoogleGenAI,
  type LiveConnectConfig,
  type LiveServerMessage,
  Modality,
  type Session,
} from "@google/genai";
import { callerLine } from "../../emulators/speech.ts";
import { startGeminiLive } from "../../emulators/gemini_live.ts";
import { scaledClock } from "./gemini_client.ts";

const clock = scaledClock(10);

const CONFIG: LiveConnectConfig = {
  responseModalities: [Modality.AUDIO],
  speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: "Kore" } } },
  systemInstruction: "You take bookings.",
  tools: [{ functionDeclarations: [{ name: "book", parametersJsonSchema: { type: "object" } }] }],
  sessionResumption: {},
  inputAudioTranscription: {},
  outputAudioTranscription: {},
  realtimeInputConfig: { automaticActivityDetection: { disabled: true } },
  contextWindowCompression: { triggerTokens: "8000", slidingWindow: { targetTokens: "4000" } },
};

/** A session of the SDK, and what it told. */
class SdkCall {
  readonly messages: LiveServerMessage[] = [];
  readonly closed: Promise<CloseEvent>;
  #closing: (event: CloseEvent) => void = () => {};
  #waiting: { look: (message: LiveServerMessage) => unknown; found: () => void } | undefined;

  constructor() {
    this.closed = new Promise((resolve) => this.#closing = resolve);
  }

  connect(url: string): Promise<Session> {
    const ai = new GoogleGenAI({
      apiKey: "any",
      apiVersion: "v1beta",
      httpOptions: { baseUrl: url },
    });
    return ai.live.connect({
      model: "gemini-3.8-live",
      config: CONFIG,
      callbacks: {
        onmessage: (message) => this.#keep(message),
        onclose: (event) => this.#closing(event),
      },
    });
  }

  until(look: (message: LiveServerMessage) => unknown): Promise<void> {
    return new Promise((found) => this.#waiting = { look, found });
  }

  #keep(message: LiveServerMessage): void {
    this.messages.push(message);
    if (this.#waiting?.look(message)) this.#waiting.found();
  }
}

function words(call: SdkCall, side: "inputTranscription" | "outputTranscription"): string {
  return call.messages.map(({ serverContent }) => serverContent?.[side]?.text ?? "").join("")
    .trim();
}

Deno.test("startGeminiLive() holds a conversation with the real SDK", async () => {
  await using emulator = await startGeminiLive({ clock });
  const call = new SdkCall();
  const session = await call.connect(emulator.url);
  const greeted = call.until((m) => m.serverContent?.turnComplete);
  session.sendClientContent({ turns: "The caller is here.", turnComplete: true });
  await greeted;
  const answered = call.until((m) => m.serverContent?.turnComplete);
  const { text, pcm16k } = callerLine("table");
  session.sendRealtimeInput({ activityStart: {} });
  for (let at = 0; at < pcm16k.length; at += 320) {
    const data = new Uint8Array(pcm16k.slice(at, at + 320).buffer).toBase64();
    session.sendRealtimeInput({ audio: { data, mimeType: "audio/pcm;rate=16000" } });
  }
  session.sendRealtimeInput({ activityEnd: {} });
  await answered;
  session.close();
  await call.closed;
  assertEquals(words(call, "inputTranscription"), text);
  assertEquals(
    words(call, "outputTranscription"),
    "Harbour Restaurant, good evening. Gladly. For which day?",
  );
  const [record] = emulator.sessions;
  assertStringIncludes(record?.path ?? "", "//ws/google.ai.generativelanguage.v1beta.");
  assertEquals(record?.violations, []);
  assertEquals(record?.windows[0]?.pcm, pcm16k);
  assertEquals(record?.setup?.model, "models/gemini-3.8-live");
  assertEquals(record?.setup?.contextWindowCompression?.triggerTokens, "8000");
  assertEquals(record?.sent.map(({ outcome }) => outcome), ["complete", "complete"]);
});

Deno.test("startGeminiLive() calls functions of a client that uses the real SDK", async () => {
  const answer = { text: "Done.", pcm: new Int16Array(2_400), calls: [{ name: "book", args: {} }] };
  await using emulator = await startGeminiLive({ clock, script: { answers: [answer] } });
  const call = new SdkCall();
  const session = await call.connect(emulator.url);
  const asked = call.until((m) => m.toolCall);
  session.sendRealtimeInput({ text: "Book it." });
  await asked;
  const [functionCall] = call.messages.flatMap(({ toolCall }) => toolCall?.functionCalls ?? []);
  const done = call.until((m) => m.serverContent?.turnComplete);
  const { id = "", name = "" } = functionCall ?? {};
  session.sendToolResponse({ functionResponses: [{ id, name, response: { output: 1 } }] });
  await done;
  session.close();
  await call.closed;
  assertEquals(emulator.sessions[0]?.violations, []);
  assertEquals(emulator.sessions[0]?.toolResponses, [{ id, name, response: { output: 1 } }]);
});
