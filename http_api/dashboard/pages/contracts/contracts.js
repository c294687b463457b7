// The contracts: a live board, the same as a list, and one contract in full. The address holds the view.
import { html, useMemo, useState } from "../../lib/view.js";
import { download, get } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { number } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { useNamespace } from "../../lib/live.js";
import { route, setQuery } from "../../lib/router.js";
import { can, hasCapability } from "../../lib/session.js";
import { useStore } from "../../lib/store.js";
import { taskFinished } from "../../lib/tasks.js";
import { Button } from "../../components/button.js";
import { Segmented } from "../../components/segmented.js";
import { toastError } from "../../components/toast.js";
import { Approvals } from "./approvals.js";
import { ContractBoard } from "./board/board.js";
import { ContractDrawer } from "./detail/drawer.js";
import { ContractFilters } from "./filters.js";
import { ContractForm } from "./form/form.js";
import { ContractList } from "./list.js";
import { useBoard } from "./board/use-board.js";
import { filtersOf, validQuery } from "./query.js";

const VIEWS = ["board", "list"];
const BETWEEN_READS_MS = 2_000;

/** @typedef {{ mode: "create" | "edit" | "changeWorker" | "renew", contract?: Rest.ContractDetail }} OpenForm */

export function Contracts() {
  const { query: given } = useStore(route);
  const query = useMemo(() => validQuery(given), [given]);
  const view = query.view === "list" ? "list" : "board";
  const board = useBoard(query);
  const owners = useOwners();
  useNamespace("/contracts", { taskFinished: ({ taskId }) => taskFinished(taskId) });
  const [writing, setWriting] = useState(/** @type {OpenForm | null} */ (null));
  const [toSign, setToSign] = useState(""); // the contract that its form was saved to start signing
  /** @param {string} id */
  const open = (id) => setQuery({ contract: id });
  const close = () => setQuery({ contract: "" }, { replace: true });
  /** @param {OpenForm["mode"]} mode @param {Rest.ContractDetail} contract */
  const write = (mode, contract) => setWriting({ mode, contract });
  /** @param {Rest.ContractDetail} contract @param {boolean} sign */
  const written = (contract, sign) => {
    setWriting(null);
    setToSign(sign ? contract.id : "");
    open(contract.id);
  };

  return html`<div class="page wide">
    <div class="page-head">
      <div><h1>${t("contracts.title")}</h1><${Summary} board=${board} query=${query} /></div>
      <div class="head-actions">
        ${hasCapability("contract:decide-deletion") && html`<${Approvals} open=${open} />`}
        <${Segmented} label=${t("contracts.view")} value=${view} testId="view"
          options=${VIEWS.map((name) => [name, t(`contractView.${name}`)])}
          choose=${(/** @type {string} */ name) => setQuery({ view: name === "board" ? "" : name, page: "" })} />
        ${view === "list" && html`<${Button} icon="download" label=${t("contracts.export")}
          action=${() => save(query)} testId="contracts-export" />`}
        ${can("contract:create") && html`<${Button} kind="primary" icon="plus" label=${t("contracts.create")}
          action=${() => { setWriting({ mode: "create" }); }} testId="contract-create" />`}
      </div>
    </div>
    <section class=${`panel ${view === "list" ? "list-panel" : ""}`}>
      <${ContractFilters} query=${query} owners=${owners.list} withStatus=${view === "list"} />
      ${view === "list" && html`<${ContractList} query=${query} owners=${owners.names} open=${open} />`}
    </section>
    ${view === "board" && html`<${ContractBoard} board=${board} query=${query} owners=${owners.names} open=${open} />`}
    ${query.contract && html`<${ContractDrawer} key=${query.contract} id=${query.contract} close=${close} open=${open}
      write=${write} asks=${query.contract === toSign ? "initiate" : undefined} />`}
    ${writing && html`<${ContractForm} key=${writing.mode} mode=${writing.mode} contract=${writing.contract}
      done=${written} open=${open} cancel=${() => setWriting(null)} change=${setWriting} />`}
  </div>`;
}

/**
 * The list as a spreadsheet, with its filters.
 * @param {import("../../lib/router.js").Query} query
 */
const save = (query) => download("/contracts/export", { ...filtersOf(query), status: query.status },
  `${t("contracts.title")}.xlsx`).catch(toastError);

/**
 * How many contracts there are, and how many end soon or are past their end.
 * @param {{ board: ReturnType<typeof useBoard>, query: import("../../lib/router.js").Query }} props
 */
function Summary({ board, query }) {
  const { data, loading } = board;
  if (!data) return html`<p class="muted">${loading && t("state.loading")}</p>`;
  const total = data.columns.reduce((sum, { count }) => sum + count, 0);
  /** @param {string} ending @param {number} count */
  const hint = (ending, count) => count > 0 && html`<button type="button" class="hint-link"
    onClick=${() => setQuery({ ending: query.ending === ending ? "" : ending, page: "" })}
    aria-pressed=${query.ending === ending} data-testid=${`hint-${ending}`}>
    ${t(`contractHint.${ending}`, { n: number(count) })}</button>`;
  return html`<p class="muted summary"><span>${t("contracts.count", { n: number(total) })}</span>
    ${hint("soon", data.endingSoon)}${hint("expired", data.serviceExpired)}</p>`;
}

/** The owners whose contracts the reader sees; read again when an event names an unknown one. */
function useOwners() {
  /** @type {import("../../lib/hooks.js").Resource<Rest.OwnerList>} */
  const { data, reload } = useResource("owners", (signal) => get("/contracts/owners", {}, signal));
  const list = data?.owners ?? [];
  const names = new Map(list.map(({ id, name }) => [id, name]));
  const [readAt, setReadAt] = useState(0);
  /** @param {{ ownerId: string }} push */
  function onChange({ ownerId }) {
    if (!data || names.has(ownerId) || Date.now() - readAt < BETWEEN_READS_MS) return;
    setReadAt(Date.now());
    reload();
  }
  useNamespace("/contracts", { contractStatus: onChange, contractChanged: onChange });
  return { list, names };
}
