// One dictionary: its entries in their order. A value that customers have can only be retired.
import { html, useEffect, useState } from "../../lib/view.js";
import { call, get } from "../../lib/api.js";
import { useSubmit } from "../../lib/hooks.js";
import { t } from "../../lib/i18n.js";
import { withChange, withMove, without } from "../../lib/rows.js";
import { Button } from "../../components/button.js";
import { RowTools } from "../../components/row-tools.js";
import { Meanwhile, Problem } from "../../components/states.js";
import { toast } from "../../components/toast.js";
import { areEqual, differences, sentOf } from "./entries.js";

/** @typedef {Rest.DictionaryAnswer} Dictionary */

/** @param {{ dictionary: Dictionary, saved: (dictionary: Dictionary) => void }} props */
export function DictionaryForm({ dictionary, saved }) {
  const { code } = dictionary;
  const [base, setBase] = useState(dictionary);
  const [entries, setEntries] = useState(/** @type {import("./entries.js").Entry[]} */ (dictionary.entries));
  const [meanwhile, setMeanwhile] = useState(/** @type {string[]} */ ([]));
  const dirty = !areEqual(entries, base.entries);
  useEffect(() => { if (dictionary.version > base.version) follow(dictionary); }, [dictionary]);

  /**
   * The dictionary as it is now. The typed values stay, and the reader sees the changes of another person.
   * @param {Dictionary} current
   */
  function follow(current) {
    if (dirty) {
      setMeanwhile(differences(base.entries, current.entries).map(({ value, change }) =>
        `${value}：${t(`dictionaryChange.${change}`)}`));
    } else setEntries(current.entries);
    setBase(current);
  }
  const { problem, setProblem, busy, submit } = useSubmit(async () => {
    const body = { entries: sentOf(entries), version: base.version };
    const { data, message } = await call("PATCH", `/dictionaries/${code}`, { body });
    setBase(data);
    setEntries(data.entries);
    setMeanwhile([]);
    saved(data);
    toast(message);
  }, (error) => error.status === 409 && compare());
  async function compare() {
    const all = /** @type {Dictionary[]} */ (await get("/dictionaries").catch(() => []));
    const current = all.find((each) => each.code === code);
    if (current) follow(current);
  }
  function reset() {
    setEntries(base.entries);
    setMeanwhile([]);
    setProblem(null);
  }
  const add = () => setEntries([...entries, { value: "", labelEn: "", retired: false, isNew: true }]);
  return html`<section class="panel" aria-labelledby=${`dictionary-${code}`}><form class="dictionary" onSubmit=${submit}
    data-testid=${`dictionary-${code}`}>
    <h2 id=${`dictionary-${code}`}>${t(`customerField.${code}`)}</h2>
    <ol class="dictionary-entries">${entries.map((entry, index) => html`<${Entry} key=${index} entry=${entry}
      change=${(/** @type {Partial<Rest.DictionaryEntry>} */ change) => setEntries(withChange(entries, index, change))}
      move=${(/** @type {-1 | 1} */ by) => setEntries(withMove(entries, index, by))}
      remove=${() => setEntries(without(entries, index))} />`)}</ol>
    ${problem && html`<${Problem} error=${problem} />`}
    ${problem?.details?.values && html`<p class="small-text">${problem.details.values.join("、")}</p>`}
    <${Meanwhile} text=${t("dictionaries.meanwhile")} lines=${meanwhile} />
    <div class="form-actions"><${Button} kind="ghost" icon="plus" label=${t("dictionaries.add")} action=${add}
        testId=${`add-${code}`} />
      ${dirty && html`<${Button} label=${t("dictionaries.reset")} action=${reset} />`}
      <${Button} type="submit" kind="primary" label=${t("action.save")} busy=${busy} disabled=${!dirty}
        testId=${`save-${code}`} /></div>
  </form></section>`;
}

/**
 * The value of a stored entry stays: customers have it. `remove` works for values without customers; the server knows.
 * @param {{ entry: import("./entries.js").Entry, change: (change: Partial<Rest.DictionaryEntry>) => void,
 *   move: (by: -1 | 1) => void, remove: () => void }} props
 */
function Entry({ entry, change, move, remove }) {
  const { value, labelEn, retired, isNew } = entry;
  const named = value || t("dictionaries.value");
  return html`<li class=${retired ? "retired" : ""}>
    <span class="field"><input value=${value} maxlength="30" aria-label=${t("dictionaries.value")} readonly=${!isNew}
      placeholder=${t("dictionaries.value")} onInput=${(/** @type {any} */ event) => change({ value: event.target.value })}
      data-testid="entry-value" /></span>
    <span class="field"><input value=${labelEn} maxlength="60" aria-label=${t("dictionaries.english", { value: named })}
      placeholder="English" onInput=${(/** @type {any} */ event) => change({ labelEn: event.target.value })} /></span>
    <label class="check"><input type="checkbox" checked=${retired} aria-label=${t("dictionaries.retire", { value: named })}
      onChange=${() => change({ retired: !retired })} data-testid=${`retire-${value}`} />${t("dictionaries.retired")}</label>
    <${RowTools} what=${t("dictionaries.entry", { value: named })} move=${move} remove=${remove} /></li>`;
}
