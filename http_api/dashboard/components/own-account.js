// The reader's own account: profile, password, and the devices that are signed in.
import { html, useState } from "../lib/view.js";
import { call, get } from "../lib/api.js";
import { t } from "../lib/i18n.js";
import { dateTime } from "../lib/format.js";
import { useResource, useSubmit } from "../lib/hooks.js";
import { currentUser, session } from "../lib/session.js";
import { Button } from "./button.js";
import { Drawer } from "./drawer.js";
import { PasswordForm } from "./password-form.js";
import { Failure, Problem, Skeleton } from "./states.js";
import { Tag } from "./tag.js";
import { toast, toastError } from "./toast.js";

/** @param {{ close: () => void }} props */
export function OwnAccount({ close }) {
  /** @type {import("../lib/hooks.js").Resource<Rest.OwnSession[]>} */
  const sessions = useResource("own sessions", (signal) => get("/auth/sessions", {}, signal));
  return html`<${Drawer} label=${t("account.title")} close=${close} testId="own-account"
      title=${html`<h2>${t("account.title")}</h2><p class="muted small-text">${currentUser().username}</p>`}>
    <div class="drawer-content">
      <section><h3>${t("account.profile")}</h3><${Profile} /></section>
      <section><h3>${t("account.password")}</h3>
        <${PasswordForm} done=${() => { toast(t("account.passwordDone")); sessions.reload(); }} /></section>
      <section><h3>${t("account.sessions")}</h3><${Sessions} sessions=${sessions} /></section>
    </div>
  <//>`;
}

function Profile() {
  const user = currentUser();
  const [form, setForm] = useState({ name: user.name, phone: user.phone ?? "", email: user.email ?? "" });
  const { problem, busy, submit } = useSubmit(async () => {
    const { data, message } = await call("PATCH", "/auth/me", { body: form });
    session.patch({ user: data });
    toast(message);
  });
  /** @param {"name" | "phone" | "email"} name @param {string} type */
  const field = (name, type) => html`<label class="field"><span>${t(`account.${name}`)}</span>
    <input type=${type} value=${form[name]} maxlength=${name === "name" ? 32 : 120} required=${name === "name"}
      onInput=${(/** @type {any} */ event) => setForm({ ...form, [name]: event.target.value })}
      data-testid=${`own-${name}`} /></label>`;
  return html`<form class="edit-form" onSubmit=${submit}>
    ${field("name", "text")}${field("phone", "tel")}${field("email", "email")}
    ${problem && html`<${Problem} error=${problem} />`}
    <div class="form-actions"><${Button} type="submit" kind="primary" label=${t("action.save")} busy=${busy}
      testId="own-save" /></div>
  </form>`;
}

/** @param {{ sessions: import("../lib/hooks.js").Resource<Rest.OwnSession[]> }} props */
function Sessions({ sessions }) {
  const { data, error, reload } = sessions;
  if (!data) return error ? html`<${Failure} error=${error} retry=${reload} />` : html`<${Skeleton} lines=${3} />`;
  /** @param {string} id */
  const end = (id) => call("DELETE", `/auth/sessions/${id}`).then(({ message }) => {
    toast(message);
    reload();
  }, toastError);
  return html`<ul>${data.map((each) => html`<li key=${each.id} class="session">
    <div><span class="agent" title=${each.userAgent}>${each.userAgent || t("account.unknownDevice")}</span>
      <span class="muted small-text">${each.address || "—"} · ${dateTime(each.usedAt)}</span></div>
    ${each.current ? html`<${Tag} kind="good">${t("account.thisDevice")}<//>`
      : html`<${Button} small kind="ghost danger-text" label=${t("account.endSession")} action=${() => end(each.id)}
        testId="end-session" />`}</li>`)}</ul>`;
}
