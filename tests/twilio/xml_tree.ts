/**
 * Documents as an XML parser understands them.
 *
 * @module
 */

import { SaxesParser } from "saxes";

/** An element: its texts in one, comments left out. */
export interface XmlElement {
  /** Its name. */
  name: string;
  /** Its attributes, decoded. */
  attributes: Record<string, string>;
  /** The elements in it, in order. */
  children: XmlElement[];
  /** All text directly in it, decoded. */
  text: string;
}

/**
 * Parses a document.
 *
 * @throws {Error} If it is not well formed
 */
export function parseXml(xml: string): XmlElement {
  const parser = new SaxesParser();
  const top: XmlElement = { name: "", attributes: {}, children: [], text: "" };
  const open = [top];
  parser.on("error", (error) => {
    throw error;
  });
  parser.on("opentag", ({ name, attributes }) => {
    const element = { name, attributes: { ...attributes }, children: [], text: "" };
    open.at(-1)?.children.push(element);
    open.push(element);
  });
  parser.on("text", (text) => {
    const element = open.at(-1);
    if (element) element.text += text;
  });
  parser.on("closetag", () => void open.pop());
  parser.write(xml).close();
  const [root, ...more] = top.children;
  if (!root || more.length > 0 || open.length !== 1) throw new Error("not one element");
  return root;
}

/** What an XML 1.0 document can hold of a text. */
export function xmlPart(text: string): string {
  return [...text].filter((character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code < 0x20) return code === 0x9 || code === 0xa || code === 0xd;
    return (code < 0xd800 || code > 0xdfff) && code !== 0xfffe && code !== 0xffff;
  }).join("");
}
