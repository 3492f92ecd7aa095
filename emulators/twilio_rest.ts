/**
 * The part of Twilio's REST API that places, reads, changes and ends calls, sends messages and sets up numbers, on a port
 * of this machine.
 *
 * @module
 */

import type { DocumentSource, StatusEvent } from "./call_requests.ts";
import type { CallerScript } from "./caller_script.ts";
import { type Detection, detectionUrl, detectMachine } from "./machine_detection.ts";
import type { LineFaults } from "./line_faults.ts";
import type { Callee, PhoneCall } from "./phone_call.ts";
import type { PhoneLine } from "./phone_line.ts";
import type { CallFacts } from "./phone_report.ts";
import { rfc2822 } from "./twilio_names.ts";
import { E164, type RestAnswer, RestError, TwilioResources } from "./twilio_resources.ts";

/** What becomes of a number that is called. */
export interface NumberAnswer {
  /** Whether anybody picks up, and when. */
  readonly callee: Callee;
  /** What the person does who picks up. */
  readonly script: CallerScript;
  /** What goes wrong on the line. */
  readonly faults?: LineFaults;
  /** What machine detection finds, if it is asked; a person after three seconds unless given. */
  readonly detection?: Detection;
}

/** What the API is made of. */
export interface TwilioRestOptions {
  /** Where calls are placed; its account and token are the API's. */
  readonly line: PhoneLine;
  /** A key that is as good as the token. */
  readonly apiKey?: { readonly sid: string; readonly secret: string };
  /** What becomes of a call to a number. */
  readonly answer: (to: string) => NumberAnswer;
  /** Numbers of the account, E.164; none unless given. */
  readonly numbers?: readonly string[];
}

/** A running API. */
export interface TwilioRest extends AsyncDisposable {
  /** Takes the place of `https://api.twilio.com`. */
  readonly url: string;
  /** Messages that were sent, and the numbers of the account. */
  readonly resources: TwilioResources;
  /** Requests so far, first to last. */
  readonly requests: readonly RestRequest[];
  /** Stops listening. */
  close(): Promise<void>;
}

/** A request to the API and the status that it was given. */
export interface RestRequest {
  /** HTTP method. */
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** What was asked. */
  readonly form: Readonly<Record<string, string>>;
  /** HTTP status of the answer. */
  readonly status: number;
}

const LONGEST_TWIML = 4_000;
const STATUS_EVENTS: readonly StatusEvent[] = ["initiated", "ringing", "answered", "completed"];

/**
 * Starts the API on a free port.
 *
 * @param options The line, and who answers
 */
export function startTwilioRest(options: TwilioRestOptions): TwilioRest {
  const requests: RestRequest[] = [];
  const resources = new TwilioResources(options.numbers ?? []);
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const form = new URLSearchParams(request.method === "POST" ? await request.text() : "");
    const { pathname: path, searchParams: query } = new URL(request.url);
    const { status, body } = answerTo({ request, path, query, form }, { ...options, resources });
    requests.push({ method: request.method, path, form: Object.fromEntries(form), status });
    return Response.json(body, { status });
  });
  const close = () => server.shutdown();
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    resources,
    requests,
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface Asked {
  readonly request: Request;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly form: URLSearchParams;
}

/** The API with what it keeps. */
type Api = TwilioRestOptions & { readonly resources: TwilioResources };

function answerTo(asked: Asked, options: Api): RestAnswer {
  try {
    return route(asked, options);
  } catch (error) {
    if (!(error instanceof RestError)) throw error;
    const { code, message, status } = error;
    const more_info = `https://www.twilio.com/docs/errors/${code}`;
    return { status, body: { code, message, more_info, status } };
  }
}

function route({ request, path, query, form }: Asked, options: Api): RestAnswer {
  checkCredentials(request, options);
  const { line, resources } = options;
  const notFound = new RestError(404, 20404, `The requested resource ${path} was not found`);
  const [, account, rest = ""] = path.match(/^\/2010-04-01\/Accounts\/(AC\w{32})([./].*)?$/) ?? [];
  if (account !== line.options.accountSid) throw notFound;
  if (rest === ".json") return { status: 200, body: { sid: account, status: "active" } };
  const answer = resources.answer(rest, { method: request.method, form, query });
  if (answer) return answer;
  const [isOfCalls, callSid] = rest.match(/^\/Calls(?:\/(CA\w{32}))?\.json$/) ?? [];
  if (!isOfCalls) throw notFound;
  if (!callSid) {
    if (request.method !== "POST") throw notFound;
    return { status: 201, body: resourceOf(place(form, options), line) };
  }
  const known = line.facts(callSid);
  if (!known) throw notFound;
  if (request.method === "POST") update(line.call(callSid), form);
  return { status: 200, body: resourceOf(line.facts(callSid) ?? known, line) };
}

function checkCredentials(request: Request, { line, apiKey }: TwilioRestOptions): void {
  const { accountSid, authToken } = line.options;
  const valid = [`${accountSid}:${authToken}`];
  if (apiKey) valid.push(`${apiKey.sid}:${apiKey.secret}`);
  const given = request.headers.get("authorization");
  if (!valid.some((credentials) => given === `Basic ${btoa(credentials)}`)) {
    throw new RestError(401, 20003, "Authenticate");
  }
}

function place(form: URLSearchParams, { line, answer }: TwilioRestOptions): CallFacts {
  const to = form.get("To") ?? "";
  const from = form.get("From") ?? "";
  if (!E164.test(to)) throw new RestError(400, 21211, `Invalid 'To' Phone Number: ${to}`);
  if (!E164.test(from)) throw new RestError(400, 21212, `Invalid 'From' Phone Number: ${from}`);
  const source = sourceOf(form);
  if (!source) throw new RestError(400, 21205, "Url parameter is required");
  const url = form.get("StatusCallback");
  const wanted = form.getAll("StatusCallbackEvent");
  const events = STATUS_EVENTS.filter((event) => wanted.includes(event));
  const fallbackUrl = form.get("FallbackUrl");
  const tellUrl = detectionUrl(form);
  const { detection = { answeredBy: "human", afterMs: 3_000 }, ...answered } = answer(to);
  const call = line.place({
    ...{ to, from, source, ...answered },
    ...(fallbackUrl ? { fallbackUrl } : {}),
    ...(url ? { statusCallback: { url, events: wanted.length > 0 ? events : ["completed"] } } : {}),
  });
  if (tellUrl !== undefined) detectMachine(call, tellUrl, detection);
  return call.facts;
}

function update(call: PhoneCall | undefined, form: URLSearchParams): void {
  const status = form.get("Status");
  const source = sourceOf(form);
  if (!call || call.isOver) throw new RestError(400, 21220, "Call is over");
  const isAnswered = call.facts.answeredAtMs !== undefined;
  if (status === "completed" || (status === "canceled" && !isAnswered)) call.hangUp("rest");
  else if (status === "canceled") throw new RestError(400, 21220, "Call is answered");
  else if (!source) throw new RestError(400, 21200, "Expected Status, Url or Twiml");
  else if (!isAnswered) throw new RestError(400, 21220, "Call is not in-progress");
  else call.replace(source);
}

/** The document that a request names; `Url` goes before `Twiml`. */
function sourceOf(form: URLSearchParams): DocumentSource | undefined {
  const url = form.get("Url");
  const twiml = form.get("Twiml");
  if (url !== null) {
    if (!/^https?:/.test(url) || !URL.canParse(url)) {
      throw new RestError(400, 21205, `Url is not a valid URL: ${url}`);
    }
    const method = form.get("Method")?.toUpperCase() === "GET" ? "GET" : "POST";
    return { type: "url", url, method, parameters: {} };
  }
  if (twiml === null) return undefined;
  if (twiml.length > LONGEST_TWIML) throw new RestError(400, 21200, "Twiml is too long");
  return { type: "inline", twiml };
}

/** A call as the API shows it. */
function resourceOf(call: CallFacts, { options: { clock, accountSid } }: PhoneLine): unknown {
  const dateOf = (atMs: number | undefined) =>
    atMs === undefined ? null : rfc2822(clock.epochMs() - clock.nowMs() + atMs);
  const { callSid, dialledAtMs, answeredAtMs, endedAtMs } = call;
  const talkedMs = endedAtMs === undefined ? undefined : endedAtMs - (answeredAtMs ?? endedAtMs);
  return {
    sid: callSid,
    account_sid: accountSid,
    api_version: "2010-04-01",
    to: call.to,
    to_formatted: call.to,
    from: call.from,
    from_formatted: call.from,
    status: call.status,
    direction: call.direction,
    date_created: dateOf(dialledAtMs),
    date_updated: dateOf(endedAtMs ?? answeredAtMs ?? dialledAtMs),
    start_time: dateOf(answeredAtMs),
    end_time: dateOf(endedAtMs),
    duration: talkedMs === undefined ? null : String(Math.round(talkedMs / 1000)),
    answered_by: null,
    parent_call_sid: null,
    phone_number_sid: null,
    forwarded_from: null,
    caller_name: null,
    price: null,
    price_unit: "USD",
    queue_time: "0",
    uri: `/2010-04-01/Accounts/${accountSid}/Calls/${callSid}.json`,
  };
}
