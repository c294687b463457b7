// Starts the dashboard: language and catalogue, session, then the page that the address names.
import { html, render, useErrorBoundary } from "./lib/view.js";
import { loadCatalogue } from "./lib/catalogue.js";
import { startLanguage, t } from "./lib/i18n.js";
import { useStore } from "./lib/store.js";
import { session, start } from "./lib/session.js";
import { useLanguage } from "./lib/hooks.js";
import { Login } from "./components/login.js";
import { PasswordPage } from "./components/password-form.js";
import { Shell } from "./shell.js";
import { Failure } from "./components/states.js";
import { Toasts } from "./components/toast.js";
import { Brand } from "./components/icons.js";

const RETRY_START_MS = 5_000;

function App() {
  useLanguage(); // a new language draws everything again
  const { status } = useStore(session);
  const [error, resetError] = useErrorBoundary((caught) => console.error(caught));
  if (error) return html`<main class="splash"><${Failure} error=${{ message: t("error.page"), code: error.message }}
    retry=${resetError} /></main>`;
  return html`${status === "signedIn" ? (session.get().user?.mustChangePassword ? html`<${PasswordPage} />` : html`<${Shell} />`) : status === "anonymous" ? html`<${Login} />`
    : html`<${Splash} />`}<${Toasts} />`;
}

function Splash() {
  const { unreachable } = useStore(session);
  return html`<main class="splash" aria-busy="true"><${Brand} size=${48} />
    <p class="muted">${t(unreachable ? "error.unreachable" : "state.loading")}</p></main>`;
}

/** Retries until the server answers: a wall display may be switched on before it. */
async function startSession() {
  try {
    await start();
  } catch {
    session.patch({ unreachable: true });
    setTimeout(startSession, RETRY_START_MS);
  }
}

await Promise.all([startLanguage(), loadCatalogue()]);
const root = /** @type {HTMLElement} */ (document.getElementById("app"));
root.textContent = "";
render(html`<${App} />`, root);
await startSession();
