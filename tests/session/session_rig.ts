/**
 * A session of a program with an emulated service, in these tests.
 *
 * @module
 */

import { type GeminiLiveEmulator, startGeminiLive } from "../../emulators/gemini_live.ts";
import type { Answer, ModelScript } from "../../emulators/model_script.ts";
import { Session } from "../../lib/session/session.ts";
import type { SessionEvent } from "../../lib/session/session_events.ts";
import type { SessionOptions } from "../../lib/session/session_options.ts";
import { scaledClock } from "../support/scaled_clock.ts";

/** What may differ. */
export interface RigOptions extends SessionOptions {
  readonly script?: Partial<ModelScript>;
  readonly badKey?: string;
}

/** A session, not connected yet, and what it told. */
export interface Rig extends AsyncDisposable {
  readonly session: Session;
  readonly service: GeminiLiveEmulator;
  readonly events: SessionEvent[];
  /** The next fact of a type, or the one that was told already. */
  told<Type extends SessionEvent["type"]>(
    type: Type,
    count?: number,
  ): Promise<Extract<SessionEvent, { type: Type }>>;
}

/** An answer with so much sound. */
export function spoken(text: string, ms = 200): Answer {
  return { text, pcm: new Int16Array(ms * 24).fill(1_000) };
}

/** Time runs eight times as fast as the host's. */
export async function startRig({ script, badKey, ...options }: RigOptions = {}): Promise<Rig> {
  const clock = scaledClock(8);
  const service = await startGeminiLive({
    clock,
    script: { answers: ({ index }) => spoken(` answer ${index}`), hear: () => "Hm.", ...script },
    ...(badKey === undefined ? {} : { badKey }),
  });
  const session = new Session({
    apiKey: "secret-of-tests",
    baseUrl: service.url,
    clock,
    ...options,
  });
  const events: SessionEvent[] = [];
  const looks = new Set<() => void>();
  const reading = (async () => {
    for await (const event of session.receive()) {
      events.push(event);
      for (const look of looks) look();
    }
  })();
  async function told<Type extends SessionEvent["type"]>(type: Type, count = 1) {
    const { promise, resolve } = Promise.withResolvers<Extract<SessionEvent, { type: Type }>>();
    const look = () => {
      const found =
        events.filter((event): event is Extract<SessionEvent, { type: Type }> =>
          event.type === type
        )[count - 1];
      if (found) resolve(found);
    };
    looks.add(look);
    look();
    const event = await promise;
    looks.delete(look);
    return event;
  }
  return {
    session,
    service,
    events,
    told,
    async [Symbol.asyncDispose]() {
      session.close();
      await reading;
      await service.close();
    },
  };
}
