// The dictionaries (字典): which values forms of customers offer. Open forms follow an edit at once.
import { html } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { useResource } from "../../lib/hooks.js";
import { t } from "../../lib/i18n.js";
import { useNamespace } from "../../lib/live.js";
import { Failure, Skeleton } from "../../components/states.js";
import { DictionaryForm } from "./form.js";

/** @typedef {Rest.DictionaryAnswer} Dictionary */

export function Dictionaries() {
  /** @type {import("../../lib/hooks.js").Resource<Dictionary[]>} */
  const { data, error, reload, change } = useResource("dictionaries", (signal) => get("/dictionaries", {}, signal));
  /** @param {Push.DictionaryChangedPush} push */
  function onChange({ code, version }) {
    if (data?.some((each) => each.code === code && each.version < version)) reload();
  }
  useNamespace("/customers", { dictionaryChanged: onChange, gap: reload });
  /** @param {Dictionary} saved */
  const keep = (saved) => change((all) => all.map((each) => (each.code === saved.code ? saved : each)));
  return html`<div class="page">
    <div class="page-head"><div><h1>${t("dictionaries.title")}</h1><p class="muted">${t("dictionaries.hint")}</p></div></div>
    ${data ? html`<div class="dictionary-grid">${data.map((dictionary) => html`<${DictionaryForm} key=${dictionary.code}
        dictionary=${dictionary} saved=${keep} />`)}</div>`
      : error ? html`<${Failure} error=${error} retry=${reload} />` : html`<${Skeleton} lines=${8} />`}
  </div>`;
}
