import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ROUTES } from "../../routes/api_routes.ts";
import { openApiDocument } from "../../routes/openapi.ts";
import { whatIsWrong } from "./described_answers.ts";
import { ServedApp } from "./served_app.ts";

Deno.test("openApiDocument() has every route that there is, and no other", async () => {
  await using app = await ServedApp.start({ settings: { hasDebugPages: true } });
  // The same route answers with and without a slash at its end.
  const routes = app.routes.filter((route) => !/\w\/$/.test(route));
  assertEquals(routes.toSorted(), Object.keys(ROUTES).toSorted());
});

Deno.test("GET /api/openapi.json gives a description in which every reference leads somewhere", async () => {
  await using app = await ServedApp.start();
  const response = await fetch(`${app.url}/api/openapi.json`);
  const document = await response.json();
  assertEquals(document, JSON.parse(JSON.stringify(openApiDocument())));
  assertEquals(document.openapi, "3.1.0");
  const text = JSON.stringify(document);
  const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = ""]) => path);
  assert(references.length > 0);
  for (const path of references) {
    let at = document;
    for (const part of path.split("/")) at = at?.[part];
    assertEquals(typeof at, "object", path);
  }
  for (const [path, operations] of Object.entries<Record<string, unknown>>(document.paths)) {
    for (const operation of Object.values(operations)) {
      const described = JSON.stringify(operation);
      for (const [, name] of path.matchAll(/\{(\w+)\}/g)) {
        assertStringIncludes(described, `"name":"${name}","in":"path","required":true`);
      }
    }
  }
});

Deno.test("answers that the description does not have are noticed", async () => {
  const request = { method: "GET", url: "http://localhost/api/calls" };
  const wrong = [
    Response.json({ calls: [], extra: 1 }),
    Response.json({ calls: [{ callSid: "CA1" }] }),
    Response.json({ calls: [] }, { status: 201 }),
    Response.json({ why: "no error" }, { status: 400 }),
    new Response("text"),
  ];
  for (const response of wrong) assert(await whatIsWrong(request, response) !== undefined);
  assertEquals(await whatIsWrong(request, Response.json({ calls: [] })), undefined);
});
