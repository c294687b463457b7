// The progress of signing: one mark for each party in their order, and the same as figures.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";

/** @param {{ signers: Push.SignerProgress[] }} props */
export function SignerPips({ signers }) {
  const signed = signers.filter(({ state }) => state === "signed").length;
  const words = signers.map(({ role, name, state }) =>
    `${t(`signerRole.${role}`)} ${name}：${t(`signerState.${state}`)}`);
  return html`<span class="pips" role="img" aria-label=${words.join("；")} title=${words.join("\n")}>
    ${signers.map(({ role, state }) => html`<span key=${role} class=${`pip ${state}`}></span>`)}
    <span class="pips-text numeric">${signed}/${signers.length}</span></span>`;
}
