/** What the documents name is there, and what there is to set and to run is named. */
import { assertEquals } from "@std/assert";

const ROOT = new URL("../", import.meta.url);
const FOLDERS = "agents|audio|bench|docs|emulators|examples|lib|routes|static|tasks|tests";
/** What a reader of `docs/tools.md` writes. */
const READERS_OWN = "agents/weather.jsonc";
const read = (path: string) => Deno.readTextFile(new URL(path, ROOT));

/** Paths of all files below a folder, from the root on. */
async function filesIn(folder: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
    const path = `${folder}${name}`;
    if (isDirectory) paths.push(...await filesIn(`${path}/`));
    else paths.push(path);
  }
  return paths;
}

const files = new Set([
  ...await Array.fromAsync(Deno.readDir(ROOT), ({ name }) => name),
  ...(await Promise.all(FOLDERS.split("|").map((folder) => filesIn(`${folder}/`)))).flat(),
]);
const names = new Set(files.values().map((path) => path.replace(/^.*\//, "")));
const pages = files.values().filter((path) => /^([A-Z]+\.md|docs\/.*\.md)$/.test(path)).toArray();
/** Accepted decisions stay as they were written, a changelog tells of what was. */
const present = pages.filter((path) => !/^docs\/decisions|^CHANGELOG/.test(path));

/** A link of a page to another file, in Markdown or as an attribute. */
const LINK = /(?:\]\(|\bsrc(?:set)?=")(?!https?:)([^)"\s]+)[)"]/g;

/** Where a link leads, from the root on. */
function target(page: string, link: string): URL {
  return new URL(link, new URL(page, "file:///"));
}

/** The anchors of a page, as a forge makes them of its headings. */
function anchorsOf(text: string): Set<string> {
  const headings = text.matchAll(/^#+ (.+)$/gm).map(([, heading = ""]) => heading);
  return new Set(
    headings.map((heading) =>
      heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-")
    ),
  );
}

Deno.test("every link of a document leads to a file and a heading that there are", async () => {
  const broken: string[] = [];
  for (const page of pages) {
    for (const [, link = ""] of (await read(page)).matchAll(LINK)) {
      const { pathname, hash } = target(page, link);
      const path = decodeURI(pathname.slice(1));
      const isFolder = files.values().some((file) => file.startsWith(path.replace(/\/?$/, "/")));
      if (!files.has(path) && !isFolder) broken.push(`${page}: ${link}`);
      else if (hash && !anchorsOf(await read(path)).has(hash.slice(1))) {
        broken.push(`${page}: ${link}`);
      }
    }
  }
  assertEquals(broken, []);
});

Deno.test("every file that a document names in code is there", async () => {
  const broken: string[] = [];
  const path = new RegExp(`^(?:${FOLDERS})/[\\w./-]+\\.(?:ts|js|py|md|jsonc?|svg|png|webp)$`);
  for (const page of present) {
    for (const [, word = ""] of (await read(page)).matchAll(/`([\w./-]+)`/g)) {
      if (path.test(word) && word !== READERS_OWN && !files.has(word)) {
        broken.push(`${page}: ${word}`);
      }
      if (/^\w+\.(ts|js)$/.test(word) && !names.has(word)) broken.push(`${page}: ${word}`);
    }
  }
  assertEquals(broken, []);
});

Deno.test("the README names every variable of .env.example, and every task", async () => {
  const readme = await read("README.md");
  const variables = (await read(".env.example")).matchAll(/^([A-Z_]+)=/gm)
    .map(([, name = ""]) => name).toArray();
  assertEquals(variables.filter((name) => !readme.includes(`\`${name}\``)), []);
  const { tasks }: { tasks: Record<string, unknown> } = JSON.parse(await read("deno.json"));
  const told = `${readme}${await read("CONTRIBUTING.md")}`;
  const isTold = (task: string) => new RegExp(`deno task ${task}\\b|\`${task}\``).test(told);
  assertEquals(Object.keys(tasks).filter((task) => !isTold(task)), []);
});

Deno.test("the API's description and docs/protocols.md have the same routes", async () => {
  const page = await read("docs/protocols.md");
  const { ROUTES } = await import("../routes/api_routes.ts");
  const paths = new Set(Object.keys(ROUTES).map((route) => route.replace(/^\w+ /, "")));
  const isTold = (path: string) =>
    page.includes(path) || page.includes(path.replace(/:name$/, "*")) ||
    path.startsWith("/static/gateway/");
  assertEquals(paths.values().filter((path) => !isTold(path)).toArray(), []);
});
