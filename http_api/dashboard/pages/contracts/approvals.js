// Requests to delete contracts, for administrators to decide.
import { html, useState } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { dateTime, number } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { useNamespace } from "../../lib/live.js";
import { Button } from "../../components/button.js";
import { Dialog } from "../../components/dialog.js";
import { Empty, Failure, Skeleton } from "../../components/states.js";

/** @type {Set<Push.Cause>} */
const ABOUT_DELETION = new Set(["deletion-asked", "deletion-refused", "deleted"]);

/** @param {{ open: (id: string) => void }} props */
export function Approvals({ open }) {
  const asked = { status: "pending", limit: 50 };
  /** @type {import("../../lib/hooks.js").Resource<Rest.ApprovalList>} */
  const list = useResource("approvals", (signal) => get("/contract-approvals", asked, signal));
  const [shown, setShown] = useState(false);
  /** @param {Push.ContractChangedPush} push */
  const onChange = ({ cause }) => { if (ABOUT_DELETION.has(cause)) list.reload(); };
  useNamespace("/contracts", { contractChanged: onChange, gap: list.reload });
  const { data, error } = list;
  const close = () => setShown(false);
  if (!shown && !data?.total) return null;
  return html`<${Button} label=${t("approvals.waiting", { n: number(data?.total ?? 0) })}
      action=${() => { setShown(true); }} testId="approvals" />
    ${shown && html`<${Dialog} label=${t("approvals.title")} close=${close} testId="approvals-list">
      <div class="confirm"><h2>${t("approvals.title")}</h2>
        ${error && !data ? html`<${Failure} error=${error} retry=${list.reload} />` : !data ? html`<${Skeleton} />`
          : data.total === 0 ? html`<${Empty} title=${t("approvals.none")} />`
          : html`<ul class="approvals">${data.approvals.map((request) => html`<li key=${request.id}>
            <button type="button" class="link-button numeric"
              onClick=${() => { close(); open(request.contractId); }}>${request.contractNumber}</button>
            <span class="muted small-text">${request.requestedByName} · ${dateTime(request.createdAt)}</span>
            <span>${request.reason}</span></li>`)}</ul>`}
        <div class="form-actions"><${Button} label=${t("action.close")} action=${close} /></div></div><//>`}`;
}
