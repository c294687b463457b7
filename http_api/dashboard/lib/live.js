// The Socket.IO connection: namespaces, recovery, renewal of the token, and its state for the top bar.
import { Manager } from "../vendor/socket.io.esm.min.js";
import { useEffect, useRef } from "./view.js";
import { createStore } from "./store.js";
import { accessToken, accessTokenExpired, onRenewed, renew } from "./session.js";
import { readAgain, unanswered } from "./unanswered.js";

const OFFLINE_AFTER_ATTEMPTS = 5;
const NOTICE_MS = 8_000;
const ANSWER_MS = 10_000;
const RETRY_REFUSED_MS = 15_000;
const TOKEN_CODES = new Set(["INVALID_TOKEN", "TOKEN_EXPIRED", "NOT_AUTHENTICATED", "SESSION_ENDED"]);

/**
 * `notice`: for some seconds after a reconnect, whether events were missed ("refreshed") or not ("recovered").
 * `forced`: who ended this connection on purpose, and why.
 * @typedef {{ state: "connecting" | "live" | "reconnecting" | "offline", notice: "recovered" | "refreshed" | null,
 *   forced: { by: string, reason: string } | null }} Connection
 */

export const connection = createStore(/** @type {Connection} */ ({ state: "connecting", notice: null, forced: null }));

/** @typedef {Record<string, (payload: any) => unknown>} Handlers */

/** @type {Map<string, Channel>} by namespace */
const channels = new Map();
/** @type {Manager | null} */
let manager = null;
let attempts = 0;
let wasLive = false;
let missed = false;
/** @type {number | undefined} */
let noticeTimer;
/** @type {number | null} */
let drainTimer = null;

export function startLive() {
  if (manager) return;
  manager = new Manager(location.origin, {
    path: "/socket.io", transports: ["websocket", "polling"], tryAllTransports: true, autoConnect: false,
    reconnectionDelay: 500, reconnectionDelayMax: 5_000, randomizationFactor: 0.5,
  });
  manager.on("reconnect_attempt", (count) => { attempts = count; judge(); });
  manager.on("close", judge);
  for (const channel of channels.values()) channel.open();
}

export function stopLive() {
  for (const channel of channels.values()) channel.close(); // the manager ends with its last socket
  manager = null;
  attempts = 0;
  wasLive = missed = false;
  if (drainTimer) clearTimeout(drainTimer);
  drainTimer = null;
  connection.set({ state: "connecting", notice: null, forced: null });
}

/** Connects at once instead of at the next attempt. */
export function retryNow() {
  connection.patch({ forced: null });
  for (const channel of channels.values()) channel.retry();
}

function judge() {
  const wanted = [...channels.values()].filter((channel) => channel.wanted && !channel.denied);
  if (!manager || !wanted.length) return;
  if (wanted.every((channel) => channel.socket?.connected)) return becomeLive();
  // A page that opens another namespace does not make the others less live.
  const opening = wanted.every((channel) => channel.socket?.connected || channel.isNew);
  if (opening && connection.get().state === "live") return;
  const halted = wanted.some((channel) => channel.halted);
  const offline = navigator.onLine === false || attempts >= OFFLINE_AFTER_ATTEMPTS || halted;
  const state = offline ? "offline" : wasLive ? "reconnecting" : "connecting";
  if (state !== connection.get().state) connection.patch({ state, notice: null });
}

function becomeLive() {
  attempts = 0;
  if (connection.get().state === "live") return;
  const notice = wasLive ? (missed || unanswered.get() ? "refreshed" : "recovered") : null;
  wasLive = true;
  missed = false;
  connection.set({ state: "live", notice, forced: null });
  readAgain();
  clearTimeout(noticeTimer);
  if (notice) noticeTimer = setTimeout(() => connection.patch({ notice: null }), NOTICE_MS);
}

/**
 * The server is about to stop and asks to reconnect after a delay, which differs from client to client.
 * @param {unknown} delayMs
 */
function drain(delayMs) {
  if (drainTimer) return;
  drainTimer = setTimeout(() => {
    drainTimer = null;
    manager?.engine?.close(); // to the manager this is a lost connection: it recovers
  }, Math.min(Math.max(Number(delayMs) || 0, 0), 60_000));
}

/** One namespace, open as long as a component listens to it. */
class Channel {
  /** @param {string} namespace */
  constructor(namespace) {
    this.namespace = namespace;
    /** @type {Set<{ current: Handlers }>} */
    this.listeners = new Set();
    /** @type {import("socket.io-client").Socket | null} */
    this.socket = null;
    this.denied = false;
    this.halted = false;
    this.connectedBefore = false;
    this.failed = false;
    /** @type {number | undefined} */
    this.timer = undefined;
  }

  get wanted() {
    return this.listeners.size > 0;
  }

  get isNew() {
    return !this.connectedBefore && !this.failed;
  }

  open() {
    if (!manager || this.socket || !this.wanted) return;
    this.socket = manager.socket(this.namespace, { auth: (answer) => presentToken(answer) });
    this.socket.on("connect", () => this.connected());
    this.socket.on("disconnect", (reason) => this.disconnected(reason));
    this.socket.on("connect_error", (error) => this.refused(error));
    this.socket.on("serverDraining", (payload) => drain(payload?.delayMs));
    this.socket.on("forcedOffline", ({ by, reason }) => connection.patch({ forced: { by, reason } }));
    // Recoverable events have their offset as last argument; the client library handles it.
    this.socket.onAny((event, payload) => this.tell(event, payload));
    this.socket.connect();
    judge();
  }

  close() {
    clearTimeout(this.timer);
    if (!this.socket) return;
    this.socket.off();
    this.socket.offAny();
    this.socket.disconnect();
    this.socket = null;
    this.denied = this.halted = this.connectedBefore = this.failed = false;
    judge();
  }

  retry() {
    clearTimeout(this.timer);
    if (!this.socket || this.socket.connected || this.socket.active) return;
    this.halted = false;
    this.socket.connect();
    judge();
  }

  /** @param {string} event @param {unknown} [payload] */
  tell(event, payload) {
    for (const listener of [...this.listeners]) listener.current[event]?.(payload);
  }

  connected() {
    this.halted = false;
    this.failed = false;
    const gap = this.connectedBefore && !this.socket?.recovered;
    this.connectedBefore = true;
    if (gap) {
      missed = true;
      this.tell("gap");
    }
    judge();
  }

  /** @param {string} reason */
  disconnected(reason) {
    if (reason === "io server disconnect") {
      // The library does not reconnect after this: the token expired, or someone ended the connection on purpose.
      this.halted = !accessTokenExpired();
      if (!connection.get().forced) this.retryIn(this.halted ? RETRY_REFUSED_MS : 0);
    }
    judge();
  }

  /** @param {Error & { data?: any }} error */
  refused(error) {
    this.failed = true;
    const code = error.data?.code;
    if (code === "PERMISSION_DENIED") this.denied = true;
    else if (TOKEN_CODES.has(code)) this.renewAndRetry();
    else if (!this.socket?.active) this.retryIn((error.data?.retryAfterSeconds ?? 5) * 1000);
    judge();
  }

  renewAndRetry() {
    // A refused renewal ends the session and this connection; a failed one is retried.
    renew().then(() => this.retryIn(0), (error) => error.status !== 401 && this.retryIn(RETRY_REFUSED_MS));
  }

  /** @param {number} delayMs */
  retryIn(delayMs) {
    clearTimeout(this.timer);
    // Spread over a second: what refused this client probably refused the others, too.
    this.timer = setTimeout(() => this.retry(), delayMs + Math.random() * 1_000);
  }
}

/** @param {(auth: object) => void} answer */
async function presentToken(answer) {
  if (accessTokenExpired()) await renew().catch(() => null); // the server then says why it refuses the old one
  answer({ token: accessToken() });
}

onRenewed((token) => {
  for (const { socket } of channels.values()) {
    if (socket?.connected) socket.timeout(10_000).emit("authenticate", { token }, () => {});
  }
});

window.addEventListener("offline", judge);
window.addEventListener("online", () => {
  if (!connection.get().forced) retryNow();
  judge();
  readAgain();
});

/**
 * One request to a namespace that is open. Throws when there is no answer in time, or a refusal.
 * @param {string} namespace
 * @param {string} event
 * @returns {Promise<any>}
 */
export async function askNamespace(namespace, event) {
  const answer = await channels.get(namespace)?.socket?.timeout(ANSWER_MS).emitWithAck(event);
  if (!answer?.ok) throw new Error(answer?.error.code ?? "NO_ANSWER");
  return answer.data;
}

/**
 * Listens to a namespace while the component is shown. `handlers` are named like the events; `gap` is called when
 * events may have been missed and the component should read its data again.
 * @param {string | null} namespace
 * @param {Handlers} handlers
 */
export function useNamespace(namespace, handlers, enabled = true) {
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    if (!enabled || namespace === null) return undefined;
    const channel = channels.get(namespace) ?? new Channel(namespace);
    channels.set(namespace, channel);
    channel.listeners.add(latest);
    channel.open();
    return () => {
      channel.listeners.delete(latest);
      if (!channel.wanted) channel.close();
    };
  }, [namespace, enabled]);
}
