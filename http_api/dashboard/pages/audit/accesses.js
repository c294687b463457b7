// The numbers of values that each person revealed and exported on a day, with a mark where they are unusual.
import { html } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { number, today } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { setQuery } from "../../lib/router.js";
import { Panel } from "../../components/panel.js";
import { Tag } from "../../components/tag.js";

/** @param {{ day?: string, revision: number }} props `revision`: a higher one reads again */
export function Accesses({ day = today(), revision }) {
  /** @type {import("../../lib/hooks.js").Resource<Rest.AccessList>} */
  const resource = useResource(`${day} ${revision}`, (signal) => get("/audit-logs/accesses", { day }, signal));
  if (resource.data && resource.data.list.length + resource.data.refused.length === 0) return null;
  return html`<${Panel} title=${t("auditAccess.title", { day })} hint=${t("auditAccess.hint")} resource=${resource}>
    ${(/** @type {Rest.AccessList} */ { list, refused }) => html`<${Refused} people=${refused} />
      ${list.length > 0 && html`<div class="table-scroll"><table class="list-table audit-accesses"
      data-testid="audit-accesses"><thead><tr><th scope="col">${t("auditColumn.actor")}</th>
      <th scope="col" class="numeric">${t("auditAccess.reveals")}</th>
      <th scope="col" class="numeric">${t("auditAccess.exports")}</th></tr></thead>
      <tbody>${list.map((person) => html`<tr key=${person.staffId}>
        <td><button type="button" class="link-button" onClick=${() => setQuery({ search: person.staffId, page: "" })}>
          ${person.name}</button></td>
        <${Count} count=${person.reveals} usual=${person.usualReveals} marked=${person.marks.includes("reveal")} />
        <${Count} count=${person.exports} usual=${person.usualExports} marked=${person.marks.includes("export")} />
      </tr>`)}</tbody></table></div>`}`}<//>`;
}

/** @param {{ people: Rest.RefusedAccesses[] }} props */
function Refused({ people }) {
  if (people.length === 0) return null;
  return html`<p class="audit-refused" data-testid="audit-refused">${t("auditAccess.refused")}
    ${people.map(({ staffId, name, count }) => html`<${Tag} key=${staffId} kind="warn">${name} ${number(count)}<//>`)}
  </p>`;
}

/** @param {{ count: number, usual: number, marked: boolean }} props */
function Count({ count, usual, marked }) {
  return html`<td class="numeric">${number(count)} ${marked && html`<${Tag} kind="warn"
    title=${t("auditAccess.usual", { n: number(Math.round(usual * 10) / 10) })}>${t("auditAccess.unusual")}<//>`}</td>`;
}
