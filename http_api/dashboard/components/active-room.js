// The way out of a refusal because the host has another interview: a link to that one.
import { html } from "../lib/view.js";
import { t } from "../lib/i18n.js";
import { roomPage } from "../lib/rooms.js";

/** @param {{ error: import("./states.js").ShownError }} props */
export function ActiveRoom({ error }) {
  const roomId = error.code === "ACTIVE_ROOM_EXISTS" && error.details?.roomId;
  if (!roomId) return null;
  return html`<p><a href=${roomPage(roomId)} target="_blank" rel="noopener"
    data-testid="active-room">${t("interviews.toActive")}</a></p>`;
}
