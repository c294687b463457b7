// Invitation links for guests, one for the customer and one for the worker; a click copies one.
import { html, useState } from "../lib/view.js";
import { call } from "../lib/api.js";
import { t } from "../lib/i18n.js";
import { roomPath } from "../lib/rooms.js";
import { Button } from "./button.js";
import { toast, toastError } from "./toast.js";

/** @param {{ roomId: string, ahead?: boolean }} props `ahead`: the interview has not started */
export function Invitations({ roomId, ahead = false }) {
  const [links, setLinks] = useState(/** @type {Record<string, string>} */ ({}));

  /** @param {string} identity */
  async function invite(identity) {
    try {
      const { data } = await call("POST", `${roomPath(roomId)}/invites`, { body: { identity, maxUses: 1 } });
      setLinks({ ...links, [identity]: data.inviteLink });
      await navigator.clipboard?.writeText(data.inviteLink);
      toast(t("call.linkCopied"));
    } catch (error) {
      if (error.code) toastError(error); // where copying is not allowed, the link is shown
    }
  }

  return html`<section class="invitations">
    ${["customer", "helper"].map((identity) => html`<div key=${identity}>
      <${Button} small icon="copy" label=${t(`call.invite.${identity}`)} action=${() => invite(identity)}
        testId=${`invite-${identity}`} />
      ${links[identity] && html`<input class="link" readonly value=${links[identity]}
        onFocus=${(/** @type {any} */ event) => event.target.select()}
        aria-label=${t(`call.invite.${identity}`)} data-testid=${`link-${identity}`} />`}</div>`)}
    <p class="muted small-text">${t(ahead ? "call.inviteAheadHint" : "call.inviteHint")}</p></section>`;
}
