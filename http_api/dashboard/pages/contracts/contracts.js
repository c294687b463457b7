// The contracts: a board that moves by itself, the same as a list, and one of them in full. The address is the view.
import { html, useMemo, useState } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { number } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { useNamespace } from "../../lib/live.js";
import { route, setQuery } from "../../lib/router.js";
import { can, hasCapability } from "../../lib/session.js";
import { useStore } from "../../lib/store.js";
import { Button } from "../../components/button.js";
import { Approvals } from "./approvals.js";
import { ContractBoard } from "./board/board.js";
import { ContractDrawer } from "./detail/drawer.js";
import { ContractFilters, understood } from "./filters.js";
import { ContractForm } from "./form/form.js";
import { ContractList } from "./list.js";
import { useBoard } from "./board/use-board.js";

const VIEWS = ["board", "list"];
const ASKS_MS = 2_000;

export function Contracts() {
  const { query: given } = useStore(route);
  const query = useMemo(() => understood(given), [given]);
  const view = query.view === "list" ? "list" : "board";
  const board = useBoard(query);
  const owners = useOwners();
  const [writing, setWriting] = useState(null); // {mode, contract?}: the form that is open
  const open = (id) => setQuery({ contract: id });
  const close = () => setQuery({ contract: "" }, { replace: true });
  const written = (contract) => {
    setWriting(null);
    open(contract.id);
  };

  return html`<div class="page wide">
    <div class="page-head">
      <div><h1>${t("contracts.title")}</h1><${Summary} board=${board} query=${query} /></div>
      <div class="head-actions">
        ${hasCapability("contract:decide-deletion") && html`<${Approvals} open=${open} />`}
        <div class="segmented" role="group" aria-label=${t("contracts.view")}>${VIEWS.map((name) => html`
          <button type="button" key=${name} aria-pressed=${name === view} data-testid=${`view-${name}`}
            onClick=${() => setQuery({ view: name === "board" ? "" : name, page: "" })}>
            ${t(`contractView.${name}`)}</button>`)}</div>
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
      write=${(mode, contract) => setWriting({ mode, contract })} />`}
    ${writing && html`<${ContractForm} key=${writing.mode} mode=${writing.mode} contract=${writing.contract}
      done=${written} open=${open} cancel=${() => setWriting(null)} change=${setWriting} />`}
  </div>`;
}

/** How many there are, and what needs somebody. */
function Summary({ board, query }) {
  const { data, loading } = board;
  if (!data) return html`<p class="muted">${loading && t("state.loading")}</p>`;
  const total = data.columns.reduce((sum, { count }) => sum + count, 0);
  const hint = (ending, count) => count > 0 && html`<button type="button" class="hint-link"
    onClick=${() => setQuery({ ending: query.ending === ending ? "" : ending, page: "" })}
    aria-pressed=${query.ending === ending} data-testid=${`hint-${ending}`}>
    ${t(`contractHint.${ending}`, { n: number(count) })}</button>`;
  return html`<p class="muted summary"><span>${t("contracts.count", { n: number(total) })}</span>
    ${hint("soon", data.endingSoon)}${hint("expired", data.serviceExpired)}</p>`;
}

/** The staff whose contracts one may see; asked for again when somebody new has one. */
function useOwners() {
  const { data, reload } = useResource("owners", (signal) => get("/contracts/owners", {}, signal));
  const list = data?.owners ?? [];
  const names = new Map(list.map(({ id, name }) => [id, name]));
  const [asked, setAsked] = useState(0);
  function heard({ ownerId }) {
    if (!data || names.has(ownerId) || Date.now() - asked < ASKS_MS) return;
    setAsked(Date.now());
    reload();
  }
  useNamespace("/contracts", { contractStatus: heard, contractChanged: heard });
  return { list, names };
}
