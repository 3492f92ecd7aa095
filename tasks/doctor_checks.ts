/**
 * What has to be right before a telephone call can work, one look each.
 *
 * @module
 */

import type { AgentStore } from "../lib/agents/agent_store.ts";
import { type Clock, within } from "../lib/clock.ts";
import type { Settings } from "../lib/env.ts";
import { SileroNetwork } from "../lib/hearing/silero_vad.ts";
import type { ToolBox } from "../lib/tools/tool_box.ts";
import { RestClient, TwilioRestError } from "../lib/twilio/rest_client.ts";
import { lookAtModels } from "./doctor_models.ts";

/** What one look found; `advice` says what to do, and no text holds a secret. */
export interface Finding {
  /** What was looked at. */
  readonly what: string;
  /** Whether it is as it must be; `skipped` could not be looked at and is not wrong by itself. */
  readonly verdict: "ok" | "wrong" | "skipped";
  /** What was seen. */
  readonly text: string;
  /** What to do. */
  readonly advice?: string;
}

/** What the looks need. */
export interface DoctorParts {
  /** From the environment. */
  readonly settings: Settings;
  /** From the agent files. */
  readonly agents: AgentStore;
  /** Makes the tools of agents. */
  readonly toolBox: ToolBox;
  /** The number whose webhook is looked at; absent: all that agents have. */
  readonly number: string | undefined;
  /** Whether to set the number's webhooks where they are wrong. */
  readonly isFixing: boolean;
  /** Bounds every look. */
  readonly clock: Clock;
}

const LOOK_MS = 10_000;

type Look = (parts: DoctorParts) => Promise<Finding | readonly Finding[]>;

/** Every look, in the order in which what they find should be mended. */
export const LOOKS: readonly Look[] = [
  lookAtKey,
  lookAtModels,
  lookAtVoices,
  lookAtCredentials,
  lookAtPublicUrl,
  lookAtWebhooks,
  lookAtStore,
  lookAtHearing,
];

function lookAtKey({ settings: { modelAccess } }: DoctorParts): Promise<Finding> {
  const what = "Key of the model";
  const found: Finding = modelAccess === undefined
    ? { what, verdict: "wrong", text: "is missing", advice: "set GEMINI_API_KEY in .env" }
    : { what, verdict: "ok", text: modelAccess.type === "gemini-api" ? "is set" : "Vertex AI" };
  return Promise.resolve(found);
}

function lookAtVoices({ agents }: DoctorParts): Promise<Finding> {
  const what = "Agents";
  const [warning] = agents.warnings;
  const names = agents.names.join(", ");
  return Promise.resolve(
    warning === undefined
      ? { what, verdict: "ok", text: names }
      : { what, verdict: "ok", text: `${names}; ${agents.warnings.join("; ")}` },
  );
}

async function lookAtCredentials({ settings, clock }: DoctorParts): Promise<Finding> {
  const what = "Twilio credentials";
  const client = restClient(settings, clock);
  if (!client) {
    const advice = "set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN in .env";
    return { what, verdict: "wrong", text: "are missing", advice };
  }
  try {
    await client.checkCredentials();
    return { what, verdict: "ok", text: "are good" };
  } catch (error) {
    return twilioFinding(what, error);
  }
}

async function lookAtPublicUrl({ settings, clock }: DoctorParts): Promise<Finding> {
  const { publicOrigin } = settings;
  const what = `Public URL ${publicOrigin}`;
  const advice = "start the server and the tunnel, and put the tunnel's address into PUBLIC_URL";
  const giveUp = new AbortController();
  const answer = fetch(`${publicOrigin}/healthz`, { redirect: "manual", signal: giveUp.signal })
    .then(async ({ status, body }) => {
      await body?.cancel();
      return status;
    }, () => 0);
  const status = await within(answer, { clock, ms: LOOK_MS });
  giveUp.abort();
  if (status === 200) return { what, verdict: "ok", text: "is reached" };
  const text = status ? `answers ${status} to /healthz` : "is not reached";
  return { what, verdict: "wrong", text, advice };
}

/** The number that was named, or all that agents have. */
async function lookAtWebhooks(parts: DoctorParts): Promise<Finding | readonly Finding[]> {
  const { settings, agents, clock } = parts;
  const client = restClient(settings, clock);
  const named = agents.names.flatMap((name) => {
    const { numbers = [], outbound } = agents.get(name) ?? {};
    return [...numbers, outbound?.from ?? []].flat();
  });
  const numbers = new Set(parts.number === undefined ? named : [parts.number]);
  if (!client) return skipped("Webhook", "there are no Twilio credentials");
  if (numbers.size === 0) return skipped("Webhook", "say which number: --number +15551234567");
  return await Promise.all(Array.from(numbers, (number) => lookAtWebhook(number, client, parts)));
}

async function lookAtWebhook(
  number: string,
  client: RestClient,
  { settings, isFixing }: Pick<DoctorParts, "settings" | "isFixing">,
): Promise<Finding> {
  const what = `Webhook of ${number}`;
  const urls = {
    voiceUrl: `${settings.publicOrigin}/twilio/voice`,
    statusCallback: `${settings.publicOrigin}/twilio/status`,
  };
  try {
    const found = await client.findNumber(number);
    if (!found) {
      return { what, verdict: "wrong", text: "the account has no such number", advice: "check it" };
    }
    const taken = found.voiceApplicationSid || found.trunkSid;
    if (taken) {
      const advice = "set the number to Webhook in the Twilio console: --fix does not do that";
      return { what, verdict: "wrong", text: `its calls go to ${taken}`, advice };
    }
    if (
      isSame(found.voiceUrl, urls.voiceUrl) && isSame(found.statusCallback, urls.statusCallback)
    ) {
      return { what, verdict: "ok", text: "leads here" };
    }
    if (!isFixing) {
      const advice = `run doctor --fix, or set ${urls.voiceUrl} and ${urls.statusCallback}`;
      return { what, verdict: "wrong", text: "leads elsewhere, or nowhere", advice };
    }
    await client.setWebhooks(found.sid, urls);
    return { what, verdict: "ok", text: "was set, and leads here now" };
  } catch (error) {
    return twilioFinding(what, error);
  }
}

async function lookAtStore({ settings: { kvPath } }: DoctorParts): Promise<Finding> {
  const what = `Store ${kvPath ?? "of Deno Deploy"}`;
  try {
    const [folder] = /^(?!https?:).*[/\\]/i.exec(kvPath ?? "") ?? [];
    if (folder) await Deno.mkdir(folder, { recursive: true });
    using kv = await Deno.openKv(kvPath);
    await kv.set(["doctor"], true);
    await kv.delete(["doctor"]);
    return { what, verdict: "ok", text: "can be written" };
  } catch (error) {
    const text = error instanceof Error ? error.name : "cannot be opened";
    return { what, verdict: "wrong", text, advice: "check KV_PATH and who may write there" };
  }
}

async function lookAtHearing(): Promise<Finding> {
  const what = "Speech detector";
  try {
    await SileroNetwork.load();
    return { what, verdict: "ok", text: "is loaded" };
  } catch (error) {
    const text = error instanceof Error ? error.message : "cannot be loaded";
    return { what, verdict: "wrong", text, advice: "run deno install, with the network up" };
  }
}

/** Behind `#` stands how often Twilio asks again: that is no other place. */
function isSame(found: string, wanted: string): boolean {
  return found.split("#", 1)[0] === wanted;
}

function restClient({ twilio }: Settings, clock: Clock): RestClient | undefined {
  const { accountSid, authToken, apiKey, apiOrigin: origin } = twilio;
  const user = apiKey?.sid ?? accountSid;
  const password = apiKey?.secret ?? authToken;
  if (!accountSid || !user || !password) return undefined;
  return new RestClient({ accountSid, credentials: { user, password }, origin, clock });
}

function twilioFinding(what: string, error: unknown): Finding {
  if (!(error instanceof TwilioRestError)) throw error;
  const advice = error.status === 401
    ? "check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, or the API key"
    : "see https://www.twilio.com/docs/api/errors, and whether Twilio is reached";
  return { what, verdict: "wrong", text: error.message, advice };
}

function skipped(what: string, why: string): Finding {
  return { what, verdict: "skipped", text: `not looked at: ${why}` };
}
