// Who is signed in. The access token lives in this module's memory only; the refresh token in a cookie that no script
// can read.
import { createStore } from "./store.js";
import { sendForEnvelope } from "./http.js";

const HINT = "dashboard.signedIn"; // not a secret: it only saves a refused request on a first visit
const RENEW_AT = 0.75; // of the token's life
const RETRY_MS = 5_000;

let token = null;
let expiresAt = 0;
let timer = null;
let renewing = null;
const renewalWatchers = new Set();

/** status: starting, anonymous or signedIn; `ended` is true when a session stopped by itself. */
export const session = createStore({ status: "starting", user: null, ended: false });

export const accessToken = () => token;
export const accessTokenExpired = () => Date.now() > expiresAt - 2_000;
export function onRenewed(watcher) {
  renewalWatchers.add(watcher);
  return () => renewalWatchers.delete(watcher);
}

export function can(permission) {
  const granted = session.get().user?.permissions ?? [];
  const [resource] = permission.split(":");
  return granted.includes("*") || granted.includes(permission) || granted.includes(`${resource}:all`);
}

/** Whether the role allows something in general; the names are the server's (`capabilities` in /auth/me). */
export const hasCapability = (name) => (session.get().user?.capabilities ?? []).includes(name);

function hint(value) {
  try {
    if (value === undefined) return localStorage.getItem(HINT) === "1";
    if (value) localStorage.setItem(HINT, "1");
    else localStorage.removeItem(HINT);
  } catch {
    // Without storage every visit asks the server.
  }
  return true;
}

function keep(data) {
  token = data.access_token;
  const lifetime = data.expires_in * 1000;
  expiresAt = Date.now() + lifetime;
  clearTimeout(timer);
  timer = setTimeout(renewSoon, lifetime * RENEW_AT);
}

function renewSoon() {
  renew().catch((error) => {
    // A refusal has ended the session already; anything else is a matter of trying again.
    if (error.status !== 401) timer = setTimeout(renewSoon, RETRY_MS);
  });
}

/** On load: resume the session that the cookie stands for, if there is one. */
export async function start() {
  if (!hint()) return session.set({ status: "anonymous", user: null, ended: false });
  try {
    await renew();
    const { data } = await sendForEnvelope("GET", "/auth/me", { token });
    session.set({ status: "signedIn", user: data.user ?? data, ended: false });
  } catch (error) {
    if (isOver(error)) return end(false);
    throw error;
  }
}

export async function signIn(username, password) {
  const { data } = await sendForEnvelope("POST", "/auth/login", { body: { username, password } });
  keep(data);
  hint(true);
  session.set({ status: "signedIn", user: data.user, ended: false });
}

/** Raises ApiError when the server did not end the session: the cookie would still open it to whoever comes next. */
export async function signOut() {
  try {
    if (accessTokenExpired()) await renew();
    await sendForEnvelope("POST", "/auth/logout", { token });
  } catch (error) {
    if (!isOver(error)) throw error;
  }
  end(false);
}

/** The server no longer knows the session, or no longer lets its owner in. */
const isOver = ({ status }) => status === 401 || status === 403;

function end(byItself) {
  token = null;
  expiresAt = 0;
  clearTimeout(timer);
  hint(false);
  session.set({ status: "anonymous", user: null, ended: byItself });
}

/** A fresh access token. However many callers ask at once, and in however many tabs, the cookie is spent once at a time:
 * the server takes a refresh token that is used twice for a stolen one. */
export function renew() {
  renewing ??= inOneTab(requestRenewal).finally(() => { renewing = null; });
  return renewing;
}

function inOneTab(work) {
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
  for (const watcher of [...renewalWatchers]) watcher(token);
  return token;
}
