// The form of a rule of automatic transfer. What was typed stays when the server refuses.
import { html, useState } from "../../../lib/view.js";
import { catalogue } from "../../../lib/catalogue.js";
import { t } from "../../../lib/i18n.js";
import { Confirm } from "../../../components/confirm.js";
import { NUMBERS, draftOf, isValid, sentOf } from "./draft.js";

/** @typedef {Rest.RuleAnswer} Rule */
/** @typedef {import("./draft.js").Draft} Draft */
/** @typedef {"contractStatuses" | "leadSources" | "sourceUserIds" | "targetUserIds"} Choice */

/**
 * `rule` is the stored one; after a conflict `refused` reads it again, and the next save replaces it knowingly.
 * @param {{ rule: Rule | null, enums: import("../../customers/enums.js").Enums, staff: Rest.AssigneeAnswer[],
 *   save: (body: Record<string, unknown>) => Promise<void>, refused: () => void, close: () => void }} props
 */
export function TransferRuleForm({ rule, enums, staff, save, refused, close }) {
  const [draft, setDraft] = useState(draftOf(rule));
  const [late, setLate] = useState(false);
  /** @param {Partial<Draft>} part */
  const set = (part) => setDraft((before) => ({ ...before, ...part }));
  async function work() {
    try {
      await save(sentOf(draft, rule));
    } catch (error) {
      if (error.status === 409) {
        setLate(true);
        refused();
      }
      throw error;
    }
  }
  /** @param {Choice} name @param {import("../../../components/select.js").Option[]} options */
  const choices = (name, options) => html`<fieldset class="transfer-choices" data-testid=${`transfer-${name}`}>
    <legend>${t(`transferForm.${name}`)}</legend>
    ${options.map(([value, text]) => html`<label class="check" key=${value}><input type="checkbox"
      checked=${draft[name].includes(value)} onChange=${() => set({ [name]: toggled(draft[name], value) })} />
      ${text}</label>`)}</fieldset>`;
  const people = peopleOf(staff, rule);
  return html`<${Confirm} wide title=${t(rule ? "transferForm.edit" : "transferForm.create")}
    confirmLabel=${t("action.save")} work=${work} blocked=${!isValid(draft)} close=${close}
    note=${late && t("transferForm.meanwhile")}>
    <label class="field"><span>${t("transfer.name")}</span><input value=${draft.ruleName} maxlength="50" required autofocus
      onInput=${(/** @type {any} */ event) => set({ ruleName: event.target.value })} data-testid="transfer-name" /></label>
    <label class="field"><span>${t("transferForm.description")}</span><textarea rows="2" maxlength="500"
      value=${draft.description}
      onInput=${(/** @type {any} */ event) => set({ description: event.target.value })}></textarea></label>
    <div class="form-grid">${Object.entries(NUMBERS).map(([name, [least, most]]) => html`<label class="field" key=${name}>
      <span>${t(`transferForm.${name}`)}</span><input type="number" min=${least} max=${most} required
        value=${draft[/** @type {keyof typeof NUMBERS} */ (name)]} data-testid=${`transfer-${name}`}
        onInput=${(/** @type {any} */ event) => set({ [name]: event.target.value })} /></label>`)}</div>
    ${choices("contractStatuses", catalogue.unsignedStages.map((stage) => [stage, t(`customerStage.${stage}`)]))}
    ${choices("leadSources", enums.optionsOf("leadSource"))}
    ${choices("sourceUserIds", people)}
    ${choices("targetUserIds", people)}
    <label class="check"><input type="checkbox" checked=${draft.windowed}
      onChange=${() => set({ windowed: !draft.windowed })} />${t("transferForm.windowed")}</label>
    ${draft.windowed && html`<div class="form-grid">${/** @type {const} */ (["startTime", "endTime"]).map((name) => html`
      <label class="field half-field" key=${name}><span>${t(`transferForm.${name}`)}</span><input type="time" required
        value=${draft[name]} onInput=${(/** @type {any} */ event) => set({ [name]: event.target.value })} /></label>`)}</div>`}
    <label class="check"><input type="checkbox" checked=${draft.enableCompensation}
      onChange=${() => set({ enableCompensation: !draft.enableCompensation })} />${t("transferForm.compensation")}</label>
  <//>`;
}

/** @param {string[]} values @param {string} value */
const toggled = (values, value) =>
  (values.includes(value) ? values.filter((each) => each !== value) : [...values, value]);

/**
 * Who can own customers, and who is in the rule but cannot any more.
 * @param {Rest.AssigneeAnswer[]} staff
 * @param {Rule | null} rule
 * @returns {import("../../../components/select.js").Option[]}
 */
function peopleOf(staff, rule) {
  const known = new Set(staff.map(({ id }) => id));
  const others = (rule?.userQuotas ?? []).filter(({ userId }) => !known.has(userId));
  return [
    ...staff.map(({ id, name }) => /** @type {[string, string]} */ ([id, name])),
    ...others.map(({ userId, userName }) => /** @type {[string, string]} */ ([userId, userName ?? "—"])),
  ];
}
