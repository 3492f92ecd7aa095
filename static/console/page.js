// @ts-check
/**
 * What the scripts of the pages share: elements that are known to be there, and text that stays text.
 *
 * @module
 */

/**
 * The element of an id, of the kind that is asked for.
 *
 * @template {Element} T
 * @param {string} id
 * @param {{ new (): T }} kind
 * @returns {T}
 */
export function element(id, kind) {
  const found = document.getElementById(id);
  if (found instanceof kind) return found;
  throw new TypeError(`Cannot find #${id} of this kind`);
}

/**
 * A new element. What it holds is text or other elements, never markup.
 *
 * @param {string} tag
 * @param {string} className
 * @param {(Node | string)[]} children
 * @returns {HTMLElement}
 */
export function make(tag, className, ...children) {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  made.append(...children);
  return made;
}

/**
 * Minutes and seconds.
 *
 * @param {number} ms
 */
export function clockWords(ms) {
  const seconds = Math.floor(Math.max(0, ms) / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
