// The public pool: customers without an owner, to be claimed or assigned.
import { html } from "../../../lib/view.js";
import { number } from "../../../lib/format.js";
import { t } from "../../../lib/i18n.js";
import { can } from "../../../lib/session.js";
import { BatchBar, selectionColumn, useSelection } from "../batch.js";
import { CustomerFilters } from "../filters.js";
import { CustomerList, useCustomerList } from "../list.js";
import { ClaimButton, obstacleText, useCapacity } from "./claim.js";
import { capacityObstacle } from "./obstacles.js";

/** @typedef {import("../words.js").Customer} Customer */

/**
 * @param {{ query: import("../query.js").Query, enums: import("../enums.js").Enums, open: (id: string) => void,
 *   staff: Rest.AssigneeAnswer[] }} props
 */
export function CustomerPool({ query, enums, open, staff }) {
  const list = useCustomerList(query, true);
  const capacity = useCapacity();
  const selection = useSelection(list.data?.list ?? [], list.key);
  const claims = can("customer:edit");
  const obstacle = capacity && capacityObstacle(capacity, selection.chosen.length);
  /** @type {import("../batch.js").Kind[]} */
  const kinds = [...(claims ? /** @type {const} */ (["claim"]) : []),
    ...(can("customer:pool") && staff.length ? /** @type {const} */ (["poolAssign"]) : [])];
  const { live } = list;
  /** @param {Customer} row */
  const taken = (row) => live.mark(row.id, { kind: "claimedAway" });
  /** @type {import("../table.js").Column[]} */
  const last = claims ? [{ key: "claim", title: t("customerAction.claim"), width: 148, from: "middle", actions: true,
    cell: (row) => html`<${ClaimButton} small customer=${row} capacity=${capacity}
      done=${() => live.mark(row.id, { kind: "claimed" })}
      refused=${(/** @type {{ code: string }} */ { code }) => code === "CUSTOMER_ALREADY_CLAIMED" && taken(row)} />` }] : [];
  return html`<section class="panel list-panel" aria-label=${t("customerView.pool")}>
    <${CustomerFilters} query=${query} enums=${enums} staff=${[]} />
    <p class="list-count muted small-text" aria-live="polite" data-testid="capacity">
      <span>${list.data ? t("customers.count", { n: number(list.data.total) }) : t("state.loading")}</span>
      ${claims && capacity && html`<span>${t("customers.capacity", { ...capacity })}</span>`}</p>
    <${BatchBar} selection=${selection} staff=${staff} kinds=${kinds} done=${live.reload}
      obstacle=${obstacle && obstacleText(obstacle)} />
    <${CustomerList} list=${list} query=${query} pool enums=${enums} open=${open}
      first=${kinds.length ? [selectionColumn(selection)] : []} last=${last} />
  </section>`;
}
