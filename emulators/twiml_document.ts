/**
 * Reads TwiML as strictly as Twilio: well-formed XML whose root is `<Response>`, or error 12100.
 *
 * @module
 */

import { SaxesParser } from "saxes";

/** An element with its children; text that is only blanks is left out. */
export interface TwimlElement {
  /** Case-sensitive. */
  readonly name: string;
  /** As written, unescaped. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Elements in it. */
  readonly children: readonly TwimlElement[];
  /** All text directly in the element, without the blanks around it. */
  readonly text: string;
}

/** A document that Twilio would refuse; the message says where and why. */
export class TwimlError extends Error {
  /** Name of the class. */
  override readonly name = "TwimlError";
}

interface OpenElement extends TwimlElement {
  readonly children: TwimlElement[];
  text: string;
}

/**
 * Reads a document.
 *
 * @param xml The body of the answer, decoded
 * @returns The root's children: the verbs, in order
 * @throws {TwimlError} If it is not well-formed, or its root is not `<Response>`
 */
export function parseTwiml(xml: string): readonly TwimlElement[] {
  const root = parseXml(xml);
  if (root.name !== "Response") {
    throw new TwimlError(`Cannot read TwiML: the root is <${root.name}>, not <Response>`);
  }
  if (root.text !== "") throw new TwimlError("Cannot read TwiML: text stands between the verbs");
  return root.children;
}

function parseXml(xml: string): TwimlElement {
  const parser = new SaxesParser();
  const open: OpenElement[] = [];
  let root: TwimlElement | undefined;
  parser.on("opentag", ({ name, attributes }) => {
    open.push({ name, attributes, children: [], text: "" });
  });
  parser.on("closetag", () => {
    const element = open.pop();
    if (!element) return;
    element.text = element.text.trim();
    const parent = open.at(-1);
    if (parent) parent.children.push(element);
    else root = element;
  });
  const addText = (text: string) => {
    const element = open.at(-1);
    if (element) element.text += text;
  };
  parser.on("text", addText);
  parser.on("cdata", addText);
  try {
    parser.write(xml).close();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new TwimlError(`Cannot read TwiML: ${why}`, { cause });
  }
  if (!root) throw new TwimlError("Cannot read TwiML: the document is empty");
  return root;
}

/** Attributes that an element may have, and elements that may stand in it. */
interface Shape {
  readonly attributes: readonly string[];
  readonly children?: readonly string[];
}

const CALLBACK = ["statusCallback", "statusCallbackMethod"];
const NOUN = [
  ...["url", "method", "statusCallbackEvent", "machineDetection", "machineDetectionTimeout"],
  ...["machineDetectionSpeechThreshold", "machineDetectionSpeechEndThreshold"],
  ...["machineDetectionSilenceTimeout", "amdStatusCallback", "amdStatusCallbackMethod"],
  ...CALLBACK,
];

/** The verbs and nouns that the emulator runs, with every attribute that Twilio documents. */
const SHAPES: Readonly<Record<string, Shape>> = {
  Connect: { attributes: ["action", "method"], children: ["Stream"] },
  Stream: { attributes: ["url", "name", "track", ...CALLBACK], children: ["Parameter"] },
  Parameter: { attributes: ["name", "value"] },
  Say: { attributes: ["voice", "language", "loop"] },
  Play: { attributes: ["loop", "digits"] },
  Pause: { attributes: ["length"] },
  Redirect: { attributes: ["method"] },
  Hangup: { attributes: [] },
  Reject: { attributes: ["reason"] },
  Dial: {
    attributes: [
      ...["action", "method", "timeout", "timeLimit", "callerId", "answerOnBridge"],
      ...["hangupOnStar", "record", "recordingStatusCallback", "recordingStatusCallbackMethod"],
      ...["recordingStatusCallbackEvent", "recordingTrack", "trim", "ringTone", "sequential"],
      ...["referUrl", "referMethod", "callReason", "recordingConfigurationId"],
    ],
    children: ["Number", "Sip", "Client"],
  },
  Number: { attributes: [...NOUN, "sendDigits", "byoc"] },
  Sip: { attributes: [...NOUN, "username", "password"] },
  Client: { attributes: NOUN },
};

/** Verbs that Twilio knows and the emulator does not run. */
const NOT_EMULATED = [
  ...["Enqueue", "Gather", "Leave", "Pay", "Prompt", "Queue", "Record", "Refer", "Sms"],
  ...["Start", "Stop"],
];

/** Whether a verb is Twilio's, but not run here. */
export function isNotEmulated(verb: TwimlElement): boolean {
  return NOT_EMULATED.includes(verb.name);
}

/** What Twilio's schema warning 12200 would name in an element and what it holds; nothing if it conforms. */
export function schemaProblems(element: TwimlElement): string[] {
  if (isNotEmulated(element)) return [];
  const shape = SHAPES[element.name];
  if (!shape) return [`<${element.name}> is unknown`];
  const { attributes, children = [] } = shape;
  return [
    ...Object.keys(element.attributes).filter((name) => !attributes.includes(name))
      .map((name) => `<${element.name}> has no attribute ${name}`),
    ...element.children.filter((child) => !children.includes(child.name))
      .map((child) => `<${child.name}> has no place in <${element.name}>`),
    ...element.children.filter((child) => children.includes(child.name)).flatMap(schemaProblems),
  ];
}
