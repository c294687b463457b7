// What the worker reads from. Everybody computes the line from the same clock, so whoever comes late is on it, too.
import { html, useEffect, useRef } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { send, serverNow } from "./call.js";

const REPORT_MS = 2_000;

export function positionAt(now, { doc, state }) {
  if (state.state !== "playing") return state.position;
  const moved = ((now - Date.parse(state.anchorAt)) / 1000) * (state.speed / doc.heightPx);
  return Math.min(1, Math.max(0, state.position + moved));
}

export function PrompterView({ room }) {
  const { prompter, you } = room;
  const text = useRef(null);
  const shown = prompter?.state.visible && you.identity === "helper";
  useEffect(() => {
    if (!shown) return undefined;
    let reportedAt = 0;
    let frame = 0;
    const draw = () => {
      const position = positionAt(serverNow(), prompter);
      const element = text.current;
      // The line that is read stands in the middle of the window.
      element.style.transform = `translateY(${element.parentElement.clientHeight / 2 - position * element.scrollHeight}px)`;
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
    <div class="prompter-text" ref=${text} style=${{ fontSize: `${prompter.doc.fontPx}px` }}>${prompter.doc.content}</div></section>`;
}
