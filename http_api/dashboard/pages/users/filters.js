// Search and filters of the user list; all of them live in the address.
import { html, useState } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { endOfDay, startOfDay } from "../../lib/format.js";
import { setQuery, withoutUnknown } from "../../lib/router.js";
import { Button } from "../../components/button.js";
import { Choice } from "../../components/choice.js";
import { SearchField } from "../../components/search-field.js";
import { PROVINCES, provinceName } from "../../lib/provinces.js";

const STATUSES = ["active", "inactive", "blocked"];
const RANGES = [
  { label: "userFilter.created", from: "createdFrom", to: "createdTo" },
  { label: "userFilter.lastLogin", from: "lastLoginFrom", to: "lastLoginTo" },
];
const OFFERED = { status: STATUSES, hasPhone: ["true", "false"], province: PROVINCES, needsReview: ["true"] };
const NAMES = ["search", ...Object.keys(OFFERED), ...RANGES.flatMap(({ from, to }) => [from, to])];
const isDay = (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text));

export const NO_FILTERS = Object.fromEntries([...NAMES, "page"].map((name) => [name, ""]));
export const hasFilters = (query) => NAMES.some((name) => query[name]);

/** The query as far as the filters can show it. */
export function understood(query) {
  const known = withoutUnknown(query, OFFERED);
  for (const day of RANGES.flatMap(({ from, to }) => [from, to])) if (!isDay(known[day])) delete known[day];
  return known;
}

/** What the server is asked: days of the agency become instants. */
export function filtersOf(query) {
  const filters = {};
  for (const name of NAMES) if (query[name]) filters[name] = query[name];
  for (const { from, to } of RANGES) {
    if (filters[from]) filters[from] = startOfDay(filters[from]);
    if (filters[to]) filters[to] = endOfDay(filters[to]);
  }
  return filters;
}

export function UserFilters({ query }) {
  const ranged = RANGES.some(({ from, to }) => query[from] || query[to]);
  const [more, setMore] = useState(ranged);
  const choose = (name) => (event) => setQuery({ [name]: event.target.value, page: "" }, { replace: true });

  return html`<div class="filters" role="search" aria-label=${t("userFilter.label")}>
    <${SearchField} value=${query.search ?? ""} label=${t("users.search")} testId="users-search" />
    <${Choice} label=${t("filter.status")} value=${query.status} choose=${choose("status")}
      options=${STATUSES.map((status) => [status, t(`userStatus.${status}`)])} testId="filter-status" />
    <${Choice} label=${t("userFilter.phone")} value=${query.hasPhone} choose=${choose("hasPhone")}
      options=${[["true", t("userFilter.withPhone")], ["false", t("userFilter.withoutPhone")]]} testId="filter-phone" />
    <${Choice} label=${t("userFilter.province")} value=${query.province} choose=${choose("province")}
      options=${PROVINCES.map((name) => [name, provinceName(name)])} testId="filter-province" />
    <${Choice} label=${t("userFilter.review")} value=${query.needsReview} choose=${choose("needsReview")}
      options=${[["true", t("userFilter.needsReview")]]} testId="filter-review" />
    <${Button} kind="ghost" icon="filter" label=${t("userFilter.dates")} pressed=${more} action=${() => setMore(!more)} />
    ${hasFilters(query) && html`<${Button} kind="ghost" icon="close" label=${t("filter.clear")}
      action=${() => setQuery(NO_FILTERS)} testId="filter-clear" />`}
    ${more && html`<div class="filter-dates">${RANGES.map((range) => html`<${DayRange} key=${range.from} range=${range}
      query=${query} choose=${choose} />`)}</div>`}
  </div>`;
}

function DayRange({ range, query, choose }) {
  const { label, from, to } = range;
  return html`<fieldset class="day-range"><legend>${t(label)}</legend>
    <input type="date" aria-label=${t("userFilter.from")} value=${query[from] ?? ""} max=${query[to]}
      onChange=${choose(from)} />
    <span aria-hidden="true">–</span>
    <input type="date" aria-label=${t("userFilter.to")} value=${query[to] ?? ""} min=${query[from]}
      onChange=${choose(to)} />
  </fieldset>`;
}
