// The form of a staff account, new or known. What was typed stays when the server refuses.
import { html, useState } from "../../lib/view.js";
import { call } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { roleText } from "../../lib/role-text.js";
import { Confirm } from "../../components/confirm.js";
import { Select } from "../../components/select.js";
import { toast } from "../../components/toast.js";

/** @typedef {Rest.StaffAnswer} Account */
const FIELDS = ["username", "password", "name", "phone", "email", "role", "departmentId", "monthlyTask"];

/**
 * @param {{ account?: Account, choices: import("./staff.js").Choices, saved: (account: Account) => void,
 *   close: () => void }} props
 */
export function StaffForm({ account, choices, saved, close }) {
  /** @type {Record<string, any>} */
  const known = account ?? { role: "employee" };
  const [form, setForm] = useState(/** @type {Record<string, string>} */ (
    Object.fromEntries(FIELDS.map((name) => [name, String(known[name] ?? "")]))));
  const set = (/** @type {string} */ name) => (/** @type {string} */ value) =>
    setForm((typed) => ({ ...typed, [name]: value }));
  const changed = FIELDS.filter((name) => form[name] !== String(known[name] ?? ""));
  const ready = account ? changed.length > 0 : form.username && form.password && form.name;

  async function work() {
    const names = account ? changed : FIELDS.filter((name) => form[name]);
    const values = Object.fromEntries(names.filter((name) => name !== "monthlyTask" || form[name])
      .map((name) => [name, name === "monthlyTask" ? Number(form[name]) : form[name]]));
    const { data, message } = account
      ? await call("PATCH", `/users/${account.id}`, { body: { ...values, version: account.version } })
      : await call("POST", "/users", { body: values });
    toast(message);
    saved(data);
  }

  const roles = choices.roles.some(({ code }) => code === form.role) ? choices.roles
    : [...choices.roles, { code: form.role, name: account?.roleLabel ?? form.role }];
  return html`<${Confirm} wide title=${t(account ? "staff.editTitle" : "staff.create")}
    confirmLabel=${t("action.save")} work=${work} blocked=${!ready} close=${close}>
    <div class="form-grid">
      ${!account && html`<${Field} name="username" form=${form} set=${set} minlength="3" maxlength="64" autofocus
          autocomplete="off" required />
        <${Field} name="password" type="password" form=${form} set=${set} minlength="8" maxlength="64"
          autocomplete="new-password" hint=${t("staff.passwordHint")} required />`}
      <${Field} name="name" form=${form} set=${set} maxlength="32" required />
      <${Field} name="phone" form=${form} set=${set} type="tel" maxlength="20" />
      <${Field} name="email" form=${form} set=${set} type="email" maxlength="120" />
      <label class="field"><span>${t("staffField.role")}</span>
        <${Select} label=${t("staffField.role")} value=${form.role} choose=${set("role")} data-testid="staff-role"
          options=${roles.map(({ code, name }) => [code, roleText(code, name)])} /></label>
      <label class="field"><span>${t("staffField.department")}</span>
        <${Select} label=${t("staffField.department")} value=${form.departmentId} choose=${set("departmentId")}
          options=${[["", t("staff.noDepartment")], ...choices.departments.map(({ id, name }) => [id, name])]}
          data-testid="staff-department" /></label>
      <${Field} name="monthlyTask" form=${form} set=${set} type="number" min="0" max="100000" />
    </div>
  <//>`;
}

/**
 * @param {{ name: string, form: Record<string, string>, set: (name: string) => (value: string) => void, hint?: string,
 *   [attribute: string]: unknown }} props
 */
function Field({ name, form, set, hint, ...attributes }) {
  return html`<label class="field"><span>${t(`staffField.${name}`)}</span>
    <input value=${form[name]} onInput=${(/** @type {any} */ event) => set(name)(event.target.value)} ...${attributes}
      data-testid=${`staff-${name}`} />
    ${hint && html`<small class="muted small-text">${hint}</small>`}</label>`;
}
