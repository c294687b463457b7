// The search and the filters of the customers, for the list, the board and the pool.
import { html, useState } from "../../lib/view.js";
import { catalogue } from "../../lib/catalogue.js";
import { t } from "../../lib/i18n.js";
import { setQuery } from "../../lib/router.js";
import { Button } from "../../components/button.js";
import { Choice } from "../../components/choice.js";
import { DayRange } from "../../components/day-range.js";
import { SearchField } from "../../components/search-field.js";
import { NO_FILTERS, RANGES, hasFilters, offers } from "./query.js";

/**
 * @param {{ query: import("./query.js").Query, enums: import("./enums.js").Enums, staff: Rest.AssigneeAnswer[] }} props
 */
export function CustomerFilters({ query, enums, staff }) {
  const [more, setMore] = useState(RANGES.some(({ from, to }) => query[from] || query[to]));
  /**
   * @param {string} name
   * @param {import("../../components/select.js").Option[]} options
   */
  const choice = (name, options) => offers(query, name) && html`<${Choice} key=${name}
    label=${t(`customerFilter.${name}`)} value=${query[name]} options=${options} testId=${`filter-${name}`}
    choose=${(/** @type {string} */ value) => setQuery({ [name]: value, page: "" }, { replace: true })} />`;
  return html`<div class="filters" role="search" aria-label=${t("customerFilter.label")}>
    <${SearchField} value=${query.search ?? ""} label=${t("customers.search")} testId="customers-search" />
    ${choice("contractStatus", catalogue.customerStages.map((stage) => [stage, t(`customerStage.${stage}`)]))}
    ${choice("leadLevel", catalogue.leadLevels.map((level) => [level, t(`leadLevel.${level}`)]))}
    ${choice("followUpStatus", catalogue.followUpStatuses.map((status) => [status, t(`followUpStatus.${status}`)]))}
    ${choice("leadSource", enums.optionsOf("leadSource", query.leadSource))}
    ${choice("serviceCategory", enums.optionsOf("serviceCategory", query.serviceCategory))}
    ${staff.length > 1 && choice("assignedTo", staff.map(({ id, name }) => [id, name]))}
    <${Button} kind="ghost" icon="filter" label=${t("customerFilter.dates")} pressed=${more}
      action=${() => setMore(!more)} testId="filter-dates" />
    ${hasFilters(query) && html`<${Button} kind="ghost" icon="close" label=${t("filter.clear")}
      action=${() => setQuery(NO_FILTERS)} testId="filter-clear" />`}
    ${more && html`<div class="filter-dates">${RANGES.map(({ label, from, to }) => html`<${DayRange} key=${from}
      label=${t(label)} fromLabel=${t("customerFilter.from")} toLabel=${t("customerFilter.to")} from=${from} to=${to}
      query=${query} />`)}</div>`}
  </div>`;
}
