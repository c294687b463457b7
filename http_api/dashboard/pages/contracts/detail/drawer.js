// One contract in full: signers, terms, history and actions.
import { html, useEffect } from "../../../lib/view.js";
import { get } from "../../../lib/api.js";
import { t } from "../../../lib/i18n.js";
import { useLanguage, useResource } from "../../../lib/hooks.js";
import { useNamespace } from "../../../lib/live.js";
import { Drawer } from "../../../components/drawer.js";
import { Failure, Skeleton } from "../../../components/states.js";
import { Tag } from "../../../components/tag.js";
import { ActionBar } from "./action-bar.js";
import { ContractDetails } from "./details.js";
import { ContractHistory } from "./history.js";
import { ContractNotices } from "./notices.js";
import { ContractSigners } from "./signers.js";
import { useContractActions } from "./actions.js";
import { endingOf, tagKindOf, typeText } from "../words.js";

/**
 * `asks`: the action that the reader has just chosen elsewhere, to be asked about once the contract is shown.
 * @param {{ id: string, asks?: Rest.ContractAction, close: () => void, open: (id: string) => void,
 * write: import("./action-bar.js").Write }} props
 */
export function ContractDrawer({ id, asks, close, open, write }) {
  const language = useLanguage(); // some of the texts are the server's
  /** @type {import("../../../lib/hooks.js").Resource<Rest.ContractDetail>} */
  const resource = useResource(`${id} ${language}`, (signal) => get(`/contracts/${id}`, {}, signal));
  const { data: contract, error, reload, change } = resource;
  const actions = useContractActions({ contract, keep: (fresh) => change(() => fresh), gone: close });

  const askable = asks && contract?.allowedActions.includes(asks) && !contract.missingToSign.length;
  useEffect(() => { if (askable) actions.ask(asks); }, [askable]);

  /** @param {Push.ContractChangedPush} push */
  function onChange(push) {
    if (push.contractId !== id) return;
    if (push.card.isDeleted) close();
    else if (!contract || push.version > contract.version) reload();
  }
  useNamespace("/contracts", { contractStatus: onChange, contractChanged: onChange, gap: reload });

  return html`<${Drawer} wide label=${t("contract.details")} close=${close} testId="contract-drawer"
      title=${contract ? html`<${Title} contract=${contract} />` : html`<h2>${t("contract.details")}</h2>`}>
    <div class="drawer-content" aria-busy=${resource.loading}>
      ${contract ? html`<${ContractNotices} contract=${contract} actions=${actions} write=${write} />
          <${ContractSigners} contract=${contract} />
          <${ContractDetails} contract=${contract} open=${open} />
          <${ContractHistory} history=${contract.history} version=${contract.version} />`
        : error ? html`<${Failure} error=${error} retry=${reload} />` : html`<${Skeleton} lines=${10} />`}
    </div>
    ${contract && html`<${ActionBar} contract=${contract} actions=${actions} write=${write} />`}
    ${actions.dialog}
  <//>`;
}

/** @param {{ contract: Rest.ContractDetail }} props */
function Title({ contract }) {
  const { contractStatus, customerName, workerName, contractNumber } = contract;
  const ending = endingOf(contract);
  return html`<h2><span>${customerName}${workerName && ` → ${workerName}`}</span>
      <${Tag} kind=${tagKindOf(contractStatus)}><span
        data-testid="drawer-status">${t(`contractStatus.${contractStatus}`)}
      </span><//>${ending && html`<${Tag} kind="warn">${t(`contractEnding.${ending}`)}<//>`}</h2>
    <p class="muted small-text">${typeText(contract)} · <span class="numeric">${contractNumber}</span></p>`;
}
