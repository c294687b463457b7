// Dialogs at the side of the page: one record in full, and long forms.
import { html, useState } from "../lib/view.js";
import { t } from "../lib/i18n.js";
import { Button } from "./button.js";
import { Dialog } from "./dialog.js";
import { Meanwhile } from "./states.js";

/** @typedef {import("../lib/view.js").Content} Content */

/**
 * `title` stands between `before` and `tools`. `children`: the content and the foot.
 * @param {{ label: string, close: () => void, testId: string, wide?: boolean, title: Content, before?: Content,
 *   tools?: Content, children: Content }} props
 */
export const Drawer = ({ label, close, testId, wide = false, title, before, tools, children }) => html`<${Dialog}
  kind=${wide ? "drawer wide" : "drawer"} label=${label} close=${close} testId=${testId}>
  <${Head} close=${close} testId="drawer-close" title=${title} before=${before} tools=${tools} />
  ${children}<//>`;

/**
 * @param {{ close: () => void, testId: string, title: Content, before?: Content, tools?: Content }} props
 */
const Head = ({ close, testId, title, before, tools }) => html`<header class="drawer-head">
  ${before}<div class="drawer-title">${title}</div>${tools}
  <${Button} kind="ghost" iconOnly icon="close" label=${t("action.close")} action=${close} testId=${testId} /></header>`;

/**
 * A form that asks before it is left with unsaved values. `fields` is what `useFields` answers; `refusal` and
 * `meanwhile`, with its text, are shown above `actions`, which stand beside the button that cancels.
 * @param {{ title: string, hint?: string, fields: { form: { current: HTMLFormElement | null } }, dirty: boolean,
 *   busy: boolean, submit: (event: Event) => void, cancel: () => void, refusal?: Content, meanwhile: string[],
 *   meanwhileText: string, actions: Content, testId: string, children: Content }} props
 */
export function FormDrawer(props) {
  const { title, hint, fields, dirty, busy, submit, cancel, refusal, meanwhile, meanwhileText, actions } = props;
  const [leaving, setLeaving] = useState(false);
  const leave = () => (busy ? null : dirty && !leaving ? setLeaving(true) : cancel());
  return html`<${Dialog} kind="drawer wide" label=${title} close=${leave} testId=${props.testId}>
    <form class="drawer-form" ref=${fields.form} onSubmit=${submit} novalidate>
      <${Head} close=${leave} testId="form-close"
        title=${html`<h2>${title}</h2>${hint && html`<p class="muted small-text">${hint}</p>`}`} />
      <div class="drawer-content">${props.children}</div>
      <footer class="form-foot">
        ${refusal}
        <${Meanwhile} text=${meanwhileText} lines=${meanwhile} testId="meanwhile" />
        ${leaving ? html`<div class="form-actions"><span class="push-right" role="status">${t("form.leave")}</span>
            <${Button} label=${t("form.stay")} action=${() => setLeaving(false)} />
            <${Button} kind="danger" label=${t("form.discard")} action=${cancel} testId="form-discard" /></div>`
          : html`<div class="form-actions"><${Button} label=${t("action.cancel")} action=${leave} disabled=${busy} />
            ${actions}</div>`}
      </footer>
    </form>
  <//>`;
}
