// The host's controls of the teleprompter (提词器): the text for the workers, and how it scrolls.
import { html, useState } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { percent } from "../../lib/format.js";
import { Button } from "../../components/button.js";
import { send } from "./call.js";
import { nameOf } from "./room-state.js";

const LONGEST = 20_000;

/** @param {{ room: import("./room-state.js").RoomState }} props */
export function PrompterControls({ room }) {
  const { prompter, progress = {} } = room;
  const [text, setText] = useState(prompter?.doc.content ?? "");
  const [speed, setSpeed] = useState(prompter?.state.speed ?? 50);
  const load = () => send("prompterLoad", { content: text, speed, autoPlay: false });
  /** @param {string} action @param {object} [more] */
  const control = (action, more) => send("prompterControl", { docId: prompter?.doc.docId, action, ...more });
  const playing = prompter?.state.state === "playing";

  /** @param {any} event */
  function changeSpeed(event) {
    const value = Number(event.target.value);
    setSpeed(value);
    if (prompter) control("SPEED", { speed: value });
  }

  return html`<div class="side-body prompter-desk">
    <label class="field"><span>${t("prompter.text")}</span>
      <textarea rows="9" maxlength=${LONGEST} value=${text}
        onInput=${(/** @type {any} */ event) => setText(event.target.value)} placeholder=${t("prompter.hint")}
        data-testid="prompter-text"></textarea></label>
    <label class="field"><span>${t("prompter.speed", { n: speed })}</span>
      <input type="range" min="5" max="200" step="5" value=${speed} onChange=${changeSpeed} /></label>
    <div class="side-actions"><${Button} small kind=${prompter ? "plain" : "primary"}
      label=${t(prompter ? "prompter.reload" : "prompter.load")}
        action=${load} disabled=${!text.trim()} testId="prompter-load" />
      ${prompter && html`
        <${Button} small kind="primary" label=${t(playing ? "prompter.pause" : "prompter.play")}
          action=${() => control(playing ? "PAUSE" : "PLAY")}
          testId="prompter-play" />
        <${Button} small label=${t("prompter.reset")} action=${() => control("RESET")} />
        <${Button} small label=${t(prompter.state.visible ? "prompter.hide" : "prompter.show")}
          action=${() => control(prompter.state.visible ? "HIDE" : "SHOW")} />`}</div>
    ${Object.entries(progress).map(([id, { position, atEnd }]) => html`<p class="muted" key=${id}>
      ${nameOf(room, id)}：${atEnd ? t("prompter.atEnd") : percent(position, 0)}</p>`)}
    <p class="muted small-text">${t("prompter.privacy")}</p>
  </div>`;
}
