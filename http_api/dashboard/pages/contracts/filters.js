// Search and filters of the contracts; all of them live in the address and serve the board and the list alike.
import { html } from "../../lib/view.js";
import { catalogue } from "../../lib/catalogue.js";
import { t } from "../../lib/i18n.js";
import { daysAfter, today } from "../../lib/format.js";
import { setQuery, withoutUnknown } from "../../lib/router.js";
import { Button } from "../../components/button.js";
import { Choice } from "../../components/choice.js";
import { SearchField } from "../../components/search-field.js";
import { STATUSES, endingOf } from "./words.js";

const NAMES = ["search", "status", "category", "type", "owner", "ending"];
const ENDINGS = ["soon", "expired"];
const categories = () => Object.keys(catalogue.contractTypes);
const types = () => Object.values(catalogue.contractTypes).flat();

export const NO_FILTERS = Object.fromEntries([...NAMES, "page"].map((name) => [name, ""]));
export const hasFilters = (query) => NAMES.some((name) => query[name]);

/** The query as far as the filters can show it. */
export const understood = (query) =>
  withoutUnknown(query, { status: STATUSES, category: categories(), type: types(), ending: ENDINGS });

/** What the server is asked. */
export function filtersOf(query) {
  return {
    showAll: true,
    search: query.search,
    orderCategory: query.category,
    contractType: query.type,
    ownerId: query.owner,
    endingUntil: query.ending === "soon" ? daysAfter(today(), catalogue.endingSoonDays) : undefined,
    serviceExpired: query.ending === "expired" ? true : undefined,
  };
}

/** Whether a card belongs to what is shown. A search also finds phones, which no card has: `found` says that the
 * server found this contract before. */
export function fits(card, query, ownId, found) {
  const typed = (query.search ?? "").toLowerCase().replace(/\s/g, "");
  const named = [card.customerName, card.workerName, card.contractNumber].join("\n").toLowerCase();
  return !card.isDeleted
    && (!query.category || card.orderCategory === query.category)
    && (!query.type || card.contractType === query.type)
    && (!query.owner || card.ownerId === query.owner)
    && (!ownId || card.ownerId === ownId)
    && (!query.ending || endingOf(card) === query.ending)
    && (!typed || found || named.includes(typed));
}

export function ContractFilters({ query, owners, withStatus }) {
  const choose = (name) => (event) => setQuery({ [name]: event.target.value, page: "" }, { replace: true });
  return html`<div class="filters" role="search" aria-label=${t("contractFilter.label")}>
    <${SearchField} value=${query.search ?? ""} label=${t("contracts.search")} slash testId="contracts-search" />
    ${withStatus && html`<${Choice} label=${t("contractFilter.status")} value=${query.status}
      choose=${choose("status")} options=${STATUSES.map((status) => [status, t(`contractStatus.${status}`)])}
      testId="contracts-status" />`}
    <${Choice} label=${t("contractFilter.category")} value=${query.category} choose=${choose("category")}
      options=${categories().map((category) => [category, t(`contractCategory.${category}`)])}
      testId="contracts-category" />
    <${Choice} label=${t("contractFilter.type")} value=${query.type} choose=${choose("type")}
      options=${types().map((type) => [type, t(`contractType.${type}`)])} testId="contracts-type" />
    ${owners.length > 1 && html`<${Choice} label=${t("contractFilter.owner")} value=${query.owner}
      choose=${choose("owner")} options=${owners.map(({ id, name }) => [id, name || id])} testId="contracts-owner" />`}
    <${Choice} label=${t("contractFilter.ending")} value=${query.ending} choose=${choose("ending")}
      options=${ENDINGS.map((ending) => [ending, t(`contractEnding.${ending}`)])} testId="contracts-ending" />
    ${hasFilters(query) && html`<${Button} kind="ghost" icon="close" label=${t("filter.clear")}
      action=${() => setQuery(NO_FILTERS)} testId="contracts-clear" />`}
  </div>`;
}
