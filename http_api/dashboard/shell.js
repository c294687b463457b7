// The frame around every page: side menu by permission, top bar, and the live connection that lasts as long as the
// session.
import { html, useEffect, useState } from "./lib/view.js";
import { ApiError } from "./lib/http.js";
import { t } from "./lib/i18n.js";
import { useStore } from "./lib/store.js";
import { can, currentUser, reloadProfile, renew, session, signOut } from "./lib/session.js";
import { hrefOf, route } from "./lib/router.js";
import { useResource } from "./lib/hooks.js";
import { startLive, stopLive, useNamespace } from "./lib/live.js";
import { pages } from "./pages/index.js";
import { Bell, DocumentTitle } from "./pages/notifications/bell.js";
import { AccountPicture, PictureDialog } from "./components/account-picture.js";
import { ConnectionState } from "./components/connection-state.js";
import { DiskBanner } from "./components/disk-banner.js";
import { GlobalSearch } from "./components/global-search.js";
import { Brand, Icon } from "./components/icons.js";
import { Menu } from "./components/menu.js";
import { OwnAccount } from "./components/own-account.js";
import { Empty, Failure, Skeleton } from "./components/states.js";
import { LanguageSwitch, ThemeSwitch } from "./components/switches.js";
import { toast } from "./components/toast.js";

export function Shell() {
  useStore(session);
  const user = currentUser();
  const { page: named } = useStore(route);
  const [menuOpen, setMenuOpen] = useState(false);
  const allowed = pages.filter(({ permission }) => can(permission));
  const page = named ? allowed.find(({ name }) => name === named) : startOf(allowed, user.role);
  const title = page ? `${t(`${page.name}.title`)} · ${t("app.name")}` : t("app.name");

  useEffect(() => {
    startLive();
    return stopLive;
  }, [user.id]);
  // Open on every page: the connection state in the top bar stays true, and no event is missed between two pages.
  for (const { namespace, permission } of pages) useNamespace(namespace, {}, namespace !== null && can(permission));
  useNamespace("/account", { accessChanged: followAccess, gap: followAccess });
  useEffect(() => {
    setMenuOpen(false);
  }, [page]);
  useEscape(menuOpen, () => setMenuOpen(false));
  useSearchKey();

  return html`<${DocumentTitle} text=${title} />
  <div class=${`shell ${menuOpen ? "menu-open" : ""}`}>
    <a class="skip" href="#content" onClick=${skipToContent}>${t("shell.skip")}</a>
    <aside class="side" id="side-menu">
      <a class="brand" href=${hrefOf("")}><${Brand} /><span>${t("app.name")}</span></a>
      <nav aria-label=${t("shell.menu")}>
        ${allowed.map(({ name, icon }) => html`<a key=${name} class="nav-link" href=${hrefOf(name)}
          aria-current=${page?.name === name ? "page" : undefined}
          onClick=${() => setMenuOpen(false)} data-testid=${`nav-${name}`}>
          <${Icon} path=${icon} /><span>${t(`${name}.title`)}</span></a>`)}
      </nav>
    </aside>
    <div class="scrim" onClick=${() => setMenuOpen(false)}></div>
    <header class="top">
      <button type="button" class="switch menu-button" aria-label=${t("shell.menu")} aria-expanded=${menuOpen}
        aria-controls="side-menu" data-testid="menu-button"
        onClick=${() => setMenuOpen(!menuOpen)}><${Icon} name="menu" size=${20} /></button>
      <${GlobalSearch} pages=${allowed.filter(({ found }) => found)} />
      <div class="top-end"><${ConnectionState} /><${Bell} /><${LanguageSwitch} /><${ThemeSwitch} />
        <${Profile} user=${user} /></div>
    </header>
    <main class="content" id="content" tabindex="-1"><${DiskBanner} />
      ${"demonstration" in document.documentElement.dataset
        && html`<p class="demonstration" data-testid="demonstration">${t("shell.demonstration")}</p>`}
      ${page ? html`<${View} key=${page.name} page=${page} shown=${() => prefetch(allowed)} />`
      : html`<${Empty} title=${t("shell.notFound")} hint=${t("shell.notFoundHint")} />`}</main>
  </div>`;
}

/**
 * The page without a name in the address.
 * @param {Page[]} allowed
 * @param {string} role
 * @returns {Page | undefined}
 */
const startOf = (allowed, role) => allowed.find(({ startsFor }) => startsFor?.includes(role)) ?? allowed[0];

/**
 * The modules of a page are fetched when it is first opened.
 * @param {{ page: Page, shown: () => void }} props
 * @typedef {import("./pages/index.js").Page} Page
 */
function View({ page, shown }) {
  const loaded = useResource(page.name, () => page.load().catch(notFetched));
  useEffect(() => { if (loaded.data) shown(); }, [loaded.data]);
  if (loaded.data) return html`<${loaded.data} />`;
  return loaded.error ? html`<${Failure} error=${loaded.error} retry=${loaded.reload} />`
    : html`<${Skeleton} lines=${6} />`;
}

/** @returns {never} */
function notFetched() {
  throw new ApiError(t("error.network"), { code: "NETWORK" });
}

/**
 * Fetches the other pages when the first one is shown and the browser is idle, so that a switch is quick.
 * @param {Page[]} allowed
 */
function prefetch(allowed) {
  const fetchAll = () => { for (const { load } of allowed) load().catch(() => undefined); };
  if (window.requestIdleCallback) window.requestIdleCallback(fetchAll);
  else setTimeout(fetchAll, 1_000); // Safari
}

/** A failed reading is made up for by the next one; an ended session shows itself in the connection. */
const followAccess = () => reloadProfile().catch((error) => { if (error.status === 401) renew().catch(() => null); });

/** @param {{ user: Rest.StaffProfile }} props */
function Profile({ user }) {
  const [changing, setChanging] = useState(false);
  const [opened, setOpened] = useState(false);
  const name = user.name || user.username;
  const trigger = html`<${AccountPicture} src=${user.avatar} name=${name} seed=${user.id} size=${30} />`;
  /** @param {string} avatar */
  const changed = (avatar) => session.set({ ...session.get(), user: { ...user, avatar } });
  return html`<${Menu} label=${t("shell.profile")} trigger=${trigger}
    testId="profile-menu">${(/** @type {() => void} */ close) => html`
    <div class="profile-head"><strong>${name}</strong>
      <span class="muted">${user.username} · ${roleName(user)}</span></div>
    <button type="button" class="menu-item" onClick=${() => { close(); setChanging(true); }}
      data-testid="change-picture"><${Icon} name="person" />${t("picture.change")}</button>
    <button type="button" class="menu-item" onClick=${() => { close(); setOpened(true); }}
      data-testid="open-account"><${Icon} name="settings" />${t("account.title")}</button>
    <button type="button" class="menu-item" onClick=${() => { close(); leave(); }} data-testid="logout">
      <${Icon} name="logout" />${t("shell.logout")}</button>`}<//>
    ${opened && html`<${OwnAccount} close=${() => setOpened(false)} />`}
    ${changing && html`<${PictureDialog} src=${user.avatar} name=${name} seed=${user.id} area="staff"
      done=${changed} close=${() => setChanging(false)} />`}`;
}

async function leave() {
  try {
    await signOut();
  } catch (error) {
    toast(t("shell.stillSignedIn", { problem: error.message, code: error.code ?? t("error.unknown") }), "failed");
  }
}

/**
 * A role without a text is shown as the server calls it.
 * @param {Rest.StaffProfile} user
 */
function roleName({ role, roleLabel }) {
  const name = t(`role.${role}`);
  return name === `role.${role}` ? (roleLabel ?? role) : name;
}

/**
 * @param {boolean} active
 * @param {() => void} work
 */
function useEscape(active, work) {
  useEffect(() => {
    if (!active) return undefined;
    /** @param {KeyboardEvent} event */
    const escape = (event) => { if (event.key === "Escape") work(); };
    document.addEventListener("keydown", escape);
    return () => document.removeEventListener("keydown", escape);
  }, [active]);
}

/** `/` focuses the search in the top bar; not while the reader types or a dialog is open. */
function useSearchKey() {
  useEffect(() => {
    /** @param {KeyboardEvent} event */
    const slash = (event) => {
      const target = /** @type {Element} */ (event.target);
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (target.closest("input, textarea, select") || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      /** @type {HTMLElement | null} */ (document.querySelector(".top [type=search]"))?.focus();
    };
    document.addEventListener("keydown", slash);
    return () => document.removeEventListener("keydown", slash);
  }, []);
}

/** @param {Event} event */
function skipToContent(event) {
  event.preventDefault(); // the part of the address behind # belongs to the router
  document.getElementById("content")?.focus();
}
