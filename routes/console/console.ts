/**
 * The console: pages for people, at `/`.
 *
 * @module
 */

import { type Context, Hono } from "hono";
import type { Clock } from "../../lib/clock.ts";
import type { CallStore } from "../../lib/records/call_store.ts";
import type { ConsoleGuard } from "../guards/console_guard.ts";
import type { Connection } from "../listeners/listener.ts";
import { answerStatic } from "../static_files.ts";
import { type AgentsPageDeps, answerAgentsPage } from "./agents_page.ts";
import { answerCallPage } from "./call_page.ts";
import { answerCallsPage } from "./calls_page.ts";
import { answerLivePage } from "./live_page.ts";
import { answerNotLocalPage, answerSignIn, answerSignInPage, answerSignOut } from "./sign_in.ts";
import { answerTryPage } from "./try_page.ts";

/** What the pages need. */
export interface ConsoleDeps extends AgentsPageDeps {
  /** Who may see them. */
  readonly guard: ConsoleGuard;
  /** What is kept of calls. */
  readonly records: CallStore;
  /** Bounds the reading of forms. */
  readonly clock: Clock;
}

type PageContext = Context<{ Bindings: Connection }>;

/** The pages of the console and their files. */
export function consoleRoutes(deps: ConsoleDeps): Hono<{ Bindings: Connection }> {
  const { guard, records } = deps;
  const app = new Hono<{ Bindings: Connection }>();
  app.get("/static/console/:name", (c) => answerStatic(c.req.param("name"), c.req.raw));
  app.post("/sign-in", (c) => signIn(c, deps));
  app.post("/sign-out", (c) => {
    const refusal = guard.verifyOwnForm(c.req.raw, c.env);
    if (refusal) return refusal;
    return guard.sessions ? answerSignOut(guard.sessions) : c.notFound();
  });
  const page = (path: string, answer: (c: PageContext) => Promise<Response>) =>
    app.get(path, async (c) => await refusalOf(c, guard) ?? await answer(c));
  page("/", () => answerLivePage(guard.sessions !== undefined));
  page("/calls", (c) => answerCallsPage(c.req.query(), records));
  page("/calls/:id", async (c) => answerCallPage(await records.get(c.req.param("id") ?? "")));
  page("/agents", () => answerAgentsPage(deps));
  page("/try", () => answerTryPage(deps.agents));
  return app;
}

/** In place of a page that may not be seen: the way in, if there is one. */
async function refusalOf(c: PageContext, guard: ConsoleGuard): Promise<Response | undefined> {
  const refusal = guard.verify(c.req.raw, c.env);
  if (!refusal) return undefined;
  if (refusal.status === 401) return await answerSignInPage(c.req.path);
  return guard.token === undefined ? await answerNotLocalPage() : refusal;
}

async function signIn(c: PageContext, { guard, clock }: ConsoleDeps): Promise<Response> {
  const { token, sessions } = guard;
  if (token === undefined || !sessions) return await c.notFound();
  return guard.verifyOwnForm(c.req.raw, c.env) ??
    await answerSignIn(c.req.raw, { token, sessions, clock });
}
