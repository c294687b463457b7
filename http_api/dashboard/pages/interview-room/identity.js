// The user of this page: a guest with an invitation, or a staff member who is signed in.
import { sendForEnvelope } from "../../lib/http.js";
import { accessToken, accessTokenExpired, renew } from "../../lib/session.js";
import { recallJson, remember } from "../../lib/storage.js";

export const roomId = decodeURIComponent(location.pathname.split("/")[2] ?? "");
const KEY = `interview.ticket.${roomId}`;
const RENEW_AHEAD_MS = 20 * 60_000;
/** Refusals of a ticket; the invitation may still admit its bearer. */
export const TICKET_CODES = new Set(["TICKET_INVALID", "TICKET_EXPIRED"]);
const NO_TICKET = { ticket: "", expiresAt: "", name: "" };

/** @typedef {{ code?: string, ticket: string, expiresAt: string, name: string }} Ticket */

const kept = /** @type {Ticket} */ (recallJson(KEY) ?? { ...NO_TICKET });
/** From the link's fragment, which browsers do not send; kept for a reload of the page. */
const code = location.hash.slice(1) || kept?.code || "";

export const isGuest = () => Boolean(code);
/** The ticket of this invitation, if it is still valid. */
export const ticket = () =>
  (kept.code === code && kept.ticket && Date.parse(kept.expiresAt) > Date.now() ? kept : null);

/**
 * True if the invitation, or the ticket that was issued for it, still admits its bearer. Throws ApiError.
 * @returns {Promise<Pick<Rest.InvitePreview, "open" | "hostName" | "name" | "startsAt">>}
 */
export async function inquire() {
  if (ticket()) {
    try {
      keep((await sendForEnvelope("POST", "/interview/tickets/renew", { body: { ticket: kept.ticket } })).data);
      return { open: true, hostName: "", name: kept.name, startsAt: null };
    } catch (error) {
      if (!TICKET_CODES.has(error.code)) throw error;
      forget();
    }
  }
  return (await sendForEnvelope("GET", `/interview/invites/${encodeURIComponent(code)}`)).data;
}

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
  Object.assign(kept, NO_TICKET);
  remember(KEY, null);
}

/** @param {Ticket} redeemed */
function keep(redeemed) {
  Object.assign(kept, redeemed, { code });
  remember(KEY, JSON.stringify(kept));
}
