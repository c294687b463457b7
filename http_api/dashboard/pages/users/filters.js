// The search and the filters of the user list.
import { html, useState } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { setQuery } from "../../lib/router.js";
import { Button } from "../../components/button.js";
import { Choice } from "../../components/choice.js";
import { DayRange } from "../../components/day-range.js";
import { SearchField } from "../../components/search-field.js";
import { catalogue } from "../../lib/catalogue.js";
import { placeText } from "../../lib/places.js";
import { NO_FILTERS, RANGES, STATUSES, hasFilters } from "./query.js";

/** @typedef {import("./query.js").Query} Query */

/** @param {{ query: Query }} props */
export function UserFilters({ query }) {
  const ranged = RANGES.some(({ from, to }) => query[from] || query[to]);
  const [more, setMore] = useState(ranged);
  /** @type {(name: string) => (value: string) => void} */
  const choose = (name) => (value) => setQuery({ [name]: value, page: "" }, { replace: true });

  return html`<div class="filters" role="search" aria-label=${t("userFilter.label")}>
    <${SearchField} value=${query.search ?? ""} label=${t("users.search")} testId="users-search" />
    <${Choice} label=${t("filter.status")} value=${query.status} choose=${choose("status")}
      options=${STATUSES.map((status) => [status, t(`userStatus.${status}`)])} testId="filter-status" />
    <${Choice} label=${t("userFilter.phone")} value=${query.hasPhone} choose=${choose("hasPhone")}
      options=${[["true", t("userFilter.withPhone")], ["false", t("userFilter.withoutPhone")]]} testId="filter-phone" />
    <${Choice} label=${t("userFilter.province")} value=${query.province} choose=${choose("province")}
      options=${catalogue.provinces.map((name) => [name, placeText(name)])} testId="filter-province" />
    <${Choice} label=${t("userFilter.review")} value=${query.needsReview} choose=${choose("needsReview")}
      options=${[["true", t("userFilter.needsReview")]]} testId="filter-review" />
    <${Button} kind="ghost" icon="filter" label=${t("userFilter.dates")} pressed=${more}
      action=${() => setMore(!more)} />
    ${hasFilters(query) && html`<${Button} kind="ghost" icon="close" label=${t("filter.clear")}
      action=${() => setQuery(NO_FILTERS)} testId="filter-clear" />`}
    ${more && html`<div class="filter-dates">${RANGES.map(({ label, from, to }) => html`<${DayRange} key=${from}
      label=${t(label)} fromLabel=${t("userFilter.from")} toLabel=${t("userFilter.to")} from=${from} to=${to}
      query=${query} />`)}</div>`}
  </div>`;
}
