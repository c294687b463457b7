// Who uses this page: a guest with an invitation, or a staff member who is signed in.
import { sendForEnvelope } from "../../lib/http.js";
import { accessToken, accessTokenExpired, renew } from "../../lib/session.js";

export const roomId = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const KEY = `interview.ticket.${roomId}`;
const RENEW_AHEAD_MS = 20 * 60_000;
const NO_TICKET = { ticket: "", expiresAt: "", name: "" };

/** @typedef {{ code?: string, ticket: string, expiresAt: string, name: string }} Ticket */

const kept = read();
/** From the link's fragment, which browsers do not send; kept for a reload of the page. */
const code = location.hash.slice(1) || kept?.code || "";

export const isGuest = () => Boolean(code);
/** The ticket of this invitation, if it is still valid. */
export const ticket = () =>
  (kept.code === code && kept.ticket && Date.parse(kept.expiresAt) > Date.now() ? kept : null);

/**
 * Redeems the invitation for a ticket, once: the ticket is kept for reloads. Throws ApiError.
 * @param {string} name
 */
export async function redeem(name) {
  if (!ticket()) {
    const path = `/interview/invites/${encodeURIComponent(code)}/redeem`;
    const { data } = await sendForEnvelope("POST", path, { body: { name } });
    keep(data);
  }
  return ticket();
}

/** The credential for the handshake. */
export async function credential() {
  if (isGuest()) return { ticket: (await fresh()).ticket };
  if (accessTokenExpired()) await renew().catch(() => null); // the server then says why it refuses the old one
  return { token: accessToken() };
}

/** The ticket, renewed when it expires soon. */
export async function fresh() {
  if (Date.parse(kept.expiresAt) - Date.now() < RENEW_AHEAD_MS) {
    try {
      keep((await sendForEnvelope("POST", "/interview/tickets/renew", { body: { ticket: kept.ticket } })).data);
    } catch {
      // Valid for a little longer; the server decides.
    }
  }
  return kept;
}

export function forget() {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
}

/** @param {Ticket} redeemed */
function keep(redeemed) {
  Object.assign(kept, redeemed, { code });
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // Kept until the page is closed.
  }
}

/** @returns {Ticket} */
function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "null") ?? NO_TICKET;
  } catch {
    return NO_TICKET;
  }
}
