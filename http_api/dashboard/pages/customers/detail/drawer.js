// One customer in full: contact, stage, grade, record and actions.
import { html, useEffect, useState } from "../../../lib/view.js";
import { call, get } from "../../../lib/api.js";
import { t } from "../../../lib/i18n.js";
import { useResource } from "../../../lib/hooks.js";
import { useNamespace } from "../../../lib/live.js";
import { Drawer } from "../../../components/drawer.js";
import { Failure, Skeleton } from "../../../components/states.js";
import { Tag } from "../../../components/tag.js";
import { toast, toastError } from "../../../components/toast.js";
import { ClaimButton, useCapacity } from "../pool/claim.js";
import { differences } from "../differences.js";
import { demandOf, nameOf, stageKind } from "../words.js";
import { ActionBar } from "./actions.js";
import { Contact } from "./contact.js";
import { CustomerDetails } from "./details.js";
import { NewFollowUp } from "./new-follow-up.js";
import { Grade, StageSteps } from "./stage.js";
import { Timeline } from "./timeline.js";

/** @typedef {import("../words.js").Customer} Customer */

/**
 * A higher `revision` means that the form has saved the customer: the drawer reads again.
 * @param {{ id: string, revision: number, enums: import("../enums.js").Enums, staff: Rest.AssigneeAnswer[],
 *   close: () => void, open: (id: string) => void, edit: (customer: Customer) => void }} props
 */
export function CustomerDrawer({ id, revision, enums, staff, close, open, edit }) {
  /** @type {import("../../../lib/hooks.js").Resource<Customer>} */
  const resource = useResource(id, (signal) => get(`/customers/${id}`, {}, signal));
  const { error, reload, change } = resource;
  // A customer that went to another owner may not be shown any more.
  const customer = error?.status === 404 ? null : resource.data;
  useEffect(() => { if (revision) reload(); }, [revision]);
  const [meanwhile, setMeanwhile] = useState(/** @type {string[]} */ ([]));

  /** @param {Push.CustomerChangedPush} push */
  function onChange(push) {
    if (push.customerId !== id) return;
    if (push.change === "deleted") close();
    else if (!customer || push.version > customer.version) reload();
  }
  useNamespace("/customers", { customerChanged: onChange, gap: reload });

  /** @param {Customer | null} saved */
  function keep(saved) {
    setMeanwhile([]);
    if (saved) change(() => saved);
    else close();
  }
  /** After a refusal: the customer as it is now, and the changes of another person. */
  async function explain() {
    const fresh = /** @type {Customer | null} */ (await get(`/customers/${id}`).catch(() => null));
    if (!fresh || !customer) return;
    setMeanwhile(differences(customer, fresh, enums));
    change(() => fresh);
  }
  /** @param {object} fields */
  async function save(fields) {
    try {
      const body = { ...fields, version: customer?.version };
      const { data, message } = await call("PATCH", `/customers/${id}`, { body });
      toast(message);
      keep(data);
    } catch (refusal) {
      toastError(refusal);
      if (refusal.status === 409) await explain();
    }
  }

  return html`<${Drawer} label=${t("customer.details")} close=${close} testId="customer-drawer"
      title=${customer ? html`<${Title} customer=${customer} enums=${enums} />`
        : html`<h2>${t("customer.details")}</h2>`}>
    <div class="drawer-content" aria-busy=${resource.loading}>
      ${customer ? html`<${Notices} customer=${customer} meanwhile=${meanwhile} />
          <${Contact} customer=${customer} />
          <${StageSteps} customer=${customer} change=${save} />
          <${Grade} customer=${customer} change=${save} />
          ${customer.actions.includes("edit") && !customer.inPublicPool
            && html`<${NewFollowUp} id=${id} done=${reload} />`}
          <${CustomerDetails} customer=${customer} enums=${enums} open=${open} />
          ${customer.withinScope && html`<${Timeline} customer=${customer} />`}`
        : error ? html`<${Failure} error=${error} retry=${reload} />` : html`<${Skeleton} lines=${10} />`}
    </div>
    ${customer && html`<${ActionBar} customer=${customer} staff=${staff} edit=${() => edit(customer)} done=${keep}
      refused=${explain} more=${customer.inPublicPool && html`<${Claim} customer=${customer} done=${reload}
        refused=${explain} />`} />`}
  <//>`;
}

/** @param {{ customer: Customer, enums: import("../enums.js").Enums }} props */
function Title({ customer, enums }) {
  const { contractStatus, customerId } = customer;
  return html`<h2><span>${nameOf(customer)}</span> <${Tag} kind=${stageKind(contractStatus)}>
      <span data-testid="drawer-stage">${t(`customerStage.${contractStatus}`)}</span><//></h2>
    <p class="muted small-text">${demandOf(customer, enums)} <span class="numeric">${customerId}</span></p>`;
}

/** @param {{ customer: Customer, done: () => void, refused: () => Promise<void> }} props */
const Claim = ({ customer, done, refused }) => html`<${ClaimButton} customer=${customer} capacity=${useCapacity()}
  done=${done} refused=${refused} />`;

/** @param {{ customer: Customer, meanwhile: string[] }} props */
function Notices({ customer, meanwhile }) {
  const { isFrozen, frozenReason, inPublicPool, withinScope } = customer;
  return html`<div class="notices">
    ${meanwhile.length > 0 && html`<div class="notice warn" role="status" data-testid="meanwhile">
      <strong>${t("customer.meanwhile")}</strong><ul>${meanwhile.map((line) => html`<li key=${line}>${line}</li>`)}</ul></div>`}
    ${isFrozen && html`<p class="notice bad"><strong>${t("customers.frozen")}</strong> ${frozenReason}</p>`}
    ${inPublicPool && !withinScope && html`<p class="notice info"><strong>${t("customers.inPool")}</strong>
      ${t("customer.partly")}</p>`}
  </div>`;
}
