// Takes the customer of a contract from the records instead of typing it again. The server fills in what is masked.
import { html, useState } from "../../../lib/view.js";
import { get } from "../../../lib/api.js";
import { useSearch } from "../../../lib/hooks.js";
import { t } from "../../../lib/i18n.js";
import { Button } from "../../../components/button.js";
import { Dialog } from "../../../components/dialog.js";
import { Tag } from "../../../components/tag.js";

const MOST_FOUND = 8;

/**
 * `pick(null)` takes the link to the record away.
 * @param {{ picked: boolean, pick: (customer: Rest.CustomerFound | null) => void }} props
 */
export function CustomerPick({ picked, pick }) {
  const [open, setOpen] = useState(false);
  if (picked) {
    return html`<span class="picked" data-testid="customer-picked"><${Tag} kind="good">${t("customerPick.picked")}<//>
      <${Button} small kind="ghost" icon="unlink" label=${t("customerPick.remove")} action=${() => pick(null)}
        testId="customer-unpick" /></span>`;
  }
  /** @param {Rest.CustomerFound} customer */
  function choose(customer) {
    setOpen(false);
    pick(customer);
  }
  return html`<${Button} small kind="ghost" icon="search" label=${t("customerPick.open")} action=${() => setOpen(true)}
      testId="customer-pick" />
    ${open && html`<${PickDialog} choose=${choose} close=${() => setOpen(false)} />`}`;
}

/** @param {{ choose: (customer: Rest.CustomerFound) => void, close: () => void }} props */
function PickDialog({ choose, close }) {
  /** @type {(keyword: string, signal: AbortSignal) => Promise<Rest.CustomerFound[]>} */
  const read = (keyword, signal) => get("/customers/search", { keyword, limit: MOST_FOUND }, signal);
  const { found, look } = useSearch(read);
  return html`<${Dialog} label=${t("customerPick.open")} close=${close} testId="customer-pick-dialog">
    <div class="confirm"><h2>${t("customerPick.open")}</h2>
      <label class="field"><span>${t("customerPick.search")}</span>
        <input type="search" maxlength="64" autocomplete="off" autofocus data-testid="customer-pick-search"
          onInput=${(/** @type {any} */ event) => look(event.target.value.trim())} /></label>
      <div class="pick-list" aria-live="polite">
        ${found?.error && html`<p class="muted">${found.error.message}</p>`}
        ${found?.data?.length === 0 && html`<p class="muted">${t("find.none")}</p>`}
        ${found?.data?.map((customer) => html`<button type="button" key=${customer.id} class="pick-row"
          onClick=${() => choose(customer)} data-testid=${`pick-${customer.customerId}`}>
          <strong>${customer.name || customer.customerId}</strong>
          <span class="muted small-text">${[customer.phone, customer.serviceCategory,
            t(`customerStage.${customer.contractStatus}`)].filter(Boolean).join(" · ")}</span></button>`)}
      </div>
      <div class="form-actions"><${Button} label=${t("action.cancel")} action=${close} /></div></div><//>`;
}
