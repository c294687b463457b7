// The bell in the top bar with the unread count, and what a new notification does on every page.
import { html, useEffect, useRef, useState } from "../../lib/view.js";
import { ApiError } from "../../lib/http.js";
import { language, t } from "../../lib/i18n.js";
import { number } from "../../lib/format.js";
import { useNamespace } from "../../lib/live.js";
import { useStore } from "../../lib/store.js";
import { Icon } from "../../components/icons.js";
import { announce, toastError } from "../../components/toast.js";
import { openRow, unread } from "./own.js";
import { asksForAction, badgeText, createNewsFilter, wordsOf } from "./rows.js";
import { ring } from "./sound.js";

const loadDrawer = () => import("./drawer.js");

export function Bell() {
  const count = useStore(unread) ?? 0;
  const [Drawer, setDrawer] = useState(/** @type {import("../../lib/view.js").Component | null} */ (null));
  const isNews = useRef(createNewsFilter());
  /** @param {Push.Notification} row */
  function arrived(row) {
    if (!isNews.current(row)) return;
    ring();
    const { title, action } = wordsOf(row, language.get());
    if (asksForAction(row) && !Drawer) announce(title, action || t("notice.open"), () => openRow(row));
  }
  useNamespace("/notifications", {
    unreadCount: (/** @type {Push.UnreadCount} */ pushed) => unread.set(pushed), notification: arrived,
  });
  useEffect(() => () => unread.set(null), []); // the next person on this machine has an own count
  const open = () => loadDrawer().then(
    ({ NotificationDrawer }) => setDrawer(() => NotificationDrawer),
    () => toastError(new ApiError(t("error.network"), { code: "NETWORK" })),
  );
  const label = count ? t("notice.bellUnread", { n: number(count) }) : t("notifications.title");
  return html`<button type="button" class="switch bell" onClick=${open} title=${label} aria-label=${label}
      aria-haspopup="dialog" data-testid="bell"><${Icon} name="bell" size=${20} />
      ${count > 0 && html`<span class="bell-badge" aria-hidden="true"
        data-testid="bell-badge">${badgeText(count)}</span>`}</button>
    ${Drawer && html`<${Drawer} close=${() => setDrawer(null)} />`}`;
}

/**
 * The title of the document: the unread count comes first, so that it is seen in a narrow tab.
 * @param {{ text: string }} props
 */
export function DocumentTitle({ text }) {
  const count = useStore(unread);
  const title = count ? `(${badgeText(count)}) ${text}` : text;
  useEffect(() => { document.title = title; }, [title]);
  useEffect(() => () => { document.title = t("app.name"); }, []);
  return null;
}
