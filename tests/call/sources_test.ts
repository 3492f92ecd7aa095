import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { merged, sourcesOf } from "../../lib/call/sources.ts";

const page = (uri: unknown, title?: unknown) => ({ web: { uri, title } });

Deno.test("sourcesOf() gives the pages of the web that an answer rests on, and nothing else [P26]", () => {
  assertEquals(
    sourcesOf({
      webSearchQueries: ["tides recife"],
      groundingChunks: [
        page("https://tides.example.com/recife", " Tides in Recife "),
        page("http://harbour.example.com"),
        page("javascript:alert(1)", "a script"),
        page("no address", "nothing"),
        page(7, "a number"),
        page(`https://long.example.com/${"a".repeat(2_000)}`, "too long"),
        { retrievedContext: { uri: "https://files.example.com" } },
        null,
        "text",
      ],
    }),
    [
      { title: "Tides in Recife", url: "https://tides.example.com/recife" },
      { title: "harbour.example.com", url: "http://harbour.example.com/" },
    ],
  );
});

Deno.test("merged() has each page once, and ten at most", () => {
  const pages = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => {
      const host = `${from + n}.example.com`;
      return { title: host, url: `https://${host}/` };
    });
  assertEquals(merged(pages(0, 4), pages(2, 6)), pages(0, 6));
  assertEquals(merged(pages(0, 4), pages(2, 40)).length, 10);
});

Deno.test("sourcesOf() gives a bounded list of whatever it is given", () => {
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.anything()), (grounding) => {
    for (const { title, url } of sourcesOf(grounding)) {
      assertEquals(/^https?:/.test(url) && title.length <= 2_000, true);
    }
  }));
  fc.assert(fc.property(fc.array(fc.anything()), (groundingChunks) => {
    assertEquals(sourcesOf({ groundingChunks }).length <= 10, true);
  }));
});
