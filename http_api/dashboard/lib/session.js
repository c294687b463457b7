// The signed-in staff member. The access token stays in this module's memory; the refresh token is in a cookie that
// no script can read.
import { recall, remember } from "./storage.js";
import { createStore } from "./store.js";
import { sendForEnvelope } from "./http.js";

const HINT = "dashboard.signedIn"; // not a secret: it saves a request that would be refused on a first visit
const RENEW_AT = 0.75; // of the token's life
const RETRY_MS = 5_000;

/** @type {string | null} */
let token = null;
let expiresAt = 0;
/** @type {number | undefined} */
let timer;
/** @type {Promise<string> | null} */
let renewing = null;
/** @type {Set<(token: string) => void>} */
const renewalWatchers = new Set();

/**
 * `ended`: the session ended without a sign-out. `unreachable`: the server did not answer when the page started.
 * @typedef {{ status: "starting" | "anonymous" | "signedIn", user: Rest.StaffProfile | null, ended: boolean,
 *   unreachable?: boolean }} Session
 */

export const session = createStore(/** @type {Session} */ ({ status: "starting", user: null, ended: false }));

/** The staff member, for components that are drawn only after signing in. */
export const currentUser = () => /** @type {Rest.StaffProfile} */ (session.get().user);

export const accessToken = () => token;
export const accessTokenExpired = () => Date.now() > expiresAt - 2_000;

/** @param {(token: string) => void} watcher */
export function onRenewed(watcher) {
  renewalWatchers.add(watcher);
  return () => renewalWatchers.delete(watcher);
}

/** @param {string} permission empty: all staff may */
export function can(permission) {
  if (!permission) return true;
  const granted = session.get().user?.permissions ?? [];
  const [resource] = permission.split(":");
  return granted.includes("*") || granted.includes(permission) || granted.includes(`${resource}:all`);
}

/**
 * True if the role allows an action beyond the permissions; the names are those of `capabilities` in `/auth/me`.
 * @param {string} name
 */
export const hasCapability = (name) => (session.get().user?.capabilities ?? []).includes(name);

/** Without storage every visit asks the server. */
const isHinted = () => recall(HINT, "1") === "1";

/** @param {boolean} signedIn */
const keepHint = (signedIn) => remember(HINT, signedIn ? "1" : null);

/** @param {{ access_token: string, expires_in: number }} data */
function keep(data) {
  token = data.access_token;
  const lifetime = data.expires_in * 1000;
  expiresAt = Date.now() + lifetime;
  clearTimeout(timer);
  timer = setTimeout(renewSoon, lifetime * RENEW_AT);
}

function renewSoon() {
  renew().catch((error) => {
    // A refusal has ended the session already; any other failure is retried.
    if (error.status !== 401) timer = setTimeout(renewSoon, RETRY_MS);
  });
}

/** Follows the other tabs, which share the cookie: the server says whether this session is over, or a new one begun. */
window.addEventListener("storage", ({ key, newValue }) => {
  if (key !== HINT) return;
  const signedIn = session.get().status === "signedIn";
  if (newValue ? session.get().status === "anonymous" : signedIn) start(true).catch(() => undefined);
});

/** Resumes the session of the cookie when the page is loaded, if there is one. */
export async function start(asked = isHinted()) {
  if (!asked) return session.set({ status: "anonymous", user: null, ended: false });
  try {
    await renew();
    const { data } = await sendForEnvelope("GET", "/auth/me", { token });
    keepHint(true);
    session.set({ status: "signedIn", user: data, ended: false });
  } catch (error) {
    if (!isOver(error)) throw error;
    end(false);
  }
  return undefined;
}

/**
 * Throws ApiError when the server refuses.
 * @param {string} username
 * @param {string} password
 */
export async function signIn(username, password) {
  const { data } = await sendForEnvelope("POST", "/auth/login", { body: { username, password } });
  keep(data);
  keepHint(true);
  session.set({ status: "signedIn", user: data.user, ended: false });
}

/** Reads again what the staff member may do: menus and buttons follow. Throws ApiError. */
export async function reloadProfile() {
  if (accessTokenExpired()) await renew();
  const { data } = await sendForEnvelope("GET", "/auth/me", { token });
  if (session.get().status === "signedIn") session.patch({ user: data });
}

/** Throws ApiError when the server did not end the session: the cookie would still open it for the next person. */
export async function signOut() {
  try {
    if (accessTokenExpired()) await renew();
    await sendForEnvelope("POST", "/auth/logout", { token });
  } catch (error) {
    if (!isOver(error)) throw error;
  }
  end(false);
}

/**
 * True if the server does not know the session any more, or does not admit its owner.
 * @param {{ status?: number }} error
 */
const isOver = ({ status }) => status === 401 || status === 403;

/** @param {boolean} byItself */
function end(byItself) {
  token = null;
  expiresAt = 0;
  clearTimeout(timer);
  keepHint(false);
  session.set({ status: "anonymous", user: null, ended: byItself });
}

/**
 * A fresh access token. Concurrent callers, in this and other tabs, share one request at a time: the server treats a
 * refresh token that is used twice as stolen.
 */
export function renew() {
  renewing ??= inOneTab(requestRenewal).finally(() => { renewing = null; });
  return renewing;
}

/**
 * @param {() => Promise<string>} work
 * @returns {Promise<string>}
 */
async function inOneTab(work) {
  return navigator.locks ? navigator.locks.request("dashboard.renew", work) : work();
}

async function requestRenewal() {
  try {
    const { data } = await sendForEnvelope("POST", "/auth/refresh");
    keep(data);
  } catch (error) {
    if (isOver(error)) end(session.get().status === "signedIn");
    throw error;
  }
  const fresh = /** @type {string} */ (token);
  for (const watcher of [...renewalWatchers]) watcher(fresh);
  return fresh;
}
