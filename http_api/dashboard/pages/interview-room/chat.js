// The chat: messages to all or to one participant.
import { html, useEffect, useRef, useState } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { clock } from "../../lib/format.js";
import { Button } from "../../components/button.js";
import { Select } from "../../components/select.js";
import { send } from "./call.js";
import { nameOf } from "./room-state.js";
import { randomId } from "./signaling.js";

const LONGEST = 1000;

/** @param {{ room: import("./room-state.js").RoomState }} props */
export function Chat({ room }) {
  const [text, setText] = useState("");
  const [to, setTo] = useState("");
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const you = room.you.participantId;
  const off = !room.settings.chatEnabled && room.you.role !== "host";
  useEffect(() => {
    if (list.current) list.current.scrollTop = list.current.scrollHeight;
  }, [room.chat.length]);

  /** @param {Event} event */
  async function submit(event) {
    event.preventDefault();
    if (!text.trim()) return;
    // The typed text stays when the server refuses.
    if (await send("chatSend", { clientMsgId: randomId(), text: text.trim(), to: to || null })) setText("");
  }
  /** @param {KeyboardEvent} event */
  function typed(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) submit(event);
  }

  /** @param {Push.ChatMessage} line */
  const headOf = ({ fromName, to: addressee, at }) =>
    `${fromName}${addressee ? ` → ${nameOf(room, addressee) || t("call.someone")}` : ""} · ${clock(at)}`;

  return html`<div class="side-body chat">
    <ol class="lines" ref=${list} aria-live="polite" data-testid="chat-lines">${room.chat.map((line) => html`
      <li key=${line.id} class=${line.fromId === you ? "own" : ""}>
        <span class="muted small-text">${headOf(line)}</span>
        <p>${line.text}</p></li>`)}
      ${room.chat.length === 0 && html`<li class="muted">${t("call.chatEmpty")}</li>`}</ol>
    <form onSubmit=${submit}>
      <${Select} label=${t("call.chatTo")} value=${to} choose=${setTo} options=${[["", t("call.chatAll")],
        ...room.participants.filter(({ participantId }) => participantId !== you)
          .map(({ participantId, name }) => [participantId, name])]} />
      <textarea rows="2" maxlength=${LONGEST} value=${text} disabled=${off}
        onInput=${(/** @type {any} */ event) => setText(event.target.value)} onKeyDown=${typed}
        placeholder=${t(off ? "call.chatOff" : "call.chatHint")} aria-label=${t("call.chatHint")}
          data-testid="chat-text"></textarea>
      <${Button} type="submit" kind="primary" icon="send" label=${t("call.chatSend")} disabled=${off || !text.trim()}
        testId="chat-send" />
    </form>
  </div>`;
}
