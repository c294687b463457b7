// Staff accounts as a table.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { dateTime, relative } from "../../lib/format.js";
import { useNow } from "../../lib/hooks.js";
import { roleText } from "../../lib/role-text.js";
import { currentUser } from "../../lib/session.js";
import { AccountPicture } from "../../components/account-picture.js";
import { ListTable, Who } from "../../components/list-table.js";
import { Tag } from "../../components/tag.js";
import { statusOf } from "./query.js";

/** @typedef {Rest.StaffAnswer} Account */

/** @type {Record<string, string>} */
const KINDS = { active: "good", suspended: "warn", inactive: "neutral" };

/** @param {{ account: Account }} props */
export const StatusTag = ({ account }) => html`<${Tag} kind=${KINDS[statusOf(account)]}>
  ${t(`staffStatus.${statusOf(account)}`)}<//>`;

/**
 * `accounts` is null while they are read for the first time.
 * @param {{ accounts: Account[] | null, stale: boolean, marks: import("../../lib/live-list.js").Marks,
 *   open: (id: string) => void }} props
 */
export function StaffTable({ accounts, stale, marks, open }) {
  const now = useNow();
  /** @type {Omit<import("../../components/list-table.js").Column<Account>, "title">[]} */
  const columns = [
    { key: "name", cell: (account) => html`<${Name} account=${account} mark=${marks[account.id]} open=${open} />` },
    { key: "role", width: 128, from: "middle", cell: ({ role, roleLabel }) => roleText(role, roleLabel) },
    { key: "department", width: 144, from: "wide", cell: ({ department }) => department ?? "—" },
    { key: "phone", width: 136, from: "wide", cell: ({ phone }) => phone ?? "—" },
    { key: "status", width: 96, cell: (account) => html`<${StatusTag} account=${account} />` },
    { key: "lastLogin", width: 128, from: "middle", cell: ({ lastLoginAt }) => relative(lastLoginAt, now),
      hint: ({ lastLoginAt }) => (lastLoginAt ? dateTime(lastLoginAt) : undefined) },
  ];
  return html`<${ListTable} label=${t("staff.title")} rows=${accounts} stale=${stale} marks=${marks} open=${open}
    columns=${columns.map((column) => ({ ...column, title: t(`staffField.${column.key}`) }))} testId="staff-table"
    rowTestId=${(/** @type {Account} */ { username }) => `staff-row-${username}`} />`;
}

/** @param {{ account: Account, mark?: import("../../lib/live-list.js").Mark, open: (id: string) => void }} props */
function Name({ account, mark, open }) {
  const { id, name, username, avatar } = account;
  return html`<${Who} picture=${html`<${AccountPicture} src=${avatar} name=${name} seed=${id} size=${36} />`}
    name=${html`<span class="with-tag"><button type="button" class="link-button" onClick=${() => open(id)}>
      ${name}</button>${id === currentUser().id && html`<${Tag}>${t("staff.you")}<//>`}</span>`}
    more=${username} mark=${mark} markText=${mark && t(`staffMark.${mark.kind}`)} />`;
}
