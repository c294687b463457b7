// The form that changes the reader's own password, and the page that asks for it before anything else.
import { html, useState } from "../lib/view.js";
import { call } from "../lib/api.js";
import { t } from "../lib/i18n.js";
import { reloadProfile, signOut } from "../lib/session.js";
import { Button } from "./button.js";
import { Brand } from "./icons.js";
import { Problem } from "./states.js";
import { toastError } from "./toast.js";

/** @param {{ done: () => void }} props */
export function PasswordForm({ done }) {
  const [problem, setProblem] = useState(/** @type {import("./states.js").ShownError | null} */ (null));
  const [busy, setBusy] = useState(false);

  /** @param {any} event */
  async function submit(event) {
    event.preventDefault();
    const form = event.target;
    const { current, fresh, again } = form.elements;
    if (fresh.value !== again.value) {
      return setProblem({ message: t("account.passwordsDiffer"), code: "" });
    }
    setBusy(true);
    setProblem(null);
    try {
      await call("POST", "/auth/change-password", {
        body: { currentPassword: current.value, newPassword: fresh.value },
      });
      form.reset();
      done();
    } catch (error) {
      setProblem(error);
    }
    return setBusy(false);
  }
  /** @param {string} name @param {string} text @param {string} complete */
  const field = (name, text, complete) => html`<label class="field"><span>${t(text)}</span>
    <input name=${name} type="password" autocomplete=${complete} required maxlength="64"
      minlength=${name === "current" ? 1 : 8} data-testid=${`password-${name}`} /></label>`;
  return html`<form class="edit-form" onSubmit=${submit}>
    ${field("current", "account.currentPassword", "current-password")}
    ${field("fresh", "account.newPassword", "new-password")}
    ${field("again", "account.again", "new-password")}
    ${problem && html`<${Problem} error=${problem} />`}
    <div class="form-actions"><${Button} type="submit" kind="primary" label=${t("account.changePassword")}
      busy=${busy} testId="password-save" /></div>
  </form>`;
}

/** For an account whose password was given by an administrator. */
export function PasswordPage() {
  return html`<main class="login"><div class="login-card" data-testid="must-change-password"><${Brand} size=${44} />
    <h1>${t("account.mustChange")}</h1><p class="muted">${t("account.mustChangeHint")}</p>
    <${PasswordForm} done=${() => reloadProfile().catch(toastError)} />
    <${Button} kind="ghost" label=${t("shell.logout")} action=${() => signOut().catch(toastError)} /></div></main>`;
}
