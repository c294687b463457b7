// Starts the interview page: language and session, then the entrance or what comes before it, the lobby,
// the room or its end.
import { html, render, useEffect, useErrorBoundary } from "../../lib/view.js";
import { startLanguage, t } from "../../lib/i18n.js";
import { useStore } from "../../lib/store.js";
import { useLanguage } from "../../lib/hooks.js";
import { session, start } from "../../lib/session.js";
import { Login } from "../../components/login.js";
import { Failure } from "../../components/states.js";
import { Toasts } from "../../components/toast.js";
import { admission, ask } from "./admission.js";
import { call } from "./call.js";
import { Entrance } from "./entrance.js";
import { isGuest } from "./identity.js";
import { Early, Lobby, Over } from "./outside.js";
import { Room } from "./room.js";

const RETRY_START_MS = 5_000;

function App() {
  useLanguage();
  const { place, room } = useStore(call);
  const { place: admitted } = useStore(admission);
  const { status } = useStore(session);
  const known = isGuest() || status === "signedIn";
  const [error, resetError] = useErrorBoundary((caught) => console.error(caught));
  useEffect(() => { if (known) ask(); }, [known]);
  useEffect(() => {
    document.title = room ? `${room.roomName} · ${t("call.title")}` : t("call.title");
  });
  if (error) return html`<main class="splash"><${Failure} error=${{ message: t("error.page"), code: error.message }}
    retry=${resetError} /></main>`;
  return html`${page(place === "entrance" && admitted !== "open" ? "early" : place, status)}<${Toasts} />`;
}

/**
 * @param {string} place
 * @param {string} status
 */
function page(place, status) {
  if (!isGuest() && status === "starting") return html`<main class="splash"
    aria-busy="true">${t("state.loading")}</main>`;
  if (!isGuest() && status === "anonymous") return html`<${Login} />`;
  if (place === "inside") return html`<${Room} />`;
  if (place === "lobby") return html`<${Lobby} />`;
  if (place === "early") return html`<${Early} />`;
  if (place === "over") return html`<${Over} />`;
  return html`<${Entrance} />`;
}

async function startSession() {
  try {
    await start();
  } catch {
    setTimeout(startSession, RETRY_START_MS);
  }
}

await startLanguage();
const root = /** @type {HTMLElement} */ (document.getElementById("app"));
root.textContent = "";
render(html`<${App} />`, root);
if (!isGuest()) await startSession();
