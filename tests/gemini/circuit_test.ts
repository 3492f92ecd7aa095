import { assertEquals } from "@std/assert";
import { ModelError } from "../../lib/call/model.ts";
import { ModelCircuit } from "../../lib/gemini/circuit.ts";
import { FakeClock } from "../support/fake_clock.ts";

const BAD_KEY = new ModelError("authentication", "bad key");

Deno.test("ModelCircuit says at once that a model refuses us, and lets at most 4 attempts a minute through [G01]", async () => {
  const clock = new FakeClock();
  const circuit = new ModelCircuit(clock);
  let attempts = 0;
  for (let second = 0; second < 60; second++) {
    for (let call = 0; call < 5; call++) {
      if (circuit.enter("m")) continue;
      attempts++;
      circuit.failed("m", BAD_KEY);
      assertEquals(circuit.obstacleTo("m"), BAD_KEY);
    }
    await clock.advance(1_000);
  }
  assertEquals(attempts, 3);
});

Deno.test("ModelCircuit lets one attempt through after a rest, and all once that has succeeded", async () => {
  const clock = new FakeClock();
  const circuit = new ModelCircuit(clock);
  circuit.failed("m", BAD_KEY);
  await clock.advance(20_000);
  assertEquals(circuit.obstacleTo("m"), undefined);
  assertEquals(circuit.enter("m"), undefined);
  assertEquals(circuit.enter("m"), BAD_KEY);
  circuit.connected("m");
  assertEquals(circuit.enter("m"), undefined);
});

Deno.test("ModelCircuit heeds only what will not pass, each model for itself", () => {
  const circuit = new ModelCircuit(new FakeClock());
  for (const kind of ["quota", "unavailable", "invalid-argument"] as const) {
    circuit.failed("m", new ModelError(kind, ""));
    assertEquals(circuit.enter("m"), undefined);
  }
  circuit.failed("m", new ModelError("model-not-found", ""));
  assertEquals(circuit.enter("m")?.kind, "model-not-found");
  assertEquals(circuit.enter("other"), undefined);
});
