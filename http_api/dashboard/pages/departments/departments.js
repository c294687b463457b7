// The departments, with the number of their members.
import { html, useState } from "../../lib/view.js";
import { call, get } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { number } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { useNamespace } from "../../lib/live.js";
import { hrefOf } from "../../lib/router.js";
import { Button } from "../../components/button.js";
import { Confirm } from "../../components/confirm.js";
import { ListTable } from "../../components/list-table.js";
import { Empty, Failure, Skeleton } from "../../components/states.js";
import { toast } from "../../components/toast.js";

/** @typedef {{ what: "create" | "rename" | "delete", known: Rest.DepartmentAnswer | null }} Asked */

export function Departments() {
  /** @type {import("../../lib/hooks.js").Resource<Rest.DepartmentAnswer[]>} */
  const list = useResource("departments", (signal) => get("/departments", {}, signal));
  const [asked, setAsked] = useState(/** @type {Asked | null} */ (null));
  useNamespace("/staff", { changed: list.reload, gap: list.reload });
  const { data, error } = list;
  return html`<div class="page">
    <div class="page-head"><div><h1>${t("departments.title")}</h1><p class="muted">
      ${data ? t("departments.count", { n: number(data.length) }) : t("state.loading")}</p></div>
      <${Button} icon="plus" kind="primary" label=${t("departments.create")} testId="department-create"
        action=${() => setAsked({ what: "create", known: null })} /></div>
    <section class="panel list-panel">
      ${error && !data ? html`<${Failure} error=${error} retry=${list.reload} />`
        : !data ? html`<div class="panel-body"><${Skeleton} lines=${5} /></div>`
        : data.length === 0 ? html`<${Empty} title=${t("departments.none")} hint=${t("departments.noneHint")} />`
        : html`<${Table} departments=${data} ask=${setAsked} />`}
    </section>
    ${asked && html`<${Ask} asked=${asked} done=${list.reload} close=${() => setAsked(null)} />`}
  </div>`;
}

/** @param {{ departments: Rest.DepartmentAnswer[], ask: (asked: Asked) => void }} props */
function Table({ departments, ask }) {
  /** @type {import("../../components/list-table.js").Column<Rest.DepartmentAnswer>[]} */
  const columns = [
    { key: "name", title: t("departments.name"), cell: ({ name }) => name },
    { key: "members", title: t("departments.members"), width: 96, cell: ({ id, usersCount }) => html`<a
      class="row-link" href=${hrefOf("staff", { department: id })}>
      ${t("departments.people", { n: number(usersCount) })}</a>` },
    { key: "actions", title: t("column.actions"), width: 168, from: "middle", actions: true,
      cell: (known) => html`<span class="row-actions"><${Button} small kind="ghost" label=${t("departments.rename")}
        action=${() => { ask({ what: "rename", known }); }} />
        <${Button} small kind="ghost danger-text" label=${t("departments.delete")} disabled=${known.usersCount > 0}
          title=${known.usersCount > 0 ? t("departments.notEmpty") : undefined}
          action=${() => { ask({ what: "delete", known }); }} /></span>` },
  ];
  return html`<${ListTable} label=${t("departments.title")} columns=${columns} rows=${departments}
    testId="departments-table" rowTestId=${(/** @type {Rest.DepartmentAnswer} */ { id }) => `department-row-${id}`} />`;
}

/** @param {{ asked: Asked, done: () => void, close: () => void }} props */
function Ask({ asked, done, close }) {
  const { what, known } = asked;
  const [name, setName] = useState(known?.name ?? "");
  async function work() {
    const path = `/departments${known ? `/${known.id}` : ""}`;
    const method = { create: "POST", rename: "PATCH", delete: "DELETE" }[what];
    const { message } = await call(method, path, { body: what === "delete" ? undefined : { name } });
    toast(message);
    done();
  }
  return html`<${Confirm} title=${t(`departments.${what}Title`, { name: known?.name })} danger=${what === "delete"}
    confirmLabel=${t(what === "delete" ? "departments.delete" : "action.save")} work=${work} close=${close}
    blocked=${!name.trim()}>
    ${what !== "delete" && html`<label class="field"><span>${t("departments.name")}</span>
      <input value=${name} maxlength="32" autofocus required data-testid="department-name"
        onInput=${(/** @type {any} */ event) => setName(event.target.value)} /></label>`}
  <//>`;
}
