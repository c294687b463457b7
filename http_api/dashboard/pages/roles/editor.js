// The form of a role. What was typed stays when the server refuses.
import { html, useState } from "../../lib/view.js";
import { call } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { roleText } from "../../lib/role-text.js";
import { Confirm } from "../../components/confirm.js";
import { toast } from "../../components/toast.js";
import { PermissionTree } from "./tree.js";

/**
 * @param {{ role: Rest.RoleAnswer | null, groups: Rest.PermissionGroup[], saved: () => void,
 *   close: () => void }} props
 */
export function RoleEditor({ role, groups, saved, close }) {
  const [name, setName] = useState(role ? roleText(role.code, role.name) : "");
  const [description, setDescription] = useState(role?.description ?? "");
  const [active, setActive] = useState(role?.active ?? true);
  const [chosen, setChosen] = useState(new Set(role?.permissions ?? []));

  async function work() {
    const own = role?.isSystem ? {} : { name, active }; // those of a system role never change
    const granted = role?.code === "admin" ? {} : { permissions: [...chosen] };
    const body = { ...own, ...granted, description, ...(role ? { version: role.version } : {}) };
    const { message } = role ? await call("PATCH", `/roles/${role.id}`, { body })
      : await call("POST", "/roles", { body });
    toast(message);
    saved();
  }

  return html`<${Confirm} wide title=${t(role ? "roles.editTitle" : "roles.create")} confirmLabel=${t("action.save")}
    work=${work} blocked=${!name.trim()} close=${close}>
    <label class="field"><span>${t("roles.name")}</span><input value=${name} maxlength="32" required
      disabled=${role?.isSystem} autofocus data-testid="role-name"
      onInput=${(/** @type {any} */ event) => setName(event.target.value)} /></label>
    <label class="field"><span>${t("roles.description")}</span><textarea rows="2" maxlength="200" value=${description}
      onInput=${(/** @type {any} */ event) => setDescription(event.target.value)}></textarea></label>
    ${role && !role.isSystem && html`<label class="check"><input type="checkbox" checked=${active}
      onChange=${() => setActive(!active)} />${t("roles.active")}</label>`}
    <p class="muted small-text">${t("roles.liveHint")}</p>
    <${PermissionTree} groups=${groups} chosen=${chosen} locked=${role?.code === "admin"} set=${setChosen} />
  <//>`;
}
