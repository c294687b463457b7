// A person's picture, or the first letter of the name on a quiet colour that is always the same for the person.
import { html, useState } from "../lib/view.js";

const TINTS = 6;

/** @param {string} seed */
function tint(seed) {
  let sum = 0;
  for (const letter of seed) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 9973;
  return sum % TINTS;
}

/** @param {{ src?: string | null, name?: string | null, seed?: string, size?: number }} props */
export function Avatar({ src, name, seed, size = 32 }) {
  const [broken, setBroken] = useState(/** @type {string | null} */ (null));
  const style = { width: `${size}px`, height: `${size}px`, fontSize: `${Math.round(size * 0.42)}px` };
  // Only our own files and https pictures; the page's policy refuses anything else.
  const usable = src && src !== broken && (src.startsWith("/") || src.startsWith("https://"));
  if (usable) return html`<img class="avatar" src=${src} alt="" loading="lazy" referrerpolicy="no-referrer"
    style=${style} onError=${() => setBroken(src)} />`;
  const [first = "·"] = name ?? "";
  return html`<span class=${`avatar letter tint-${tint(seed ?? name ?? "")}`} style=${style} aria-hidden="true">
    ${first.toUpperCase()}</span>`;
}
