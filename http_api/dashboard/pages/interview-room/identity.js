// Who is at this page: a guest by invitation, or a member of staff who is signed in.
import { sendForEnvelope } from "../../lib/http.js";
import { accessToken, accessTokenExpired, renew } from "../../lib/session.js";

export const roomId = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const KEY = `interview.ticket.${roomId}`;
const RENEW_AHEAD_MS = 20 * 60_000;

const kept = read();
/** From the link's fragment, which never leaves the browser; kept for a reload of the page. */
const code = location.hash.slice(1) || kept?.code || "";

export const isGuest = () => Boolean(code);
export const ticket = () => (kept.code === code && kept.ticket && Date.parse(kept.expiresAt) > Date.now() ? kept : null);

/** Uses the invitation up, once: whoever reloads or comes back has the ticket. Raises ApiError. */
export async function redeem(name) {
  if (!ticket()) {
    const { data } = await sendForEnvelope("POST", `/interview/invites/${encodeURIComponent(code)}/redeem`, { body: { name } });
    keep(data);
  }
  return ticket();
}

/** What the hand-shake shows. */
export async function credential() {
  if (isGuest()) return { ticket: (await fresh()).ticket };
  if (accessTokenExpired()) await renew().catch(() => null); // the server then says what is wrong with the old one
  return { token: accessToken() };
}

/** A ticket that is good for some time to come. */
export async function fresh() {
  if (Date.parse(kept.expiresAt) - Date.now() < RENEW_AHEAD_MS) {
    try {
      keep((await sendForEnvelope("POST", "/interview/tickets/renew", { body: { ticket: kept.ticket } })).data);
    } catch {
      // Good for a little longer; the server has the last word.
    }
  }
  return kept;
}

export function forget() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept, then.
  }
}

function keep(redeemed) {
  Object.assign(kept, redeemed, { code });
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Kept in this page only.
  }
}

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}
