// The contracts as a table with pages; changed rows are marked in place.
import { html } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { useResource } from "../../lib/hooks.js";
import { useNamespace } from "../../lib/live.js";
import { useLiveList } from "../../lib/live-list.js";
import { isPastTheEnd, pageOf, pageSizeOf } from "../../lib/paging.js";
import { setQuery } from "../../lib/router.js";
import { FreshRows } from "../../components/fresh-rows.js";
import { PastTheEnd, Pagination } from "../../components/pagination.js";
import { Empty, Failure } from "../../components/states.js";
import { NO_FILTERS, filtersOf, hasFilters, matches } from "./query.js";
import { MARKED_MS, markOf } from "./marks.js";
import { ownScope } from "./scope.js";
import { ContractsTable } from "./table.js";
import { cancelNoteOf, signedCount } from "./words.js";

/** @typedef {import("./table.js").ContractRow} ContractRow */
/** @typedef {import("../../lib/router.js").Query} Query */

/**
 * @param {{ query: Query, owners: Map<string, string>, open: (id: string) => void }} props
 */
export function ContractList({ query, owners, open }) {
  const page = pageOf(query);
  const limit = pageSizeOf(query);
  const asked = { ...filtersOf(query), status: query.status, page, limit };
  const key = JSON.stringify(asked);
  /** @type {import("../../lib/hooks.js").Resource<Rest.ContractList>} */
  const list = useResource(key, (signal) => get("/contracts", asked, signal));
  /** @type {ReturnType<typeof useLiveList<ContractRow>>} */
  const live = useLiveList({ list, key, rows: "contracts", markedMs: MARKED_MS });
  const ownId = ownScope();

  /** @param {Push.ContractChangedPush} push */
  function onChange(push) {
    const { card, contractId } = push;
    const row = live.find(contractId);
    if (!row) {
      const shown = matches(card, query, ownId, false) && (!query.status || query.status === card.contractStatus);
      const isNew = push.cause === "created" || query.status;
      if (shown && isNew) live.newcomer(contractId);
    } else if (row.version < push.version) {
      const mark = card.isDeleted ? markOf({ ...push, from: row.contractStatus, to: "left" }) : markOf(push);
      live.replace(rowOf(row, card), mark);
    }
  }
  useNamespace("/contracts", { contractStatus: onChange, contractChanged: onChange, gap: live.reload });

  const { data, error, stale } = list;
  if (isPastTheEnd(list, page, data?.contracts)) return html`<${PastTheEnd} error=${error} />`;
  if (error && !data) return html`<${Failure} error=${error} retry=${live.reload} />`;
  if (data && data.contracts.length === 0 && !stale) {
    return hasFilters(query)
      ? html`<${Empty} title=${t("contracts.noneFound")} hint=${t("contracts.noneFoundHint")}
        actionLabel=${t("filter.clear")} action=${() => setQuery(NO_FILTERS)} />`
      : html`<${Empty} title=${t("contracts.none")} hint=${t("contracts.noneHint")} />`;
  }
  return html`<${FreshRows} count=${live.fresh} text=${t("contracts.fresh", { n: live.fresh })}
      show=${() => (page === 1 ? live.reload() : setQuery({ page: "" }))} testId="new-contracts" />
    <${ContractsTable} contracts=${data?.contracts ?? null} stale=${stale && list.key !== key} marks=${live.marks}
      owners=${owners} open=${open} />
    ${data && html`<${Pagination} total=${data.total} page=${data.page} pageSize=${data.limit} />`}`;
}

/**
 * The row with what its card says now, amounts aside: those of a card are in fen.
 * @param {ContractRow} row
 * @param {Push.ContractCard} card
 * @returns {ContractRow}
 */
function rowOf(row, card) {
  return {
    ...row,
    version: card.version,
    contractStatus: card.contractStatus,
    cancelReason: card.cancelReason,
    cancelNote: cancelNoteOf(card),
    customerName: card.customerName,
    workerName: card.workerName,
    endDate: card.endDate,
    closure: card.closure,
    createdBy: { ...row.createdBy, _id: card.ownerId },
    signedCount: signedCount(card.signers),
    signerCount: card.signers.length,
    updatedAt: card.updatedAt,
    isDeleted: card.isDeleted,
  };
}
