/**
 * What Twilio takes from a server on a bidirectional media stream. Anything else it drops, and says so in its debugger.
 *
 * @module
 */

/** A message from the server, or why it is none. */
export type ServerMessage =
  | { type: "media"; mulaw: Uint8Array }
  | { type: "mark"; name: string }
  | { type: "clear" }
  | { type: "refused"; reason: string };

/** Every field that each message has; there are no others. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  media: ["event", "streamSid", "media"],
  mark: ["event", "streamSid", "mark"],
  clear: ["event", "streamSid"],
};
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** From this length on, bytes that all are base64 characters are no sound. */
const SURELY_TEXT_BYTES = 32;

/**
 * Reads a text message as strictly as Twilio does.
 *
 * @param text Message as it came
 * @param streamSid Stream that it must name; undefined as long as `start` was not sent
 */
export function readServerMessage(text: string, streamSid: string | undefined): ServerMessage {
  const message = readJson(text);
  if (message === undefined) return refused("it is not JSON");
  if (!isRecord(message)) return refused("it is not an object");
  const fields = typeof message.event === "string" && Object.hasOwn(FIELDS, message.event)
    ? FIELDS[message.event]
    : undefined;
  if (!fields) return refused("its event is unknown");
  const wrong = wrongField(message, fields);
  if (wrong) return refused(wrong);
  if (streamSid === undefined) return refused("it came before start");
  if (message.streamSid !== streamSid) return refused("its streamSid is not that of the stream");
  if (message.event === "clear") return { type: "clear" };
  return message.event === "mark" ? readMark(message.mark) : readMedia(message.media);
}

function readMark(mark: unknown): ServerMessage {
  if (!isRecord(mark)) return refused("mark is not an object");
  const wrong = wrongField(mark, ["name"]);
  if (wrong) return refused(`in mark ${wrong}`);
  if (typeof mark.name !== "string" || mark.name === "") return refused("mark.name is no name");
  return { type: "mark", name: mark.name };
}

function readMedia(media: unknown): ServerMessage {
  if (!isRecord(media)) return refused("media is not an object");
  const wrong = wrongField(media, ["payload"]);
  if (wrong) return refused(`in media ${wrong}`);
  const { payload } = media;
  if (typeof payload !== "string" || payload.length % 4 !== 0 || !BASE64.test(payload)) {
    return refused("media.payload is not base64");
  }
  const mulaw = Uint8Array.fromBase64(payload);
  if (mulaw.length === 0) return refused("media.payload is empty");
  if (mulaw.length >= SURELY_TEXT_BYTES && BASE64.test(new TextDecoder().decode(mulaw))) {
    return refused("media.payload is base64 twice");
  }
  return { type: "media", mulaw };
}

function wrongField(
  message: Record<string, unknown>,
  fields: readonly string[],
): string | undefined {
  const missing = fields.find((field) => !Object.hasOwn(message, field));
  if (missing) return `${missing} is missing`;
  const extra = Object.keys(message).find((field) => !fields.includes(field));
  return extra && `${extra} has no place`;
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function refused(reason: string): ServerMessage {
  return { type: "refused", reason };
}
