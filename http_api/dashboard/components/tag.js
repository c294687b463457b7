// A state as a word on a quiet colour.
import { html } from "../lib/view.js";

/** @param {{ kind?: string, title?: string, children: unknown }} props */
export const Tag = ({ kind = "neutral", title, children }) => html`<span class=${`tag ${kind}`} title=${title}>
  ${children}</span>`;
