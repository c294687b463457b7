// The teleprompter that workers read from. Each page computes the line from the server's clock, so all show the same.
import { html, useEffect, useRef } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { send, serverNow } from "./call.js";
import { positionAt } from "./room-state.js";

const REPORT_MS = 2_000;

/** @param {{ room: import("./room-state.js").RoomState }} props */
export function PrompterView({ room }) {
  const { prompter, you } = room;
  const text = useRef(/** @type {HTMLElement | null} */ (null));
  const shown = prompter && prompter.state.visible && you.identity === "helper";
  useEffect(() => {
    if (!shown) return undefined;
    let reportedAt = 0;
    let frame = 0;
    const draw = () => {
      const position = positionAt(serverNow(), prompter);
      const element = /** @type {HTMLElement} */ (text.current);
      const height = element.parentElement?.clientHeight ?? 0;
      // The line that is read is in the middle of the window.
      element.style.transform = `translateY(${height / 2 - position * element.scrollHeight}px)`;
      if (prompter.state.state === "playing" && Date.now() - reportedAt > REPORT_MS) {
        reportedAt = Date.now();
        send("prompterProgress", { docId: prompter.doc.docId, position, atEnd: position >= 1 });
      }
      frame = requestAnimationFrame(draw);
    };
    draw();
    return () => cancelAnimationFrame(frame);
  }, [shown, prompter]);
  if (!shown) return null;
  return html`<section class="prompter" aria-label=${t("call.side.prompter")} data-testid="prompter">
    <div class="prompter-text" ref=${text}
      style=${{ fontSize: `${prompter.doc.fontPx}px` }}>${prompter.doc.content}</div></section>`;
}
