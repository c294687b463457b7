// The editor of one template. What was typed stays when the server refuses.
import { html, useState } from "../../lib/view.js";
import { call, get } from "../../lib/api.js";
import { useSubmit } from "../../lib/hooks.js";
import { language, t } from "../../lib/i18n.js";
import { rebased } from "../../lib/rebase.js";
import { Button } from "../../components/button.js";
import { Confirm } from "../../components/confirm.js";
import { Drawer } from "../../components/drawer.js";
import { Meanwhile, Problem } from "../../components/states.js";
import { toast } from "../../components/toast.js";
import { changed, draftOf, problemsOf } from "./draft.js";
import { TemplateFields } from "./fields.js";
import { TemplatePreview, usePreview } from "./preview.js";

/** @typedef {Rest.NotificationTemplate} Template */

/**
 * @param {{ template: Template, type: Rest.TypeAnswer, saved: (template: Template) => void,
 *   close: () => void }} props
 */
export function TemplateDrawer({ template, type, saved, close }) {
  const editing = useDraft(template, saved);
  const { draft, busy, dirty, meanwhile } = editing;
  const preview = usePreview(type.code, draft);
  const [resetting, setResetting] = useState(false);
  const refused = editing.problem ?? preview.error;
  const problems = refused ? problemsOf(refused) : {};
  const name = language.get() === "en" ? type.nameEn : type.name;

  return html`<${Drawer} wide label=${name} close=${close} testId="template-drawer" title=${html`<h2>${name}</h2>
      <p class="muted small-text">${type.code} · ${t("noticeTemplate.version", { n: template.version })}</p>`}>
    <form id="template-form" class="drawer-content" onSubmit=${editing.save}>
      <${TemplateFields} draft=${draft} set=${editing.set} variables=${type.variables} problems=${problems} />
      ${refused && Object.keys(problems).length === 0 && html`<${Problem} error=${refused} />`}
      <${Meanwhile} text=${t("noticeTemplate.meanwhile")} testId="template-meanwhile"
        lines=${meanwhile.map((field) => `${t(`noticeTemplate.${field}`)}：${valueText(template[field])}`)} />
      <${TemplatePreview} preview=${preview} template=${template} draft=${draft} />
    </form>
    <footer class="drawer-foot">
      <${Button} icon="undo" label=${t("noticeTemplate.reset")} action=${() => setResetting(true)}
        testId="template-reset" />
      <button type="submit" form="template-form" class="button primary push" disabled=${busy || !dirty}
        aria-busy=${busy} data-testid="template-save">${t("action.save")}</button></footer>
    ${resetting && html`<${Confirm} title=${t("noticeTemplate.resetTitle")} text=${t("noticeTemplate.resetText")}
      confirmLabel=${t("noticeTemplate.reset")} work=${editing.reset} close=${() => setResetting(false)} />`}
  <//>`;
}

/** @param {unknown} value */
const valueText = (value) => (typeof value === "boolean" ? t(value ? "noticeTemplate.on" : "noticeTemplate.off")
  : value || "—");

/**
 * `template` is the stored one; a later version of it, also another person's, is handed to `saved`.
 * @param {Template} template
 * @param {(template: Template) => void} saved
 */
function useDraft(template, saved) {
  const path = `/notification-templates/${template.type}`;
  const [draft, setDraft] = useState(draftOf(template));
  const [meanwhile, setMeanwhile] = useState(/** @type {import("./draft.js").Field[]} */ ([]));
  const fields = changed(template, draft);

  /** @param {Template} next @param {string} message */
  function stored(next, message) {
    saved(next);
    setDraft(draftOf(next));
    setProblem(null);
    setMeanwhile([]);
    toast(message);
  }
  async function catchUp() {
    /** @type {Rest.NotificationTemplateList | null} */
    const answer = await get("/notification-templates").catch(() => null);
    const current = answer?.list.find(({ type }) => type === template.type);
    if (!current) return;
    setDraft(rebased(draft, draftOf(template), draftOf(current)));
    setMeanwhile(changed(template, current));
    saved(current);
  }
  const { problem, setProblem, busy, submit: save } = useSubmit(async () => {
    if (!fields.length) return;
    const body = { version: template.version, ...Object.fromEntries(fields.map((name) => [name, draft[name]])) };
    const { data, message } = await call("PATCH", path, { body });
    stored(data, message);
  }, (error) => error.status === 409 && catchUp());
  async function reset() {
    const { data, message } = await call("POST", `${path}/reset`, { body: { version: template.version } });
    stored(data, message);
  }
  /** @param {Partial<import("./draft.js").Draft>} part */
  function set(part) {
    setDraft((before) => ({ ...before, ...part }));
    setProblem(null);
  }
  return { draft, set, problem, meanwhile, busy, dirty: fields.length > 0, save, reset };
}
