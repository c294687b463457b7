// The form of the pool rules. The first rule that fits a customer decides.
import { html, useState } from "../../../lib/view.js";
import { call, get } from "../../../lib/api.js";
import { catalogue } from "../../../lib/catalogue.js";
import { dateTime } from "../../../lib/format.js";
import { useSubmit } from "../../../lib/hooks.js";
import { t } from "../../../lib/i18n.js";
import { withChange, withMove, without } from "../../../lib/rows.js";
import { can } from "../../../lib/session.js";
import { Button } from "../../../components/button.js";
import { RowTools } from "../../../components/row-tools.js";
import { Select } from "../../../components/select.js";
import { Problem } from "../../../components/states.js";
import { toast } from "../../../components/toast.js";
import { draftOf, isSame, isValid, sentOf } from "./draft.js";

/**
 * @typedef {Rest.PoolRulesAnswer} Rules
 * @typedef {import("./draft.js").Row} Row
 * @typedef {import("../../customers/enums.js").Enums} Enums
 */

/**
 * @param {{ rules: Rules, enums: Enums, staff: Rest.AssigneeAnswer[], saved: (rules: Rules) => void }} props
 */
export function PoolRulesForm({ rules, enums, staff, saved }) {
  const [draft, setDraft] = useState(draftOf(rules));
  const mayEdit = can("admin:settings");
  const dirty = !isSame(draft, draftOf(rules));
  const editor = staff.find(({ id }) => id === rules.updatedBy)?.name;
  /** @param {Partial<typeof draft>} part */
  const set = (part) => setDraft({ ...draft, ...part });
  /** @param {Row[]} rows */
  const setRows = (rows) => set({ rows });

  const { problem, setProblem, busy, submit } = useSubmit(async () => {
    const body = { ...sentOf(draft), version: rules.version };
    const { data, message } = await call("PUT", "/customers/pool-rules", { body });
    saved(data);
    setDraft(draftOf(data));
    toast(message);
  }, async (error) => {
    // What was typed stays: saving again replaces what someone else has saved, which is told beside the form.
    if (error.status === 409) await get("/customers/pool-rules").then(saved, () => {});
  });
  return html`<section class="panel" aria-label=${t("customerRulesTab.pool")}><form class="pool-rules" onSubmit=${submit}
      data-testid="pool-rules">
    <fieldset disabled=${!mayEdit || busy} class="pool-rules-fields">
      <label class="check"><input type="checkbox" checked=${draft.enabled} data-testid="pool-enabled"
        onChange=${() => set({ enabled: !draft.enabled })} />${t("poolRules.enabled")}</label>
      <ol class="pool-rule-rows">${draft.rows.map((row, index) => html`<${Rule} key=${index} row=${row} index=${index}
        enums=${enums} locked=${!mayEdit} change=${(/** @type {Partial<Row>} */ part) =>
          setRows(withChange(draft.rows, index, part))}
        move=${(/** @type {-1 | 1} */ by) => setRows(withMove(draft.rows, index, by))}
        remove=${() => setRows(without(draft.rows, index))} />`)}</ol>
      ${draft.rows.length === 0 && html`<p class="muted">${t("poolRules.none")}</p>`}
      <label class="field pool-keeps"><span>${t("poolRules.keepLimit")}</span><input type="number" min="0" max="20"
        required value=${draft.keepLimit} data-testid="pool-keeps"
        onInput=${(/** @type {any} */ event) => set({ keepLimit: event.target.value })} /></label>
    </fieldset>
    ${problem && problem.status !== 409 && html`<${Problem} error=${problem} />`}
    ${problem?.status === 409 && html`<div class="meanwhile" role="alert" data-testid="pool-meanwhile">
      ${t("poolRules.meanwhile", { name: editor ?? "—", at: dateTime(rules.updatedAt) })}
      <ul>${rules.rules.map((rule, index) => html`<li key=${index}>${ruleText(rule, enums)}</li>`)}</ul></div>`}
    ${rules.updatedAt && problem?.status !== 409 && html`<p class="muted small-text">
      ${t("poolRules.updated", { name: editor ?? "—", at: dateTime(rules.updatedAt) })}</p>`}
    ${mayEdit && html`<div class="form-actions">
      <${Button} kind="ghost" icon="plus" label=${t("poolRules.add")} testId="pool-rule-add"
        action=${() => setRows([...draft.rows, { leadLevel: "", leadSource: "", days: "7" }])} />
      ${dirty && html`<${Button} label=${t("poolRules.reset")} action=${() => { setDraft(draftOf(rules)); setProblem(null); }} />`}
      <${Button} type="submit" kind="primary" label=${t("action.save")} busy=${busy} disabled=${!dirty || !isValid(draft)}
        testId="pool-save" /></div>`}
  </form></section>`;
}

/** @param {Rest.PoolRule} rule @param {Enums} enums */
const ruleText = ({ leadLevel, leadSource, days }, enums) => [
  leadLevel ? t(`leadLevel.${leadLevel}`) : t("poolRules.anyLevel"),
  leadSource ? enums.labelOf("leadSource", leadSource) : t("poolRules.anySource"),
  days == null ? t("poolRules.never") : t("poolRules.afterDays", { n: days }),
].join(" · ");

/**
 * @param {{ row: Row, index: number, enums: Enums, locked: boolean, change: (part: Partial<Row>) => void,
 *   move: (by: -1 | 1) => void, remove: () => void }} props
 */
function Rule({ row, index, enums, locked, change, move, remove }) {
  const n = index + 1;
  const levels = catalogue.grades.map((level) => [level, t(`leadLevel.${level}`)]);
  return html`<li data-testid=${`pool-rule-${n}`}>
    <span class="field"><${Select} label=${t("poolRules.level", { n })} value=${row.leadLevel} disabled=${locked}
      options=${[["", t("poolRules.anyLevel")], ...levels]} data-testid=${`pool-level-${n}`}
      choose=${(/** @type {string} */ leadLevel) => change({ leadLevel })} /></span>
    <span class="field"><${Select} label=${t("poolRules.source", { n })} value=${row.leadSource} disabled=${locked}
      options=${[["", t("poolRules.anySource")], ...enums.optionsOf("leadSource", row.leadSource)]}
      choose=${(/** @type {string} */ leadSource) => change({ leadSource })} /></span>
    <label class="field pool-days"><input type="number" min="1" max="365" value=${row.days}
      placeholder=${t("poolRules.never")} aria-label=${t("poolRules.days", { n })} data-testid=${`pool-days-${n}`}
      onInput=${(/** @type {any} */ event) => change({ days: event.target.value })} />
      <span>${row.days ? t("poolRules.dayUnit") : ""}</span></label>
    ${!locked && html`<${RowTools} what=${t("poolRules.rule", { n })} move=${move} remove=${remove} />`}</li>`;
}
