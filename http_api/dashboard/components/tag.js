// A state as a word in a quiet coloured frame.
import { html } from "../lib/view.js";

export const Tag = ({ kind = "neutral", title, children }) => html`<span class=${`tag ${kind}`} title=${title}>
  ${children}</span>`;
