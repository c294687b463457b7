// The sign-in page.
import { html, useEffect, useRef, useState } from "./view.js";
import { t } from "./i18n.js";
import { useStore } from "./store.js";
import { session, signIn } from "./session.js";
import { Button } from "./components/button.js";
import { Problem } from "./components/states.js";
import { Brand } from "./components/icons.js";
import { LanguageSwitch, ThemeSwitch } from "./components/switches.js";

export function Login() {
  const { ended } = useStore(session);
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const [wait, setWait] = useWait();
  const passwordField = useRef(null);

  async function submit(event) {
    event.preventDefault();
    if (busy || wait) return;
    setBusy(true);
    setProblem(null);
    try {
      await signIn(username.trim(), password);
    } catch (error) {
      setProblem(error);
      setBusy(false);
      if (error.status === 429) setWait(error.retryAfterSeconds ?? error.details?.retryAfterSeconds ?? 0);
      passwordField.current?.select();
    }
  }

  return html`<main class="login">
    <div class="login-switches"><${LanguageSwitch} /><${ThemeSwitch} /></div>
    <form class="login-card" onSubmit=${submit} aria-labelledby="login-title">
      <${Brand} size=${44} />
      <h1 id="login-title">${t("app.name")}</h1>
      <p class="muted">${t("login.subtitle")}</p>
      ${ended && !problem && html`<p class="login-note" role="status">${t("login.ended")}</p>`}
      <label class="field"><span>${t("login.username")}</span>
        <input name="username" autocomplete="username" autocapitalize="none" spellcheck=${false} required maxlength="64" autofocus value=${username}
          onInput=${(event) => setUsername(event.target.value)} data-testid="login-username" /></label>
      <label class="field"><span>${t("login.password")}</span>
        <input ref=${passwordField} name="password" type="password" autocomplete="current-password" required maxlength="128" value=${password}
          onInput=${(event) => setPassword(event.target.value)} data-testid="login-password" /></label>
      ${problem && html`<${Problem} error=${problem} />`}
      <${Button} type="submit" kind="primary" busy=${busy} disabled=${wait > 0 || !username.trim() || !password} testId="login-submit"
        label=${wait > 0 ? t("login.wait", { n: wait }) : t("login.submit")} />
    </form>
  </main>`;
}

/** Seconds until another attempt is welcome, counted down. */
function useWait() {
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    if (seconds <= 0) return undefined;
    const timer = setTimeout(() => setSeconds(seconds - 1), 1_000);
    return () => clearTimeout(timer);
  }, [seconds]);
  return [seconds, setSeconds];
}
