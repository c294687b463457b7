// The roles and what they grant; the permissions as a tree with search, and who has each of them.
import { html, useState } from "../../lib/view.js";
import { call, get } from "../../lib/api.js";
import { language, t } from "../../lib/i18n.js";
import { number } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { useNamespace } from "../../lib/live.js";
import { roleText } from "../../lib/role-text.js";
import { hrefOf } from "../../lib/router.js";
import { useStore } from "../../lib/store.js";
import { Button } from "../../components/button.js";
import { Confirm } from "../../components/confirm.js";
import { ListTable, Who } from "../../components/list-table.js";
import { Failure, Skeleton } from "../../components/states.js";
import { Tag } from "../../components/tag.js";
import { toast } from "../../components/toast.js";
import { RoleEditor } from "./editor.js";
import { WhoHas } from "./who-has.js";

/**
 * @typedef {Rest.RoleAnswer} Role
 * @typedef {Rest.PermissionGroup} Group
 */

export function Roles() {
  /** @type {import("../../lib/hooks.js").Resource<Role[]>} */
  const list = useResource("roles", (signal) => get("/roles", {}, signal));
  /** @type {import("../../lib/hooks.js").Resource<Group[]>} */
  const groups = useResource(`catalogue ${useStore(language)}`, (signal) => get("/permissions/catalog", {}, signal));
  const [edited, setEdited] = useState(/** @type {Role | "new" | null} */ (null));
  const [deleted, setDeleted] = useState(/** @type {Role | null} */ (null));
  const [asking, setAsking] = useState(false);
  useNamespace("/staff", { changed: list.reload, gap: list.reload });
  const { data, error } = list;

  async function remove() {
    const { message } = await call("DELETE", `/roles/${deleted?.id}`);
    toast(message);
    list.reload();
  }

  return html`<div class="page">
    <div class="page-head"><div><h1>${t("roles.title")}</h1><p class="muted">
      ${data ? t("roles.count", { n: number(data.length) }) : t("state.loading")}</p></div>
      <span class="row-actions"><${Button} icon="search" label=${t("roles.whoHas")} disabled=${!groups.data}
        action=${() => setAsking(true)} testId="who-has" />
      <${Button} icon="plus" kind="primary" label=${t("roles.create")} action=${() => setEdited("new")}
        disabled=${!groups.data} testId="role-create" /></span></div>
    <section class="panel list-panel">
      ${error && !data ? html`<${Failure} error=${error} retry=${list.reload} />`
        : !data ? html`<div class="panel-body"><${Skeleton} lines=${6} /></div>`
        : html`<${Table} roles=${data} edit=${setEdited} remove=${setDeleted} />`}
    </section>
    ${edited && groups.data && html`<${RoleEditor} role=${edited === "new" ? null : edited} groups=${groups.data}
      saved=${list.reload} close=${() => setEdited(null)} />`}
    ${deleted && html`<${Confirm} title=${t("roles.deleteTitle", { name: roleText(deleted.code, deleted.name) })} danger
      confirmLabel=${t("roles.delete")} work=${remove} close=${() => setDeleted(null)} />`}
    ${asking && data && groups.data && html`<${WhoHas} roles=${data} groups=${groups.data}
      close=${() => setAsking(false)} />`}
  </div>`;
}

/** @param {{ roles: Role[], edit: (role: Role) => void, remove: (role: Role) => void }} props */
function Table({ roles, edit, remove }) {
  /** @type {import("../../components/list-table.js").Column<Role>[]} */
  const columns = [
    { key: "name", title: t("roles.name"), cell: (role) => html`<${Who} more=${role.code}
      name=${html`<span class="with-tag"><span class="name">${roleText(role.code, role.name)}</span>
        ${role.isSystem && html`<${Tag}>${t("roles.system")}<//>`}
        ${!role.active && html`<${Tag} kind="warn">${t("roles.disabled")}<//>`}</span>`} />` },
    { key: "description", title: t("roles.description"), width: 280, from: "wide",
      cell: ({ description }) => description || "—" },
    { key: "permissions", title: t("roles.permissions"), width: 96, from: "middle",
      cell: ({ permissions }) => (permissions.includes("*") ? t("roles.everything") : number(permissions.length)) },
    { key: "members", title: t("roles.members"), width: 88, cell: ({ code, usersCount }) => html`<a class="row-link"
      href=${hrefOf("staff", { role: code })}>${t("roles.people", { n: number(usersCount) })}</a>` },
    { key: "actions", title: t("column.actions"), width: 152, from: "middle", actions: true,
      cell: (role) => html`<span class="row-actions"><${Button} small kind="ghost" label=${t("roles.edit")}
        action=${() => { edit(role); }} testId=${`role-edit-${role.code}`} />
        ${!role.isSystem && html`<${Button} small kind="ghost danger-text" label=${t("roles.delete")}
          disabled=${role.usersCount > 0} title=${role.usersCount > 0 ? t("roles.inUse") : undefined}
          action=${() => { remove(role); }} />`}</span>` },
  ];
  return html`<${ListTable} label=${t("roles.title")} columns=${columns} rows=${roles} testId="roles-table"
    rowTestId=${(/** @type {Role} */ { code }) => `role-row-${code}`} />`;
}
