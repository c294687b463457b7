// The sign-in page.
import { html, useEffect, useState } from "../lib/view.js";
import { useSubmit } from "../lib/hooks.js";
import { t } from "../lib/i18n.js";
import { useStore } from "../lib/store.js";
import { session, signIn } from "../lib/session.js";
import { Button } from "./button.js";
import { Problem } from "./states.js";
import { Brand } from "./icons.js";
import { LanguageSwitch, ThemeSwitch } from "./switches.js";

export function Login() {
  const { ended } = useStore(session);
  const [wait, setWait] = useWait();
  const { problem, busy, submit } = useSubmit(async (typed) => {
    // Read here and not while typing: browsers that fill in a form do not always raise an input event.
    if (!wait) await signIn(typed("username").trim(), typed("password"));
  }, (error, form) => {
    if (error.status === 429) setWait(error.retryAfterSeconds ?? error.details?.retryAfterSeconds ?? 0);
    /** @type {HTMLInputElement} */ (form.elements.namedItem("password")).select();
  });

  return html`<main class="login">
    <div class="login-switches"><${LanguageSwitch} /><${ThemeSwitch} /></div>
    <form class="login-card" onSubmit=${submit} aria-labelledby="login-title">
      <${Brand} size=${44} />
      <h1 id="login-title">${t("app.name")}</h1>
      <p class="muted">${t("login.subtitle")}</p>
      ${ended && !problem && html`<p class="login-note" role="status">${t("login.ended")}</p>`}
      <label class="field"><span>${t("login.username")}</span>
        <input name="username" autocomplete="username" autocapitalize="none" spellcheck=${false} required
          maxlength="64" autofocus
          data-testid="login-username" /></label>
      <label class="field"><span>${t("login.password")}</span>
        <input name="password" type="password" autocomplete="current-password" required maxlength="128"
          data-testid="login-password" /></label>
      ${problem && html`<${Problem} error=${problem} />`}
      <${Button} type="submit" kind="primary" busy=${busy} disabled=${wait > 0} testId="login-submit"
        label=${wait > 0 ? waitText(wait) : t("login.submit")} />
    </form>
  </main>`;
}

/** @param {number} seconds */
function waitText(seconds) {
  return seconds > 90 ? t("login.waitMinutes", { n: Math.ceil(seconds / 60) }) : t("login.wait", { n: seconds });
}

/**
 * Seconds until the next attempt is allowed, counted down.
 * @returns {[number, (seconds: number) => void]}
 */
function useWait() {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    if (seconds <= 0) return undefined;
    const timer = setTimeout(() => setSeconds(seconds - 1), 1_000);
    return () => clearTimeout(timer);
  }, [seconds]);
  return [seconds, setSeconds];
}
