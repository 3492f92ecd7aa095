/** Whatever is lost, refused and said in whatever order: a turn arrives whole where it is answered. */
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import type { Saying } from "../../lib/gemini/backlog.ts";
import { Outbox } from "../../lib/gemini/outbox.ts";

const GAP_MS = 100;
const OPEN: Saying = { type: "open-activity" };
const CLOSE: Saying = { type: "close-activity" };
const audio = (n: number): Saying => ({ type: "audio", pcm: Int16Array.of(n) });

/** What a caller, a line and a service may do in any order. */
type Step =
  | { type: "begin" | "speak" | "finish" | "write" | "lose" | "connect" | "answer" | "end" }
  | { type: "wait"; ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom<Step>({ type: "speak" }, { type: "begin" }) },
  {
    weight: 5,
    arbitrary: fc.constantFrom<Step>(
      ...(["finish", "write", "lose", "connect", "answer", "end"] as const).map((type) => ({
        type,
      })),
    ),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("wait" as const), ms: fc.nat(150) }) },
);

/** A service that keeps the rules, and an unsteady line to it. */
class Service {
  /** What came on this connection since its last answer. */
  heard: Saying[] = [];
  isUp = false;
  isAnswering = false;
  #isOpen = false;
  #closedAtMs = -Infinity;

  connect(): void {
    this.isUp = true;
    this.isAnswering = this.#isOpen = false;
    this.#closedAtMs = -Infinity;
    this.heard = [];
  }

  take(saying: Saying, nowMs: number): void {
    assert(this.isUp, "said to a dead connection");
    const last = this.heard.at(-1);
    if (saying.type === "open-activity") {
      assert(!this.#isOpen, "opened twice");
      assert(nowMs >= this.#closedAtMs + GAP_MS, "opened too soon");
      this.#isOpen = true;
    } else if (saying.type === "audio") assert(this.#isOpen, "audio outside");
    else if (saying.type === "close-activity") {
      assert(this.#isOpen && last?.type !== "open-activity", "closed without audio");
      this.#isOpen = false;
      this.#closedAtMs = nowMs;
    }
    this.heard.push(saying);
  }

  /** The frames of all turns that are over; they are answered now. */
  answer(): number[] {
    const until = this.heard.findLastIndex(({ type }) =>
      type === "close-activity" || type === "text"
    );
    const turns = this.heard.splice(0, this.#isOpen ? Math.max(0, until + 1) : this.heard.length);
    this.isAnswering = true;
    return turns.flatMap((one) => one.type === "audio" ? [one.pcm[0] ?? -1] : []);
  }
}

Deno.test("every frame of a turn arrives once, in order, where it is answered, whatever is lost [G05] [G13]", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const outbox = new Outbox({ activityGapMs: GAP_MS, count: () => assert(false, "no room") });
      const service = new Service();
      let [nowMs, frame, isSpeaking] = [0, 0, false];
      const asked: number[] = [];
      const answered: number[] = [];
      const say = (saying: Saying) => {
        outbox.say(saying);
        if (saying.type === "audio") asked.push(saying.pcm[0] ?? -1);
      };
      const flush = () => {
        for (const saying of outbox.take(nowMs)) {
          // The service says so when it breaks off, and a last sound comes before that.
          const breaksOff = saying.type === "open-activity" && service.isAnswering;
          service.take(saying, nowMs);
          if (!breaksOff) continue;
          outbox.answered();
          outbox.answerEnded();
          service.isAnswering = false;
        }
      };
      const speak = () => say(audio(++frame));
      const act = (one: Step) => {
        switch (one.type) {
          case "begin":
            if (isSpeaking) return;
            isSpeaking = true;
            say(OPEN);
            return speak();
          case "speak":
            return isSpeaking ? speak() : undefined;
          case "finish":
            if (isSpeaking) say(CLOSE);
            isSpeaking = false;
            return;
          case "write":
            return isSpeaking ? undefined : say({ type: "text", text: "note", reply: false });
          case "lose":
            service.isUp = false;
            return outbox.disconnected();
          case "connect":
            if (service.isUp) return;
            service.connect();
            return outbox.connected();
          case "answer":
            if (!service.isUp || service.isAnswering || isSpeaking) return;
            if (!service.heard.some(({ type }) => type === "close-activity")) return;
            answered.push(...service.answer());
            return outbox.answered();
          case "end":
            service.isAnswering = false;
            return outbox.answerEnded();
          case "wait":
            nowMs += one.ms;
            return;
          default:
            one satisfies never;
        }
      };
      const settle: Step[] = [
        ...(["finish", "connect", "end"] as const).map((type) => ({ type })),
        ...Array.from({ length: 100 }, () => ({ type: "wait" as const, ms: GAP_MS })),
        { type: "answer" },
      ];
      for (const one of [...steps, ...settle]) {
        act(one);
        flush();
      }
      assertEquals(answered, asked);
    }),
    { numRuns: 3_000, seed: 20_261_121 },
  );
});
