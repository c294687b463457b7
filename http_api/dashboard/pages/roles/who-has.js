// Which roles grant a permission, and how many people have them.
import { html, useState } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { roleText } from "../../lib/role-text.js";
import { number } from "../../lib/format.js";
import { hrefOf } from "../../lib/router.js";
import { Drawer } from "../../components/drawer.js";
import { TreeSearch, found } from "./tree.js";

/** @param {{ roles: Rest.RoleAnswer[], groups: Rest.PermissionGroup[], close: () => void }} props */
export function WhoHas({ roles, groups, close }) {
  const [text, setText] = useState("");
  return html`<${Drawer} label=${t("roles.whoHas")} close=${close} testId="drawer"
      title=${html`<h2>${t("roles.whoHas")}</h2>`}>
    <div class="drawer-content"><section><${TreeSearch} text=${text} setText=${setText} /></section>
      ${found(groups, text).map(({ key, label, permissions }) => html`<section key=${key}><h3>${label}</h3><dl>
        ${permissions.map((permission) => html`<div class="fact" key=${permission.key}>
          <dt title=${permission.key}>${permission.label}</dt>
          <dd>${holders(roles, permission.key).map((role) => html`<a key=${role.id} class="link"
            href=${hrefOf("staff", { role: role.code })}>${roleText(role.code, role.name)} (${number(role.usersCount)})</a>`)}</dd>
        </div>`)}</dl></section>`)}</div>
  <//>`;
}

/**
 * @param {Rest.RoleAnswer[]} roles
 * @param {string} key
 */
function holders(roles, key) {
  const all = `${key.split(":")[0]}:all`;
  return roles.filter(({ active, permissions }) => active
    && ["*", key, all].some((each) => permissions.includes(each)));
}
