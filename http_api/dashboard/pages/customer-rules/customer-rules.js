// The rules by which customers change owners on their own: into the pool, or from person to person.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { route, setQuery } from "../../lib/router.js";
import { useStore } from "../../lib/store.js";
import { Segmented } from "../../components/segmented.js";
import { useAssignees, useEnums } from "../customers/enums.js";
import { PoolRules } from "./pool/pool-rules.js";
import { TransferRecords } from "./transfer/records.js";
import { TransferRules } from "./transfer/rules.js";

/** @type {Record<string, import("../../lib/view.js").Component>} */
const TABS = { pool: PoolRules, transfer: TransferRules, records: TransferRecords };

export function CustomerRules() {
  const { query } = useStore(route);
  const tab = Object.hasOwn(TABS, query.tab ?? "") ? query.tab : "pool";
  const enums = useEnums();
  const staff = useAssignees();
  return html`<div class="page">
    <div class="page-head"><div><h1>${t("customer-rules.title")}</h1>
        <p class="muted">${t(`customerRulesHint.${tab}`)}</p></div>
      <${Segmented} label=${t("customer-rules.title")} value=${tab} testId="rules"
        options=${Object.keys(TABS).map((name) => [name, t(`customerRulesTab.${name}`)])}
        choose=${(/** @type {string} */ name) =>
          setQuery({ tab: name === "pool" ? "" : name, page: "", rule: "" })} /></div>
    <${TABS[tab]} query=${query} enums=${enums} staff=${staff} />
  </div>`;
}
