// The connection to `/interview`: questions with answers, commands that are done once, and the way back after a drop.
import { Manager } from "../../vendor/socket.io.esm.min.js";
import { language, t } from "../../lib/i18n.js";
import { createStore } from "../../lib/store.js";

const ANSWER_MS = 10_000;
const COME_BACK_MS = 20_000;
const PING_MS = 20_000;

/** connecting, live, reconnecting, or closed for good. */
export const line = createStore("connecting");

/** The server says it in both languages, Chinese first. */
function inLanguage(message = "") {
  const [zh, en = zh] = message.split(" · ");
  return language.get() === "en" ? en : zh;
}

export class SignalingError extends Error {
  constructor({ code, message, details }) {
    super(inLanguage(message) || t("error.unexpected"));
    this.code = code;
    this.details = details;
  }
}

export class Signaling {
  /** `credential()` answers `{ token }` or `{ ticket }`. `onPush(event, payload)`; `onOpen(recovered)` after every
   * connect; `onRefused(error)` when the server says no. */
  constructor({ credential, onPush, onOpen, onRefused }) {
    this.credential = credential;
    this.clockAheadMs = 0; // the server's clock less ours
    this.draining = null;
    this.manager = new Manager(location.origin, {
      path: "/socket.io", transports: ["websocket", "polling"], tryAllTransports: true, autoConnect: false,
      reconnectionDelay: 300, reconnectionDelayMax: 3_000, randomizationFactor: 0.5,
    });
    this.socket = this.manager.socket("/interview", {
      auth: (answer) => credential().then(answer, () => answer({})), // the server then says what is wrong
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

  dropped(reason) {
    if (line.get() === "closed") return;
    line.set("reconnecting");
    // Closed by the server without a last word: the token ran out, or access changed. It says so when asked again.
    if (reason === "io server disconnect") setTimeout(() => this.socket.connect(), 500);
  }

  refused(error, tell) {
    if (this.socket.active) return line.set("reconnecting"); // the network, not a refusal: the library tries again
    tell(new SignalingError({ code: error.data?.code, message: error.message }));
    return undefined;
  }

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

  /** Done once, however often the connection drops meanwhile. Rejects with SignalingError. */
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

  /** Asks once. */
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

  connected(until) {
    if (this.socket.connected) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const finish = (work) => { clearTimeout(timer); this.socket.off("connect", came); work(); };
      const came = () => finish(resolve);
      const timer = setTimeout(
        () => finish(() => reject(new SignalingError({ code: "NO_ANSWER", message: t("error.network") }))),
        Math.max(0, until - Date.now()),
      );
      this.socket.on("connect", came);
    });
  }

  /** A fresh credential for a connection that stands. */
  authenticate(token) {
    if (this.socket.connected) this.socket.timeout(ANSWER_MS).emit("authenticate", { token }, () => {});
  }

  async setClock() {
    const sent = Date.now();
    try {
      const { serverTime } = await this.ask("ping", { t: sent });
      this.clockAheadMs = Date.parse(serverTime) - (sent + Date.now()) / 2;
    } catch {
      // The last measure holds.
    }
  }
}

/** Also where the page is not served securely, and the browser keeps `randomUUID` to itself. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
