// The customers: list, board and pool, and one customer in full. The address holds the view.
import { html, useMemo, useState } from "../../lib/view.js";
import { download } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { number } from "../../lib/format.js";
import { route, setQuery } from "../../lib/router.js";
import { can } from "../../lib/session.js";
import { useStore } from "../../lib/store.js";
import { Button } from "../../components/button.js";
import { Segmented } from "../../components/segmented.js";
import { toastError } from "../../components/toast.js";
import { BatchBar, selectionColumn, useSelection } from "./batch.js";
import { CustomerBoard } from "./board/board.js";
import { OpenCustomer } from "./detail/open-customer.js";
import { useAssignees, useEnums } from "./enums.js";
import { CustomerFilters } from "./filters.js";
import { CustomerForm } from "./form/form.js";
import { CustomerList, useCustomerList } from "./list.js";
import { CustomerPool } from "./pool/pool.js";
import { Responses } from "./responses/responses.js";
import { VIEWS, filtersOf, validQuery, viewOf } from "./query.js";
import { SavedViews } from "./views.js";

/** @typedef {import("./words.js").Customer} Customer */

/** @type {Record<import("./query.js").View, import("../../lib/view.js").Component>} */
const VIEW = { list: CustomerTable, board: CustomerBoard, pool: CustomerPool, responses: Responses };

export function Customers() {
  const { query: given } = useStore(route);
  const query = useMemo(() => validQuery(given), [given]);
  const view = viewOf(query);
  const enums = useEnums();
  const staff = useAssignees();
  const [creating, setCreating] = useState(false);
  /** @param {string} id */
  const open = (id) => setQuery({ customer: id });
  /** @param {Customer} customer */
  function created({ id }) {
    setCreating(false);
    open(id);
  }
  const shared = { query, enums, open, staff };
  return html`<div class="page wide">
    <div class="page-head">
      <h1>${t("customers.title")}</h1>
      <div class="head-actions">
        <${Segmented} label=${t("customers.view")} value=${view} testId="view"
          options=${VIEWS.map((name) => [name, t(`customerView.${name}`)])}
          choose=${(/** @type {string} */ name) =>
            setQuery({ view: name === "list" ? "" : name, page: "", sort: "", state: "" })} />
        ${can("customer:create") && html`<${Button} kind="primary" icon="plus" label=${t("customers.create")}
          action=${() => setCreating(true)} testId="customer-create" />`}
      </div>
    </div>
    <${VIEW[view]} ...${shared} />
    <${OpenCustomer} id=${query.customer} enums=${enums} staff=${staff} />
    ${creating && html`<${CustomerForm} enums=${enums} staff=${staff} cancel=${() => setCreating(false)}
      done=${created} />`}
  </div>`;
}

/**
 * @param {{ query: import("./query.js").Query, enums: import("./enums.js").Enums, open: (id: string) => void,
 *   staff: Rest.AssigneeAnswer[] }} props
 */
function CustomerTable({ query, enums, open, staff }) {
  const list = useCustomerList(query, false);
  const selection = useSelection(list.data?.list ?? [], list.key);
  /** @type {import("./batch.js").Kind[]} */
  const kinds = [...(can("customer:assign") && staff.length ? /** @type {const} */ (["assign"]) : []),
    ...(can("customer:edit") ? /** @type {const} */ (["release"]) : [])];
  return html`<section class="panel list-panel" aria-label=${t("customers.title")}>
    <${CustomerFilters} query=${query} enums=${enums} staff=${staff} />
    <${SavedViews} query=${query} />
    <p class="list-count muted small-text"><span aria-live="polite">
      ${list.data ? t("customers.count", { n: number(list.data.total) }) : t("state.loading")}</span>
      <${Button} small kind="ghost push" icon="download" label=${t("customers.export")} disabled=${!list.data?.total}
        action=${() => download("/customers/export", filtersOf(query), `${t("customers.title")}.xlsx`).catch(toastError)}
        testId="customers-export" /></p>
    <${BatchBar} selection=${selection} kinds=${kinds} staff=${staff} done=${list.live.reload} />
    <${CustomerList} list=${list} query=${query} enums=${enums} open=${open}
      first=${kinds.length ? [selectionColumn(selection)] : []} />
  </section>`;
}
