// Notifications as a list, by day and kind.
import { html } from "../../lib/view.js";
import { language, t, textOr } from "../../lib/i18n.js";
import { dateTime, longDay, number, today } from "../../lib/format.js";
import { moved } from "../../lib/days.js";
import { hrefOf } from "../../lib/router.js";
import { Tag } from "../../components/tag.js";
import { NoticeFace } from "./face.js";
import { groupsOf, isUnread, targetOf, wordsOf } from "./rows.js";

/**
 * `opened(row, event)`: a row was pressed.
 * @param {{ rows: Rest.Notification[], marks: import("../../lib/live-list.js").Marks,
 *   opened: (row: Rest.Notification, event: MouseEvent) => void }} props
 */
export function NoticeGroups({ rows, marks, opened }) {
  return groupsOf(rows, (instant) => dateTime(instant).slice(0, 10)).map(({ day, kinds }) => html`
    <section key=${day} class="notice-day" aria-label=${dayText(day)}><h2>${dayText(day)}</h2>
      ${kinds.map(({ kind, rows: own }) => html`<div key=${kind} class="notice-kind">
        <h3>${textOr("noticeKind", kind)} <span class="numeric">${number(own.length)}</span></h3>
        <ul>${own.map((row) => html`<${Notice} key=${row.id} row=${row} mark=${marks[row.id]} opened=${opened} />`)}</ul>
      </div>`)}</section>`);
}

/** @param {string} day */
function dayText(day) {
  if (day === today()) return t("notice.today");
  return day === moved(today(), { days: -1 }) ? t("notice.yesterday") : longDay(day);
}

/**
 * @param {{ row: Rest.Notification, mark?: import("../../lib/live-list.js").Mark,
 *   opened: (row: Rest.Notification, event: MouseEvent) => void }} props
 */
function Notice({ row, mark, opened }) {
  const { title, content, action } = wordsOf(row, language.get());
  const target = targetOf(row);
  const unread = isUnread(row);
  const time = dateTime(row.createdAt);
  const foot = html`<time class="numeric" datetime=${row.createdAt} title=${time}>${time.slice(11, 16)}</time>
    ${row.count > 1 && html`<${Tag}>${t("notice.merged", { n: number(row.count) })}<//>`}
    ${row.priority === "HIGH" && html`<${Tag} kind="warn">${t("notice.important")}<//>`}
    ${target && action && html`<span class="notice-action">${action}</span>`}`;
  const inside = html`<${NoticeFace} icon=${row.icon} color=${row.color} title=${title} content=${content}
    unread=${unread} foot=${foot} />`;
  const attributes = {
    class: `notice-row ${unread ? "unread" : ""} ${mark ? "marked" : ""}`,
    onClick: (/** @type {MouseEvent} */ event) => opened(row, event),
    "data-testid": `notice-${row.type}`,
  };
  return html`<li>${target ? html`<a ...${attributes} href=${hrefOf(target.page, target.query)}>${inside}</a>`
    : html`<button type="button" ...${attributes}>${inside}</button>`}</li>`;
}
