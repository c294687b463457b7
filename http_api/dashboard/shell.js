// The frame around every page: side menu by permission, top bar, and the live connection that lasts as long as the
// session.
import { html, useEffect, useState } from "./lib/view.js";
import { t } from "./lib/i18n.js";
import { useStore } from "./lib/store.js";
import { can, session, signOut } from "./lib/session.js";
import { hrefOf, route } from "./lib/router.js";
import { startLive, stopLive, useNamespace } from "./lib/live.js";
import { Overview } from "./pages/overview/overview.js";
import { Users } from "./pages/users/users.js";
import { Contracts } from "./pages/contracts/contracts.js";
import { Interviews } from "./pages/interviews/interviews.js";
import { Connections } from "./pages/connections/connections.js";
import { Avatar } from "./components/avatar.js";
import { ConnectionState } from "./components/connection-state.js";
import { Brand, Icon } from "./components/icons.js";
import { Menu } from "./components/menu.js";
import { QuickFind } from "./components/quick-find.js";
import { Empty } from "./components/states.js";
import { LanguageSwitch, ThemeSwitch } from "./components/switches.js";
import { toast } from "./components/toast.js";

/** One row a page: its name in the address, the permission it needs, and what draws it. */
const PAGES = [
  { name: "overview", permission: "miniprogram-user:statistics", Page: Overview },
  { name: "users", permission: "miniprogram-user:view", Page: Users },
  { name: "contracts", permission: "contract:view", Page: Contracts },
  { name: "interviews", permission: "interview:view", Page: Interviews },
  { name: "connections", permission: "connection:view", Page: Connections },
];

export function Shell() {
  const { user } = useStore(session);
  const { page: named } = useStore(route);
  const [menuOpen, setMenuOpen] = useState(false);
  const allowed = PAGES.filter((page) => can(page.permission));
  const page = allowed.find(({ name }) => name === named) ?? (named === "overview" ? allowed[0] : undefined);

  useEffect(() => {
    startLive();
    return stopLive;
  }, [user.id]);
  // Held open on every page, so that the word in the top bar is true and nothing is missed between two pages.
  useNamespace("/statistics", {}, can("miniprogram-user:statistics"));
  useNamespace("/users", {}, can("miniprogram-user:view"));
  useNamespace("/contracts", {}, can("contract:view"));
  useNamespace("/interviews", {}, can("interview:view"));
  useEffect(() => {
    setMenuOpen(false);
    document.title = page ? `${t(`nav.${page.name}`)} · ${t("app.name")}` : t("app.name");
  }, [page, t("app.name")]);
  useEscape(menuOpen, () => setMenuOpen(false));

  return html`<div class=${`shell ${menuOpen ? "menu-open" : ""}`}>
    <a class="skip" href="#content" onClick=${skipToContent}>${t("shell.skip")}</a>
    <aside class="side" id="side-menu">
      <a class="brand" href=${hrefOf("overview")}><${Brand} /><span>${t("app.name")}</span></a>
      <nav aria-label=${t("shell.menu")}>
        ${allowed.map(({ name }) => html`<a key=${name} class="nav-link" href=${hrefOf(name)}
          aria-current=${page?.name === name ? "page" : undefined}
          onClick=${() => setMenuOpen(false)} data-testid=${`nav-${name}`}>
          <${Icon} name=${name} /><span>${t(`nav.${name}`)}</span></a>`)}
      </nav>
    </aside>
    <div class="scrim" onClick=${() => setMenuOpen(false)}></div>
    <header class="top">
      <button type="button" class="switch menu-button" aria-label=${t("shell.menu")} aria-expanded=${menuOpen}
        aria-controls="side-menu" data-testid="menu-button"
        onClick=${() => setMenuOpen(!menuOpen)}><${Icon} name="menu" size=${20} /></button>
      ${can("miniprogram-user:view") && html`<${QuickFind} />`}
      <div class="top-end"><${ConnectionState} /><${LanguageSwitch} /><${ThemeSwitch} />
        <${Profile} user=${user} /></div>
    </header>
    <main class="content" id="content" tabindex="-1">${page ? html`<${page.Page} key=${page.name} />`
      : html`<${Elsewhere} allowed=${allowed} />`}</main>
  </div>`;
}

function Elsewhere({ allowed }) {
  const hint = t(allowed.length ? "shell.notFoundHint" : "shell.noPagesHint");
  return html`<${Empty} title=${t(allowed.length ? "shell.notFound" : "shell.noPages")} hint=${hint} />`;
}

function Profile({ user }) {
  const trigger = html`<${Avatar} src=${user.avatar} name=${user.name || user.username} seed=${user.id} size=${30} />`;
  return html`<${Menu} label=${t("shell.profile")} trigger=${trigger} testId="profile-menu">${(close) => html`
    <div class="profile-head"><strong>${user.name || user.username}</strong>
      <span class="muted">${user.username} · ${roleName(user)}</span></div>
    <button type="button" class="menu-item" onClick=${() => { close(); leave(); }} data-testid="logout">
      <${Icon} name="logout" />${t("shell.logout")}</button>`}<//>`;
}

async function leave() {
  try {
    await signOut();
  } catch (error) {
    toast(t("shell.stillSignedIn", { problem: error.message, code: error.code ?? t("error.unknown") }), "failed");
  }
}

/** Roles that the catalogue does not know show what the server calls them. */
function roleName({ role, roleLabel }) {
  const name = t(`role.${role}`);
  return name === `role.${role}` ? (roleLabel ?? role) : name;
}

function useEscape(active, work) {
  useEffect(() => {
    if (!active) return undefined;
    const escape = (event) => event.key === "Escape" && work();
    document.addEventListener("keydown", escape);
    return () => document.removeEventListener("keydown", escape);
  }, [active]);
}

function skipToContent(event) {
  event.preventDefault(); // the part of the address behind # belongs to the router
  document.getElementById("content").focus();
}
