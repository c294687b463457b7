// The filters of the operation log.
import { html } from "../../lib/view.js";
import { catalogue } from "../../lib/catalogue.js";
import { t } from "../../lib/i18n.js";
import { setQuery } from "../../lib/router.js";
import { Button } from "../../components/button.js";
import { Choice } from "../../components/choice.js";
import { DayRange } from "../../components/day-range.js";
import { SearchField } from "../../components/search-field.js";
import { NO_FILTERS, TARGETS, hasFilters } from "./query.js";
import { actionText, targetText } from "./words.js";

/** @param {{ query: import("../../lib/query.js").Query }} props */
export function LogFilters({ query }) {
  /** @type {(name: string) => (value: string) => void} */
  const choose = (name) => (value) => setQuery({ [name]: value, page: "" }, { replace: true });
  return html`<div class="filters" role="search" aria-label=${t("auditFilter.label")}>
    <${SearchField} value=${query.search ?? ""} label=${t("auditFilter.actor")} testId="audit-search" />
    <${Choice} label=${t("auditFilter.action")} value=${query.action} choose=${choose("action")}
      options=${catalogue.auditActions.map((action) => [action, `${actionText(action)} (${action})`])}
      testId="audit-action" />
    <${Choice} label=${t("auditFilter.target")} value=${query.target} choose=${choose("target")}
      options=${TARGETS.map((kind) => [kind, targetText(kind)])} testId="audit-target" />
    <${DayRange} label=${t("auditFilter.days")} fromLabel=${t("auditFilter.from")} toLabel=${t("auditFilter.to")}
      from="from" to="to" query=${query} />
    ${query.record && html`<span class="tag">${t("auditFilter.record", { id: query.record })}</span>`}
    ${hasFilters(query) && html`<${Button} kind="ghost" icon="close" label=${t("filter.clear")}
      action=${() => setQuery(NO_FILTERS)} testId="filter-clear" />`}
  </div>`;
}
