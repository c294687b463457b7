// The one Socket.IO connection: namespaces, recovery, renewal of the token, and a word for how things stand.
import { Manager } from "../vendor/socket.io.esm.min.js";
import { useEffect, useRef } from "./view.js";
import { createStore } from "./store.js";
import { accessToken, accessTokenExpired, onRenewed, renew } from "./session.js";

const OFFLINE_AFTER_ATTEMPTS = 5;
const NOTICE_MS = 8_000;
const RETRY_REFUSED_MS = 15_000;
const TOKEN_CODES = new Set(["INVALID_TOKEN", "TOKEN_EXPIRED", "NOT_AUTHENTICATED", "SESSION_ENDED"]);

/** state: connecting, live, reconnecting or offline; notice: null, "recovered" or "refreshed" for some seconds after a
 * reconnect; forced: who ended this connection on purpose, and why. */
export const connection = createStore({ state: "connecting", notice: null, forced: null });

const channels = new Map(); // namespace -> Channel
let manager = null;
let attempts = 0;
let wasLive = false;
let missed = false;
let noticeTimer = null;
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
  clearTimeout(drainTimer);
  drainTimer = null;
  connection.set({ state: "connecting", notice: null, forced: null });
}

/** For the reader who does not want to wait for the next attempt. */
export function retryNow() {
  connection.patch({ forced: null });
  for (const channel of channels.values()) channel.retry();
}

function judge() {
  const wanted = [...channels.values()].filter((channel) => channel.wanted && !channel.denied);
  if (!manager || !wanted.length) return;
  if (wanted.every((channel) => channel.socket?.connected)) return becomeLive();
  // A page that opens a namespace of its own does not make the rest less live.
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
  const notice = wasLive ? (missed ? "refreshed" : "recovered") : null;
  wasLive = true;
  missed = false;
  connection.set({ state: "live", notice, forced: null });
  clearTimeout(noticeTimer);
  if (notice) noticeTimer = setTimeout(() => connection.patch({ notice: null }), NOTICE_MS);
}

/** The server asks to come back later: it spreads its clients over time, so each waits for its own delay. */
function drain(delayMs) {
  if (drainTimer) return;
  drainTimer = setTimeout(() => {
    drainTimer = null;
    manager?.engine?.close(); // the manager takes this for a lost connection, and recovers
  }, Math.min(Math.max(Number(delayMs) || 0, 0), 60_000));
}

class Channel {
  constructor(namespace) {
    this.namespace = namespace;
    this.listeners = new Set();
    this.socket = null;
    this.denied = false;
    this.halted = false;
    this.connectedBefore = false;
    this.failed = false;
    this.timer = null;
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
    // The last argument of a recoverable event is its offset, which the client library keeps for itself.
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

  tell(event, payload) {
    for (const listener of [...this.listeners]) listener.current[event]?.(payload);
  }

  connected() {
    this.halted = false;
    this.failed = false;
    const gap = this.connectedBefore && !this.socket.recovered;
    this.connectedBefore = true;
    if (gap) {
      missed = true;
      this.tell("gap");
    }
    judge();
  }

  disconnected(reason) {
    if (reason === "io server disconnect") {
      // The library does not come back from this by itself. Either the token ran out, or someone ended the connection
      // on purpose.
      this.halted = !accessTokenExpired();
      if (!connection.get().forced) this.retryIn(this.halted ? RETRY_REFUSED_MS : 0);
    }
    judge();
  }

  refused(error) {
    this.failed = true;
    const code = error.data?.code;
    if (code === "PERMISSION_DENIED") this.denied = true;
    else if (TOKEN_CODES.has(code)) this.renewAndRetry();
    else if (!this.socket.active) this.retryIn((error.data?.retryAfterSeconds ?? 5) * 1000);
    judge();
  }

  renewAndRetry() {
    // A refused renewal ends the session, and with it this connection; a failed one is tried again.
    renew().then(() => this.retryIn(0), (error) => error.status !== 401 && this.retryIn(RETRY_REFUSED_MS));
  }

  retryIn(delayMs) {
    clearTimeout(this.timer);
    // Spread, because whatever refused us probably refused everyone else as well.
    this.timer = setTimeout(() => this.retry(), delayMs + Math.random() * 1_000);
  }
}

async function presentToken(answer) {
  if (accessTokenExpired()) await renew().catch(() => null); // the server then says what is wrong with the old one
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
});

/** Listens to a namespace while the component is shown. Handlers are named like the events; `gap` means that events may
 * have been missed and the component should read its data again. */
export function useNamespace(namespace, handlers, enabled = true) {
  const latest = useRef(handlers);
  latest.current = handlers;
  useEffect(() => {
    if (!enabled) return undefined;
    if (!channels.has(namespace)) channels.set(namespace, new Channel(namespace));
    const channel = channels.get(namespace);
    channel.listeners.add(latest);
    channel.open();
    return () => {
      channel.listeners.delete(latest);
      if (!channel.wanted) channel.close();
    };
  }, [namespace, enabled]);
}
