// The dialog that assigns a contract to another staff member.
import { html, useState } from "../../../lib/view.js";
import { call, get } from "../../../lib/api.js";
import { t } from "../../../lib/i18n.js";
import { useResource } from "../../../lib/hooks.js";
import { Confirm } from "../../../components/confirm.js";
import { Select } from "../../../components/select.js";
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
        <${Select} label=${t("contract.newOwner")} value=${to} choose=${setTo} aria-required="true"
          data-testid="assign-to"
          options=${[["", t("contract.choose")],
            ...others.map(({ id, name, role }) => [id, `${name} · ${t(`role.${role}`)}`])]} /></label>`
      : staff.error ? html`<${Failure} error=${staff.error} retry=${staff.reload} />`
        : html`<${Skeleton} lines=${1} />`}
  <//>`;
}
