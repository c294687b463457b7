// The contracts as a table with pages; what changes meanwhile is marked where it stands.
import { html } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { useResource } from "../../lib/hooks.js";
import { useNamespace } from "../../lib/live.js";
import { useLiveList } from "../../lib/live-list.js";
import { setQuery } from "../../lib/router.js";
import { PAGE_SIZES, PastTheEnd, Pagination, isPastTheEnd, pageOf } from "../../components/pagination.js";
import { Empty, Failure } from "../../components/states.js";
import { filtersOf, fits, hasFilters, NO_FILTERS } from "./filters.js";
import { MARKED_MS, markOf } from "./marks.js";
import { ownScope } from "./scope.js";
import { ContractsTable } from "./table.js";
import { signedCount } from "./words.js";

export function ContractList({ query, owners, open }) {
  const page = pageOf(query);
  const limit = PAGE_SIZES.find((size) => String(size) === query.pageSize) ?? PAGE_SIZES[0];
  const asked = { ...filtersOf(query), status: query.status, page, limit };
  const key = JSON.stringify(asked);
  const list = useResource(key, (signal) => get("/contracts", asked, signal));
  const live = useLiveList({ list, key, rows: "contracts", markedMs: MARKED_MS });
  const ownId = ownScope();

  function heard(push) {
    const { card, contractId } = push;
    const row = live.find(contractId);
    if (!row) {
      const shown = fits(card, query, ownId, false) && (!query.status || query.status === card.contractStatus);
      const isNew = push.cause === "created" || query.status;
      if (shown && isNew) live.newcomer(contractId);
    } else if (row.version < push.version) {
      const mark = card.isDeleted ? markOf({ ...push, from: row.contractStatus, to: "left" }) : markOf(push);
      live.replace(rowOf(row, card), mark);
    }
  }
  useNamespace("/contracts", { contractStatus: heard, contractChanged: heard, gap: live.reload });

  const { data, error, stale } = list;
  if (isPastTheEnd(list, page, data?.contracts)) return html`<${PastTheEnd} error=${error} />`;
  if (error && !data) return html`<${Failure} error=${error} retry=${live.reload} />`;
  if (data && data.contracts.length === 0 && !stale) {
    return hasFilters(query)
      ? html`<${Empty} title=${t("contracts.noneFound")} hint=${t("contracts.noneFoundHint")}
        actionLabel=${t("filter.clear")} action=${() => setQuery(NO_FILTERS)} />`
      : html`<${Empty} title=${t("contracts.none")} hint=${t("contracts.noneHint")} />`;
  }
  return html`${live.fresh > 0 && html`<div class="pill-row" aria-live="polite"><button type="button" class="pill"
      onClick=${() => (page === 1 ? live.reload() : setQuery({ page: "" }))} data-testid="new-contracts">
      ${t("contracts.fresh", { n: live.fresh })}</button></div>`}
    <${ContractsTable} contracts=${data?.contracts ?? null} stale=${stale && list.key !== key} marks=${live.marks}
      owners=${owners} open=${open} />
    ${data && html`<${Pagination} total=${data.total} page=${data.page} pageSize=${data.limit}
      setPage=${(number) => setQuery({ page: number === 1 ? "" : number })}
      setPageSize=${(size) => setQuery({ pageSize: size === PAGE_SIZES[0] ? "" : size, page: "" })} />`}`;
}

/** A row with what its card knows now; amounts of a card are in fen. */
function rowOf(row, card) {
  return {
    ...row,
    version: card.version,
    contractStatus: card.contractStatus,
    cancelReason: card.cancelReason,
    cancelNote: card.cancelNote,
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
