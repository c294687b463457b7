// The templates of notifications by area. The address names the one that is edited.
import { html } from "../../lib/view.js";
import { call, get } from "../../lib/api.js";
import { language, t, textOr } from "../../lib/i18n.js";
import { useResource } from "../../lib/hooks.js";
import { route, setQuery } from "../../lib/router.js";
import { useStore } from "../../lib/store.js";
import { ListTable } from "../../components/list-table.js";
import { Failure, Skeleton } from "../../components/states.js";
import { Tag } from "../../components/tag.js";
import { toast, toastError } from "../../components/toast.js";
import { TemplateDrawer } from "./drawer.js";

/** @typedef {Rest.NotificationTemplate} Template */
/** @typedef {{ templates: Template[], types: Rest.TypeAnswer[] }} Known */

export function NotificationTemplates() {
  const { query } = useStore(route);
  /** @type {import("../../lib/hooks.js").Resource<Known>} */
  const known = useResource("notification templates", async (signal) => {
    const [templates, types] = await Promise.all([
      get("/notification-templates", {}, signal), get("/notifications/types", {}, signal)]);
    return { templates: templates.list, types: types.list };
  });
  const { data, error } = known;
  /** @param {Template} next */
  const saved = (next) => known.change((before) => ({
    ...before, templates: before.templates.map((each) => (each.type === next.type ? next : each)) }));
  const template = data?.templates.find(({ type }) => type === query.template);
  const type = data?.types.find(({ code }) => code === query.template);
  return html`<div class="page">
    <div class="page-head"><div><h1>${t("notification-templates.title")}</h1>
      <p class="muted">${t("noticeTemplate.hint")}</p></div></div>
    ${data ? html`<${Areas} known=${data} saved=${saved} reload=${known.reload} />`
      : error ? html`<section class="panel"><${Failure} error=${error} retry=${known.reload} /></section>`
        : html`<section class="panel"><div class="panel-body"><${Skeleton} lines=${8} /></div></section>`}
    ${template && type && html`<${TemplateDrawer} key=${template.type} template=${template} type=${type} saved=${saved}
      close=${() => setQuery({ template: "" }, { replace: true })} />`}
  </div>`;
}

/** @param {{ known: Known, saved: (template: Template) => void, reload: () => void }} props */
function Areas({ known: { templates, types }, saved, reload }) {
  const areas = [...new Set(types.map(({ area }) => area))];
  return areas.map((area) => {
    const own = types.filter((type) => type.area === area);
    const rows = own.flatMap(({ code }) => templates.filter(({ type }) => type === code));
    return html`<section key=${area} class="panel list-panel" aria-label=${textOr("noticeArea", area)}>
      <header class="panel-head"><h2>${textOr("noticeArea", area)}</h2></header>
      <${ListTable} label=${textOr("noticeArea", area)} columns=${columnsOf(own, saved, reload)} rows=${rows}
        idOf=${(/** @type {Template} */ { type }) => type} open=${open} testId=${`templates-of-${area}`}
        rowTestId=${(/** @type {Template} */ { type }) => `templates-${type}`} /></section>`;
  });
}

/** @param {string} template */
const open = (template) => setQuery({ template });

/**
 * @param {Rest.TypeAnswer[]} types
 * @param {(template: Template) => void} saved
 * @param {() => void} reload
 * @returns {import("../../components/list-table.js").Column<Template>[]}
 */
function columnsOf(types, saved, reload) {
  const english = language.get() === "en";
  /** @param {Template} template */
  const nameOf = ({ type, name }) => (english && types.find(({ code }) => code === type)?.nameEn) || name;
  /** @param {Template} template */
  const toggle = ({ type, version, enabled }) =>
    call("PATCH", `/notification-templates/${type}`, { body: { version, enabled: !enabled } }).then(
      ({ data, message }) => { saved(data); toast(message); },
      (error) => { toastError(error); reload(); }); // a conflict: shows what it is now
  return [
    { key: "name", title: t("noticeTemplate.type"), cell: (template) => html`<button type="button" class="link-button"
      onClick=${() => open(template.type)}>${nameOf(template)}</button>
      <div class="muted small-text wrap-anywhere">${template.type}</div>` },
    { key: "title", title: t(english ? "noticeTemplate.titleEn" : "noticeTemplate.title"), width: 360, from: "wide",
      cell: ({ title, titleEn }) => (english && titleEn) || title },
    { key: "priority", title: t("noticeTemplate.priority"), width: 96, from: "middle",
      cell: ({ priority }) => html`<${Tag} kind=${priority === "HIGH" ? "warn" : "neutral"}>
        ${t(`noticePriority.${priority}`)}<//>` },
    { key: "enabled", title: t("noticeTemplate.enabled"), width: 96, cell: (template) => html`<button type="button"
      class="toggle" role="switch" aria-checked=${template.enabled} onClick=${() => toggle(template)}
      aria-label=${`${t("noticeTemplate.enabled")}：${nameOf(template)}`}
      data-testid=${`toggle-${template.type}`}><span></span></button>` },
  ];
}
