// The newest notifications, over every page.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { number } from "../../lib/format.js";
import { go, hrefOf } from "../../lib/router.js";
import { useStore } from "../../lib/store.js";
import { Button } from "../../components/button.js";
import { Drawer } from "../../components/drawer.js";
import { FreshRows } from "../../components/fresh-rows.js";
import { Empty, Failure, Skeleton } from "../../components/states.js";
import { NoticeGroups } from "./groups.js";
import { unread } from "./own.js";
import { targetOf } from "./rows.js";
import { SoundSwitch } from "./sound-switch.js";
import { useNotices } from "./use-notices.js";

/** @type {import("../../lib/query.js").Query} */
const NEWEST = {};

/** @param {{ close: () => void }} props */
export function NotificationDrawer({ close }) {
  const { list, live, rows, read, readAll } = useNotices(NEWEST);
  const count = useStore(unread) ?? 0;

  /** @param {Rest.Notification} row @param {MouseEvent} event */
  function opened(row, event) {
    read(row);
    const target = targetOf(row);
    if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return; // the browser opens another tab
    event.preventDefault();
    close(); // first: the drawer gives the focus back to where it was
    go(target.page, target.query);
  }
  /** @param {Event} event */
  function showAll(event) {
    event.preventDefault();
    close();
    go("notifications");
  }

  return html`<${Drawer} label=${t("notifications.title")} close=${close} testId="notification-drawer"
      title=${html`<h2>${t("notifications.title")}</h2>
        <p class="muted small-text" aria-live="polite">${t("notice.unreadCount", { n: number(count) })}</p>`}
      tools=${html`<${SoundSwitch} />`}>
    <div class="drawer-content notice-list">
      <${FreshRows} count=${live.fresh} text=${t("notice.fresh", { n: number(live.fresh) })} show=${live.reload}
        testId="new-notices" />
      ${!list.data ? (list.error ? html`<${Failure} error=${list.error} retry=${live.reload} />`
        : html`<${Skeleton} lines=${8} />`)
        : rows.length ? html`<${NoticeGroups} rows=${rows} marks=${live.marks} opened=${opened} />`
          : html`<${Empty} title=${t("notice.none")} hint=${t("notice.noneHint")} />`}
    </div>
    <footer class="drawer-foot">
      <${Button} icon="check" label=${t("notice.readAll")} disabled=${!count} action=${readAll} testId="read-all" />
      <a class="button ghost" href=${hrefOf("notifications")} onClick=${showAll}
        data-testid="all-notices">${t("notice.all")}</a></footer>
  <//>`;
}
