// The connection to `/interview`: requests with answers, commands that are carried out once, reconnection.
import { Manager } from "../../vendor/socket.io.esm.min.js";
import { language, t } from "../../lib/i18n.js";
import { createStore } from "../../lib/store.js";

const ANSWER_MS = 10_000;
const COME_BACK_MS = 20_000;
const PING_MS = 20_000;

/** @typedef {"connecting" | "live" | "reconnecting" | "closed"} LineState */

export const line = createStore(/** @type {LineState} */ ("connecting"));

/**
 * The server's messages are in both languages, Chinese first.
 * @param {string} message
 */
function inLanguage(message) {
  const [zh, en = zh] = message.split(" · ");
  return language.get() === "en" ? en : zh;
}

export class SignalingError extends Error {
  /** @param {{ code?: string, message?: string, details?: any }} error */
  constructor({ code = "", message = "", details = null }) {
    super(inLanguage(message) || t("error.unexpected"));
    this.code = code;
    this.details = details;
  }
}

export class Signaling {
  /**
   * `credential()` answers `{ token }` or `{ ticket }`. `onOpen(recovered)` is called after every connect, `onRefused`
   * when the server refuses the connection.
   * @param {{ credential: () => Promise<object>, onPush: (event: string, payload: any) => void,
   *   onOpen: (recovered: boolean) => void, onRefused: (error: SignalingError) => void }} options
   */
  constructor({ credential, onPush, onOpen, onRefused }) {
    this.credential = credential;
    this.clockAheadMs = 0; // the server's clock less ours
    /** @type {number | undefined} */
    this.draining = undefined;
    this.manager = new Manager(location.origin, {
      path: "/socket.io", transports: ["websocket", "polling"], tryAllTransports: true, autoConnect: false,
      reconnectionDelay: 300, reconnectionDelayMax: 3_000, randomizationFactor: 0.5,
    });
    this.socket = this.manager.socket("/interview", {
      auth: (answer) => credential().then(answer, () => answer({})), // the server then says why it refuses
    });
    this.socket.on("connect", () => {
      line.set("live");
      onOpen(this.socket.recovered);
      this.setClock();
    });
    this.socket.on("disconnect", (reason) => this.dropped(reason));
    this.socket.on("connect_error", (error) => this.refused(error, onRefused));
    this.socket.on("serverDraining", ({ delayMs }) => this.drain(delayMs));
    this.socket.onAny((event, payload) => onPush(event, payload));
    this.timer = setInterval(() => this.socket.connected && this.setClock(), PING_MS);
    this.socket.connect();
  }

  /** @param {string} reason */
  dropped(reason) {
    if (line.get() === "closed") return;
    line.set("reconnecting");
    // The server closed the connection: the token expired, or access changed. The next connect tells which.
    if (reason === "io server disconnect") setTimeout(() => this.socket.connect(), 500);
  }

  /** @param {Error & { data?: any }} error @param {(error: SignalingError) => void} tell */
  refused(error, tell) {
    if (this.socket.active) return line.set("reconnecting"); // the network, not a refusal: the library retries
    tell(new SignalingError({ code: error.data?.code, message: error.message }));
    return undefined;
  }

  /** @param {unknown} delayMs */
  drain(delayMs) {
    clearTimeout(this.draining);
    const wait = Math.min(Math.max(Number(delayMs) || 0, 0), 60_000);
    this.draining = setTimeout(() => this.manager.engine?.close(), wait);
  }

  reconnect() {
    if (!this.socket.connected && !this.socket.active) this.socket.connect();
  }

  close() {
    line.set("closed");
    clearInterval(this.timer);
    this.socket.disconnect();
  }

  /**
   * Carried out once, however often the connection drops meanwhile. Throws SignalingError.
   * @param {string} event
   * @param {object} [payload]
   * @returns {Promise<any>}
   */
  async command(event, payload = {}) {
    const numbered = { ...payload, cmdId: randomId() };
    const until = Date.now() + COME_BACK_MS;
    for (;;) {
      await this.connected(until);
      try {
        return await this.ask(event, numbered);
      } catch (error) {
        if (error.code !== "NO_ANSWER" || Date.now() > until) throw error;
      }
    }
  }

  /**
   * One request, without a retry. Throws SignalingError.
   * @param {string} event
   * @param {object} [payload]
   * @returns {Promise<any>}
   */
  async ask(event, payload = {}) {
    let answer;
    try {
      answer = await this.socket.timeout(ANSWER_MS).emitWithAck(event, payload);
    } catch {
      throw new SignalingError({ code: "NO_ANSWER", message: t("error.timeout") });
    }
    if (!answer.ok) throw new SignalingError(answer.error);
    return answer.data;
  }

  /**
   * @param {number} until
   * @returns {Promise<void>}
   */
  connected(until) {
    if (this.socket.connected) return Promise.resolve();
    return new Promise((resolve, reject) => {
      /** @param {() => void} work */
      const finish = (work) => {
        clearTimeout(timer);
        this.socket.off("connect", came);
        work();
      };
      const came = () => finish(resolve);
      const timer = setTimeout(
        () => finish(() => reject(new SignalingError({ code: "NO_ANSWER", message: t("error.network") }))),
        Math.max(0, until - Date.now()),
      );
      this.socket.on("connect", came);
    });
  }

  /**
   * Presents a fresh credential on the open connection.
   * @param {string | null} token
   */
  authenticate(token) {
    if (this.socket.connected) this.socket.timeout(ANSWER_MS).emit("authenticate", { token }, () => {});
  }

  async setClock() {
    const sent = Date.now();
    try {
      const { serverTime } = await this.ask("ping", { t: sent });
      this.clockAheadMs = Date.parse(serverTime) - (sent + Date.now()) / 2;
    } catch {
      // The last measurement holds.
    }
  }
}

/** Like `crypto.randomUUID`, which browsers offer on HTTPS pages only. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
