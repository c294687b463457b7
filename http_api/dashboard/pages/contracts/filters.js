// The search and the filters of the contracts, for the board and the list.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { setQuery } from "../../lib/router.js";
import { Button } from "../../components/button.js";
import { Choice } from "../../components/choice.js";
import { SearchField } from "../../components/search-field.js";
import { ENDINGS, NO_FILTERS, categories, hasFilters, types } from "./query.js";
import { STATUSES } from "./words.js";

/** @param {{ query: import("./query.js").Query, owners: Rest.Owner[], withStatus: boolean }} props */
export function ContractFilters({ query, owners, withStatus }) {
  /** @type {(name: string) => (value: string) => void} */
  const choose = (name) => (value) => setQuery({ [name]: value, page: "" }, { replace: true });
  return html`<div class="filters" role="search" aria-label=${t("contractFilter.label")}>
    <${SearchField} value=${query.search ?? ""} label=${t("contracts.search")} testId="contracts-search" />
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
