// Saved views of the list: filters under a name, with live counts. The address of a view can be shared as it is.
import { html, useState } from "../../lib/view.js";
import { call, get } from "../../lib/api.js";
import { number } from "../../lib/format.js";
import { useDebounced, useResource } from "../../lib/hooks.js";
import { t } from "../../lib/i18n.js";
import { useNamespace } from "../../lib/live.js";
import { setQuery } from "../../lib/router.js";
import { Button } from "../../components/button.js";
import { Confirm } from "../../components/confirm.js";
import { toast, toastError } from "../../components/toast.js";
import { NO_FILTERS, filtersOf, hasFilters, shows } from "./query.js";

/** @typedef {Rest.ViewAnswer} View */

const BETWEEN_COUNTS_MS = 2_000;

/** @param {{ query: import("./query.js").Query }} props */
export function SavedViews({ query }) {
  /** @type {import("../../lib/hooks.js").Resource<View[]>} */
  const { data, reload } = useResource("customer-views", (signal) => get("/customers/views", {}, signal));
  const recount = useDebounced(reload, BETWEEN_COUNTS_MS);
  useNamespace("/customers", { customerChanged: () => { if (data?.length) recount(); }, gap: reload });
  const [saving, setSaving] = useState(false);
  const [name, setName] = useState("");
  const shown = data?.find((view) => shows(query, view.filters));

  async function save() {
    const { message } = await call("POST", "/customers/views", { body: { name, filters: filtersOf(query) } });
    toast(message);
    reload();
  }
  /** @param {View} view */
  async function remove({ id }) {
    try {
      const { message } = await call("DELETE", `/customers/views/${id}`);
      toast(message);
      reload();
    } catch (error) {
      toastError(error);
    }
  }
  const savable = hasFilters(query) && !shown;
  if (!data?.length && !savable) return null;
  return html`<div class="saved-views" role="group" aria-label=${t("customerViews.label")} data-testid="saved-views">
    ${data?.map((view) => html`<button type="button" key=${view.id} class="chip" aria-pressed=${view === shown}
      onClick=${() => setQuery({ ...NO_FILTERS, ...(view === shown ? {} : view.filters) })}>
      ${view.name} <span class="numeric">${number(view.count)}${view.hasMore && "+"}</span></button>`)}
    ${shown && html`<${Button} small kind="ghost" icon="trash" label=${t("customerViews.remove")}
      action=${() => remove(shown)} testId="view-remove" />`}
    ${savable && html`<${Button} small kind="ghost" icon="plus" label=${t("customerViews.save")}
      action=${() => { setName(""); setSaving(true); }} testId="view-save" />`}
    ${saving && html`<${Confirm} title=${t("customerViews.save")} text=${t("customerViews.hint")} work=${save}
      confirmLabel=${t("action.save")} close=${() => setSaving(false)} blocked=${!name.trim()}>
      <label class="field"><span>${t("customerViews.name")}</span><input value=${name} maxlength="30" autofocus
        onInput=${(/** @type {any} */ event) => setName(event.target.value)} data-testid="view-name" /></label><//>`}
  </div>`;
}
