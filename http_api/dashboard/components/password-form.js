// The form that changes the reader's own password, and the page that asks for it before anything else.
import { html } from "../lib/view.js";
import { call } from "../lib/api.js";
import { useSubmit } from "../lib/hooks.js";
import { ApiError } from "../lib/http.js";
import { t } from "../lib/i18n.js";
import { reloadProfile, signOut } from "../lib/session.js";
import { Button } from "./button.js";
import { Brand } from "./icons.js";
import { Problem } from "./states.js";
import { toastError } from "./toast.js";

/** @param {{ done: () => void }} props */
export function PasswordForm({ done }) {
  const { problem, busy, submit } = useSubmit(async (typed, form) => {
    if (typed("fresh") !== typed("again")) throw new ApiError(t("account.passwordsDiffer"), { code: "" });
    const body = { currentPassword: typed("current"), newPassword: typed("fresh") };
    await call("POST", "/auth/change-password", { body });
    form.reset();
    done();
  });
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
