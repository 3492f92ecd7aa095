import { assertEquals, assertThrows } from "@std/assert";
import { CallOrders } from "../../lib/twilio/call_order.ts";
import { CallProgress, isFinal } from "../../lib/twilio/call_status.ts";
import { type NumberRefusal, refuseNumber } from "../../lib/twilio/number_rules.ts";
import { FakeClock } from "../support/fake_clock.ts";

const EVERYWHERE = ["1", "2", "3", "4", "5", "6", "7", "8", "9"].map((digit) => `+${digit}`);

Deno.test("refuseNumber() lets pass what an agent may call, and nothing else [A01 A04]", () => {
  const allow = ["+1415", "+49", "+886", "+880", "+447700900123"];
  const cases: [string, NumberRefusal | undefined][] = [
    ["+14155550123", undefined],
    ["+493012345678", undefined],
    ["+886212345678", undefined],
    ["+8801712345678", undefined],
    ["+447700900123", undefined],
    ["+447700900124", "not-allowed"],
    ["+12125550123", "not-allowed"],
    ["+331234567890", "not-allowed"],
  ];
  for (const [number, refusal] of cases) assertEquals(refuseNumber(number, allow), refusal, number);
  assertEquals(refuseNumber("+14155550123", []), "not-allowed");
  assertEquals(refuseNumber("+14155550123", [""]), "not-allowed");
});

Deno.test("refuseNumber() refuses premium and satellite numbers wherever an agent may call [A01 A04]", () => {
  const cases: Readonly<Record<NumberRefusal, readonly string[]>> = {
    "premium": [
      ...["+19005550123", "+19765550123", "+14159765555", "+979123456789", "+808123456789"],
      ...["+449061234567", "+448712345678", "+449001234567", "+499001234567", "+33891234567"],
    ],
    "satellite": [
      ...["+870772001234", "+871123456789", "+878101234567", "+881612345678", "+8821234567"],
      ...["+883123456789", "+884123456789", "+885123456789", "+887123456789", "+888123456789"],
    ],
    "not-e164": [
      ...["", "14155550123", "+04155550123", "+141555", "+1415555012345678", "+1 4155550123"],
      ...["+1415555012w", "sip:a@b.example", "client:ada", "+1415,5550123", "+14155550123\n"],
      ...[
        "+１４１５５５５０１２３",
        "+٤٩٣٠١٢٣٤٥٦",
        "911",
        "anonymous",
        "+49-30-123456",
        "+49301234 567",
      ],
    ],
    "not-allowed": [],
  };
  for (const [refusal, numbers] of Object.entries(cases)) {
    for (const number of numbers) {
      assertEquals(refuseNumber(number, EVERYWHERE), refusal, JSON.stringify(number));
    }
  }
});

Deno.test("CallProgress only goes forward, whatever comes in whatever order [K04]", () => {
  const statuses = ["initiated", "ringing", "in-progress", "completed"];
  const reports = [
    ...statuses,
    ...statuses.toReversed(),
    ...statuses,
    "busy",
    "failed",
    "nonsense",
  ];
  for (let shift = 0; shift < reports.length; shift++) {
    const progress = new CallProgress();
    const order = [...reports.slice(shift), ...reports.slice(0, shift)];
    const news = order.filter((status) => progress.take(status));
    assertEquals(news.filter(isFinal).length, 1);
    assertEquals(isFinal(progress.status), true);
    const known = news.map((status) => [...statuses, "busy"].indexOf(status));
    assertEquals(known, known.toSorted((a, b) => a - b));
  }
});

Deno.test("CallOrders reads what it signed, for a quarter of an hour, and nothing else", async () => {
  const clock = new FakeClock();
  const orders = new CallOrders({ secret: "secret", clock });
  const order = { id: "1", agent: "reminder", to: "+14155550123", variables: { name: "Zoë" } };
  const signed = orders.sign(order);
  assertEquals(/^[\w.-]+$/.test(signed), true);
  assertEquals(orders.read(signed), order);
  const [body = "", mac = ""] = signed.split(".");
  const forged = JSON.stringify({ ...order, agent: "other", until: 9e15 });
  const forgedBody = new TextEncoder().encode(forged).toBase64({ alphabet: "base64url" });
  for (const wrong of ["", ".", body, `${forgedBody}.${mac}`, `${body}.${mac}x`, `.${mac}`]) {
    assertEquals(orders.read(wrong), undefined);
  }
  assertEquals(new CallOrders({ secret: "other", clock }).read(signed), undefined);
  await clock.advance(15 * 60_000);
  assertEquals(orders.read(signed), undefined);
  assertThrows(() => new CallOrders({ secret: "", clock }), RangeError);
});
