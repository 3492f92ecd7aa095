/**
 * The whole of what the server answers.
 *
 * @module
 */

import { type Context, Hono, type MiddlewareHandler } from "hono";
import { routePath } from "hono/route";
import { secureHeaders } from "hono/secure-headers";
import type { CallRegistry } from "../lib/admission/call_registry.ts";
import type { AgentConfig } from "../lib/agents/agent_config.ts";
import type { CallFacts } from "../lib/call/leg.ts";
import type { LiveCalls } from "../lib/call/live_calls.ts";
import type { Clock } from "../lib/clock.ts";
import type { Ids } from "../lib/ids.ts";
import type { ClientDesk } from "../lib/gateway/client_desk.ts";
import type { Log } from "../lib/log.ts";
import type { CallStore } from "../lib/records/call_store.ts";
import type { CallerPlaces } from "../lib/records/forget_caller.ts";
import type { Recordings } from "../lib/records/recordings.ts";
import type { CallSnapshot } from "../lib/records/call_snapshot.ts";
import { nameRequest } from "../lib/telemetry/call_spans.ts";
import { SignatureChecker } from "../lib/twilio/signature.ts";
import { StreamTokens } from "../lib/twilio/stream_token.ts";
import { sayGoodbye } from "../lib/twilio/twiml.ts";
import { errorResponse, twimlResponse } from "./answers.ts";
import type { CallerRules } from "./caller_rules.ts";
import { answerCallStatus, answerMachineDetection } from "./call_status.ts";
import { answerForget, answerForgetPost } from "./callers_api.ts";
import { answerCall, answerCalls } from "./calls_api.ts";
import type { AppSettings } from "./app_settings.ts";
import { type AgentBook, answerAgents, answerAgentsPage } from "./console/agents_page.ts";
import { answerCallPage } from "./console/call_page.ts";
import { answerCallsPage } from "./console/calls_page.ts";
import { ConsoleDoor } from "./console/door.ts";
import { answerLivePage } from "./console/live_page.ts";
import { answerTryPage } from "./console/try_page.ts";
import { CLIENT_SOCKET_PATH, ClientGateway } from "./client_gateway.ts";
import { farewell } from "./farewells.ts";
import { ConsoleGuard } from "./guards/console_guard.ts";
import { verifyIsHandshake } from "./guards/handshake.ts";
import { answerDebugFile } from "./gateway_debug_page.ts";
import { type SignedForm, verifyForm, verifyHandshake } from "./guards/twilio_signature.ts";
import { answerAlive, answerReady } from "./health.ts";
import { type Answer, type Connection, PeerLeftError } from "./listeners/listener.ts";
import { followCall, hangUpCall, LiveList, whisperToCall } from "./live_api.ts";
import { handleMediaStream, type ServeCall } from "./media_stream.ts";
import type { OutboundDesk } from "./outbound_desk.ts";
import { answerPlaceCall } from "./place_call.ts";
import { Softphone, SOFTPHONE_MEDIA_PATH } from "./softphone.ts";
import { answerStatic } from "./static_files.ts";
import { answerStreamEnded, comeBack, type StreamEndedDeps } from "./stream_ended.ts";
import { answerTransferEnded, answerWhisper } from "./transfer.ts";
import { answerMetrics } from "./metrics_page.ts";
import { answerOpenApi } from "./openapi.ts";
import { answerRecording } from "./recording_api.ts";
import { answerVoice } from "./voice_webhook.ts";
import { WebhookFormError } from "./webhook_forms.ts";

/** What the routes need. */
export interface AppDeps {
  /** From the environment. */
  readonly settings: AppSettings;
  /** Who answers. */
  readonly agents: AgentBook;
  /** Talks to a caller until the call is over. */
  readonly serveCall: ServeCall;
  /** Which calls there are. */
  readonly calls: CallRegistry;
  /** Clients of the gateway, who are no calls. */
  readonly clients: ClientDesk;
  /** Those that run here, for people who look on. */
  readonly live: LiveCalls;
  /** What is kept of them. */
  readonly records: CallStore;
  /** Whether calls can be served well: hearing is loaded. A call that comes before is still answered. */
  readonly isReady: () => boolean;
  /** What is needed to go on with a call. */
  readonly snapshots: StreamEndedDeps["snapshots"] & CallerPlaces["snapshots"];
  /** Judges callers, and what calls have cost. */
  readonly callerRules: Pick<CallerRules, "obstacle" | "isSpent">;
  /** Why no new call is taken now, if none is. */
  readonly obstacle: () => "draining" | "overloaded" | undefined;
  /** Whether the server hands its calls over to others. */
  readonly isStopping: () => boolean;
  /** Begins to prepare for a call that was let in, perhaps not for the first time; does not throw. */
  readonly prepare: (facts: CallFacts, resumed?: CallSnapshot | undefined) => void;
  /** Places calls; absent where none can be. */
  readonly outbound?: OutboundDesk | undefined;
  /** Whether it is known that an agent's model cannot be had at the moment. */
  readonly isModelDown: (agent: AgentConfig) => boolean;
  /** The sound of calls. */
  readonly recordings: Pick<Recordings, "read" | "forget">;
  /** Recorded calls, if there are any. */
  readonly flights?: CallerPlaces["flights"];
  /** Everything that outlives the process. */
  readonly store: CallerPlaces["store"];
  /** What was counted. */
  readonly telemetry: { render(): string };
  /** Bounds waiting and ages. */
  readonly clock: Clock;
  /** Names the stream tokens. */
  readonly ids: Ids;
  /** What happened. */
  readonly log: Log;
}

/** What answers every request, and every route that it has, such as `GET /healthz`. */
export type App = Answer & { readonly routes: readonly string[] };

/** The connection of a request, and what guards leave for the handlers behind them. */
interface Env {
  Bindings: Connection;
  Variables: { form: SignedForm };
}

/**
 * Puts every route together.
 *
 * @returns What answers every request
 * @throws {RangeError} If the public URL is not an http or https origin
 */
export function createApp(deps: AppDeps): App {
  const { settings, calls, clock, log } = deps;
  const { twilioAccountSid: accountSid, twilioAuthToken } = settings;
  const origin = settings.publicUrl.replace(/\/$/, "");
  const checker = new SignatureChecker({ authTokens: [twilioAuthToken], publicUrl: origin });
  const tokens = new StreamTokens({
    // Without an auth token no webhook is let in, so nobody ever gets a token of this secret.
    secret: twilioAuthToken || deps.ids.next(),
    clock,
    ids: deps.ids,
    lifetimeMs: calls.admissionMs,
  });
  const consoleGuard = new ConsoleGuard({
    ...deps,
    token: settings.consoleToken,
    publicOrigin: origin,
  });
  const app = new Hono<Env>();

  // Socket routes stand before everything that touches a response. Once a socket is upgraded its response cannot be
  // changed: an attempt ends the whole server on Deno 2.5 and its listener on 2.9.
  app.on(
    "GET",
    ["/twilio/media", "/twilio/media/"],
    guard((c) => verifyHandshake(c.req.raw, { target: c.env.target, checker, log })),
    (c) => c.env.accept(handleMediaStream({ ...deps, accountSid, tokens })),
  );

  const softphone = new Softphone(deps);
  app.get(
    SOFTPHONE_MEDIA_PATH,
    guard((c) => consoleGuard.verify(c.req.raw, c.env) ?? verifyIsHandshake(c.req.raw)),
    (c) => c.env.accept(softphone.stream()),
  );

  const gateway = new ClientGateway({
    ...deps,
    publicOrigin: new URL(origin).origin,
    isSpent: () => deps.callerRules.isSpent(),
  });
  app.get(
    CLIENT_SOCKET_PATH,
    guard((c) =>
      gateway.refuse(c.req.raw, c.env, (request) => consoleGuard.verify(request, c.env))
    ),
    (c) => c.env.accept(gateway.handlers(c.env.peerAddress), { takesLarge: true }),
  );

  // With no referrer at all, browsers would hide the origin of our own forms from us.
  app.use(secureHeaders({ referrerPolicy: "same-origin" }));
  app.use(async (c, next) => {
    await next();
    nameRequest(c.req.method, routePath(c, -1));
  });

  app.use(
    "/twilio/*",
    guard(async (c) => {
      const { target } = c.env;
      const verified = await verifyForm(c.req.raw, { target, checker, accountSid, clock, log });
      if ("refusal" in verified) return verified.refusal;
      c.set("form", verified.form);
    }),
  );
  const voice = { ...deps, ...settings, origin, tokens };
  app.post(
    "/twilio/voice",
    (c) => answerVoice(c.var.form, { ...voice, order: c.req.query("order") }),
  );
  app.post("/twilio/stream-ended", (c) => answerStreamEnded(c.var.form, voice, c.req.query()));
  app.post(
    "/twilio/transfer-ended",
    (c) => answerTransferEnded(c.var.form, voice, () => comeBack(c.var.form, voice)),
  );
  app.post(
    "/twilio/whisper/:agent/:destination",
    (c) => answerWhisper(c.req.param(), deps),
  );
  app.post("/twilio/status", (c) => answerCallStatus(c.var.form, deps));
  app.post("/twilio/amd", (c) => answerMachineDetection(c.var.form, deps.outbound));

  app.get("/healthz", answerAlive);
  app.get(
    "/readyz",
    () => answerReady(deps.isReady() && deps.obstacle() === undefined && !calls.isFull),
  );
  addApi(app, deps, consoleGuard);
  app.post("/api/softphone/calls", (c) => softphone.place(c.req.raw));
  app.post("/api/gemini/tickets", () => gateway.answerTicket());
  if (settings.hasDebugPages) {
    app.get("/api/gemini/debug", () => answerDebugFile("debug.html"));
    app.get("/static/gateway/:name", (c) => answerDebugFile(c.req.param("name")));
  }
  addConsole(app, deps, consoleGuard);

  app.notFound(() =>
    errorResponse({ status: 404, code: "not-found", message: "Cannot find this route" })
  );
  app.onError((error, c) => answerFault(error, c, deps));
  const answer: Answer = (request, connection) => app.fetch(request, connection);
  const handlers = app.routes.filter(({ method }) => method !== "ALL");
  return Object.assign(answer, {
    routes: [...new Set(handlers.map(({ method, path }) => `${method} ${path}`))],
  });
}

/** The routes for people and scripts, behind their own guard. */
function addApi(app: Hono<Env>, deps: AppDeps, consoleGuard: ConsoleGuard): void {
  const forPeople = guard((c) => consoleGuard.verify(c.req.raw, c.env));
  app.get("/metrics", forPeople, () => answerMetrics(deps.telemetry));
  app.use("/api/*", forPeople);
  app.get("/api/openapi.json", answerOpenApi);
  app.get("/api/calls", (c) => answerCalls(c.req.query(), deps.records));
  const list = new LiveList(deps);
  app.get("/api/calls/live/events", () => list.follow());
  app.post("/api/calls", (c) => answerPlaceCall(c.req.raw, deps));
  app.get("/api/calls/:id", (c) => answerCall(c.req.param("id"), deps.records));
  app.get("/api/calls/:id/events", (c) => followCall(c.req.param("id"), deps));
  app.post(
    "/api/calls/:id/hangup",
    (c) => hangUpCall(c.req.param("id"), { ...deps, request: c.req.raw }),
  );
  app.post(
    "/api/calls/:id/whisper",
    (c) => whisperToCall(c.req.param("id"), { ...deps, request: c.req.raw }),
  );
  app.get(
    "/api/calls/:id/recording",
    (c) => answerRecording(c.req.param("id"), { ...deps, request: c.req.raw }),
  );
  app.post("/api/callers/forget", (c) => answerForgetPost(c.req.raw, deps));
  app.delete("/api/callers/:number", (c) => answerForget(c.req.param("number"), deps));
  app.get("/api/agents", () => answerAgents(deps));
}

/** The pages for people. */
function addConsole(app: Hono<Env>, deps: AppDeps, consoleGuard: ConsoleGuard): void {
  const { records } = deps;
  const door = new ConsoleDoor({ ...deps, guard: consoleGuard });
  const visit = (c: Context<Env>) => ({ request: c.req.raw, connection: c.env });
  const page = (path: string, answer: (c: Context<Env>) => Promise<Response>) =>
    app.get(path, (c) => door.page(visit(c), () => answer(c)));
  page("/", () => answerLivePage(door.hasLock));
  page("/calls", (c) => answerCallsPage(c.req.query(), records));
  page("/calls/:id", (c) => answerCallPage(c.req.param("id") ?? "", deps));
  page("/agents", () => answerAgentsPage(deps));
  page("/try", () => answerTryPage(deps.agents));
  app.post("/sign-in", (c) => door.signIn(visit(c)));
  app.post("/sign-out", (c) => door.signOut(visit(c)));
  app.get("/static/console/:name", (c) => answerStatic(c.req.param("name"), c.req.raw));
}

/** A middleware of a check that answers only to refuse. */
function guard(
  check: (c: Context<Env>) => Response | undefined | Promise<Response | undefined>,
): MiddlewareHandler<Env> {
  return async (c, next) => {
    const refusal = await check(c);
    if (refusal) return refusal;
    await next();
  };
}

/** A fault is logged and kept to ourselves; a caller who waits for TwiML hears a sentence. */
function answerFault(error: Error, c: Context<Env>, { settings, log }: AppDeps): Response {
  if (error instanceof WebhookFormError || error instanceof PeerLeftError) {
    return errorResponse({ status: 400, code: "form-invalid", message: error.message });
  }
  log.error("request-failed", { method: c.req.method, path: c.req.path, error });
  // Only a verified request has a form: nobody else learns the fallback number.
  if (c.var.form) return twimlResponse(sayGoodbye(farewell("failed", settings.fallbackNumber)));
  return errorResponse({
    status: 500,
    code: "internal",
    message: "Cannot answer: something failed here, the log of the server says what",
  });
}
