// Users as a table: sortable columns, marks on changed rows, actions by permission.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { dateTime, number, relative, shortDateTime } from "../../lib/format.js";
import { useNow } from "../../lib/hooks.js";
import { regionText } from "../../lib/places.js";
import { can } from "../../lib/session.js";
import { Button } from "../../components/button.js";
import { ListTable, Who } from "../../components/list-table.js";
import { StatusTag } from "./status-tag.js";
import { UserPicture, nameOf } from "./user-picture.js";

/** The sort orders of the list; a minus means descending. */
export const SORTS = ["loginCount", "lastLoginAt", "createdAt"].flatMap((key) => [key, `-${key}`]);

/**
 * `users` is null while they are read for the first time.
 * @param {{ users: User[] | null, stale: boolean, sort: string, setSort: (sort: string) => void,
 *   marks: import("../../lib/live-list.js").Marks, open: (id: string) => void, ask: Ask }} props
 * @typedef {Rest.StaffUserAnswer} User
 * @typedef {(kind: string, user: User) => void} Ask
 */
export function UsersTable({ users, stale, sort, setSort, marks, open, ask }) {
  const now = useNow();
  const isGone = (/** @type {User} */ user) => marks[user.id]?.kind === "deleted";
  /** @type {import("../../components/list-table.js").Column<User>[]} */
  const columns = [
    { key: "user", title: t("userColumn.user"),
      cell: (user) => html`<${UserCell} user=${user} mark=${marks[user.id]} gone=${isGone(user)}
      open=${open} />` },
    { key: "username", title: t("userColumn.username"), width: 104, from: "wide",
      cell: (user) => user.username || html`<span class="muted">—</span>` },
    { key: "region", title: t("userColumn.region"), width: 112, from: "wide",
      cell: (user) => regionText(user.province, user.city)
      || html`<span class="muted">${t("region.unknown")}</span>` },
    { key: "status", title: t("userColumn.status"), width: 92,
      cell: (user) => html`<${StatusTag} status=${user.status} reason=${user.statusReason} />` },
    { key: "loginCount", title: t("userColumn.loginCount"), width: 96, from: "wide", numeric: true, sortable: true,
      cell: (user) => number(user.loginCount) },
    { key: "lastLoginAt", title: t("userColumn.lastLoginAt"), width: 112, from: "middle", sortable: true,
      cell: (user) => relative(user.lastLoginAt, now),
      hint: (user) => (user.lastLoginAt ? dateTime(user.lastLoginAt) : undefined) },
    { key: "createdAt", title: t("userColumn.createdAt"), width: 112, from: "wide", sortable: true,
      cell: (user) => shortDateTime(user.createdAt),
      hint: (user) => dateTime(user.createdAt) },
    { key: "actions", title: t("userColumn.actions"), width: 148, from: "wide", actions: true,
      cell: (user) => !isGone(user) && html`<${RowActions} user=${user} open=${open} ask=${ask} />` },
  ];
  return html`<${ListTable} label=${t("users.title")} columns=${columns} rows=${users} stale=${stale} marks=${marks}
    isGone=${isGone} open=${open} sort=${sort} setSort=${setSort} testId="users-table"
    rowTestId=${(/** @type {User} */ user) => `user-row-${user.id}`} />`;
}

/**
 * @param {{ user: User, mark?: import("../../lib/live-list.js").Mark, gone: boolean,
 *   open: (id: string) => void }} props
 */
function UserCell({ user, mark, gone, open }) {
  return html`<${Who} mark=${mark} markText=${mark && t(`userMark.${mark.kind}`)}
    picture=${html`<${UserPicture} user=${user} size=${36} />`}
    name=${html`<button type="button" class="link-button" disabled=${gone} onClick=${() => open(user.id)}>
      ${nameOf(user)}</button>`}
    more=${user.hasPhone ? user.phone : t("user.noPhone")} />`;
}

/** @param {{ user: User, open: (id: string) => void, ask: Ask }} props */
function RowActions({ user, open, ask }) {
  const blocked = user.status === "blocked";
  return html`<${Button} small kind="ghost" label=${t("user.details")} action=${() => open(user.id)} />
    ${can("miniprogram-user:edit") && html`<${Button} small kind=${blocked ? "ghost" : "ghost danger-text"}
      label=${t(blocked ? "user.unblock" : "user.block")}
      action=${() => { ask(blocked ? "unblock" : "block", user); }}
      testId=${`row-${blocked ? "unblock" : "block"}-${user.id}`} />`}`;
}
