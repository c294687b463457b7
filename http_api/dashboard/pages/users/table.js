// Users as a table: sortable columns, marks on changed rows, actions by permission.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { dateTime, number, relative, shortDateTime } from "../../lib/format.js";
import { useNow } from "../../lib/hooks.js";
import { regionText } from "../../lib/places.js";
import { can } from "../../lib/session.js";
import { AccountPicture } from "../../components/account-picture.js";
import { Button } from "../../components/button.js";
import { Icon } from "../../components/icons.js";
import { StatusTag } from "./status-tag.js";

const SKELETON_ROWS = 8;
/** @type {{ key: string, wide?: boolean, sortable?: boolean, numeric?: boolean }[]} */
const COLUMNS = [
  { key: "user" }, { key: "username", wide: true }, { key: "region", wide: true }, { key: "status" },
  { key: "loginCount", sortable: true, numeric: true, wide: true }, { key: "lastLoginAt", sortable: true },
  { key: "createdAt", sortable: true, wide: true }, { key: "actions", wide: true },
];

/** What the list can be sorted by; a minus means descending. */
export const SORTS = COLUMNS.filter(({ sortable }) => sortable).flatMap(({ key }) => [key, `-${key}`]);

/**
 * `users` is null while they are read for the first time.
 * @param {{ users: User[] | null, stale: boolean, sort: string, setSort: (sort: string) => void,
 *   marks: import("../../lib/live-list.js").Marks, open: (id: string) => void, ask: Ask }} props
 * @typedef {Rest.StaffUserAnswer} User
 * @typedef {(kind: string, user: User) => void} Ask
 */
export function UsersTable({ users, stale, sort, setSort, marks, open, ask }) {
  const now = useNow();
  return html`<div class="table-scroll"><table class=${`list-table pressable ${stale ? "stale" : ""}`}
    aria-busy=${!users || stale} data-testid="users-table">
    <caption class="visually-hidden">${t("users.title")}</caption>
    <thead><tr>${COLUMNS.map((column) => html`<${Head} key=${column.key} column=${column} sort=${sort}
      setSort=${setSort} />`)}</tr></thead>
    <tbody>${users
      ? users.map((user) => html`<${Row} key=${user.id} user=${user} mark=${marks[user.id]} now=${now} open=${open}
        ask=${ask} />`)
      : Array.from({ length: SKELETON_ROWS }, (_, index) => html`<tr key=${index} aria-hidden="true">
        ${COLUMNS.map(({ key, wide }) => html`<td key=${key} class=${wide ? "wide" : ""}>
          <span class="skeleton"></span></td>`)}</tr>`)}
    </tbody>
  </table></div>`;
}

/** @param {{ column: (typeof COLUMNS)[number], sort: string, setSort: (sort: string) => void }} props */
function Head({ column, sort, setSort }) {
  const { key, sortable, numeric, wide } = column;
  const classes = [numeric && "numeric", wide && "wide"].filter(Boolean).join(" ");
  if (!sortable) return html`<th scope="col" class=${classes}>${t(`userColumn.${key}`)}</th>`;
  const descending = sort === `-${key}`;
  const ascending = sort === key;
  const next = descending ? key : `-${key}`;
  return html`<th scope="col" class=${classes}
    aria-sort=${descending ? "descending" : ascending ? "ascending" : "none"}>
    <button type="button" class=${`sort ${descending || ascending ? "sorted" : ""}`} onClick=${() => setSort(next)}
      data-testid=${`sort-${key}`}>${t(`userColumn.${key}`)}
      <${Icon} name=${descending ? "down" : ascending ? "up" : "sort"} size=${14} /></button></th>`;
}

/**
 * @param {{ user: User, mark?: import("../../lib/live-list.js").Mark, now: number, open: (id: string) => void,
 * ask: Ask }} props
 */
function Row({ user, mark, now, open, ask }) {
  const gone = mark?.kind === "deleted";
  const region = regionText(user.province, user.city);
  const press = (/** @type {any} */ event) => event.target.closest("button, a") || gone || open(user.id);
  return html`<tr class=${[mark && `marked ${mark.kind}`, gone && "gone"].filter(Boolean).join(" ")} onClick=${press}
    data-testid=${`user-row-${user.id}`}>
    <td><div class="who"><${AccountPicture} src=${user.avatarFile || user.avatar} name=${user.nickname} seed=${user.id}
      size=${36} />
      <div class="who-text"><button type="button" class="link-button" disabled=${gone} onClick=${() => open(user.id)}>
        ${user.nickname || t("user.noNickname")}</button>
        <span class="muted numeric small-text">${user.hasPhone ? user.phone : t("user.noPhone")}</span></div>
      ${mark && html`<span class=${`mark ${mark.kind}`}>${t(`userMark.${mark.kind}`)}</span>`}</div></td>
    <td class="wide">${user.username || html`<span class="muted">—</span>`}</td>
    <td class="wide">${region || html`<span class="muted">${t("region.unknown")}</span>`}</td>
    <td><${StatusTag} status=${user.status} reason=${user.statusReason} /></td>
    <td class="wide numeric">${number(user.loginCount)}</td>
    <td title=${user.lastLoginAt ? dateTime(user.lastLoginAt) : undefined}>${relative(user.lastLoginAt, now)}</td>
    <td class="wide numeric-text" title=${dateTime(user.createdAt)}>${shortDateTime(user.createdAt)}</td>
    <td class="wide actions">${!gone && html`<${RowActions} user=${user} open=${open} ask=${ask} />`}</td>
  </tr>`;
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
