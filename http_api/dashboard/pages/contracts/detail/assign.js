// The dialog that assigns a contract to another staff member.
import { html, useState } from "../../../lib/view.js";
import { call, get } from "../../../lib/api.js";
import { t } from "../../../lib/i18n.js";
import { useResource } from "../../../lib/hooks.js";
import { Confirm } from "../../../components/confirm.js";
import { Failure, Skeleton } from "../../../components/states.js";
import { parties } from "../words.js";

/** @param {{ contract: Rest.ContractDetail, done: (message: string) => Promise<void>, close: () => void }} props */
export function AssignDialog({ contract, done, close }) {
  /** @type {import("../../../lib/hooks.js").Resource<Rest.AssignableList>} */
  const staff = useResource("assignable", (signal) => get("/contracts/assignable-users", {}, signal));
  const [to, setTo] = useState("");
  const others = staff.data?.users.filter(({ id }) => id !== contract.createdBy._id);

  /** @param {string} reason */
  async function work(reason) {
    const { message } = await call("PATCH", `/contracts/${contract.id}/assign`, { body: { assignedTo: to, reason } });
    await done(message);
  }
  return html`<${Confirm} title=${t("contractAsk.assign", { name: parties(contract) })} reason="optional" blocked=${!to}
    confirmLabel=${t("contractAction.assign")} work=${work} close=${close}>
    ${others ? html`<label class="field"><span>${t("contract.newOwner")}</span>
        <select value=${to} onChange=${(/** @type {any} */ event) => setTo(event.target.value)} required
          data-testid="assign-to">
          <option value="">${t("contract.choose")}</option>
          ${others.map(({ id, name, role }) => html`<option key=${id} value=${id}>
            ${name} · ${t(`role.${role}`)}</option>`)}
        </select></label>`
      : staff.error ? html`<${Failure} error=${staff.error} retry=${staff.reload} />`
        : html`<${Skeleton} lines=${1} />`}
  <//>`;
}
