// The stage of a customer as steps, those that can be taken now, and the grade.
import { html } from "../../../lib/view.js";
import { catalogue } from "../../../lib/catalogue.js";
import { t } from "../../../lib/i18n.js";
import { Button } from "../../../components/button.js";
import { Segmented } from "../../../components/segmented.js";
import { LOST, shortLevel } from "../words.js";

/**
 * `change` sends a change of the customer.
 * @param {{ customer: import("../words.js").Customer, change: (fields: object) => Promise<void> }} props
 */
export function StageSteps({ customer, change }) {
  const { contractStatus, nextStages } = customer;
  const steps = catalogue.customerStages.filter((stage) => stage !== LOST);
  const reached = steps.indexOf(contractStatus);
  return html`<section aria-labelledby="stage-title"><h3 id="stage-title">${t("customerField.contractStatus")}</h3>
    <ol class=${`stage-steps ${contractStatus === LOST ? "lost" : ""}`}>${steps.map((stage, index) => html`<li key=${stage}
      class=${index <= reached ? "done" : ""} aria-current=${index === reached ? "step" : undefined}>
      <span>${t(`customerStage.${stage}`)}</span></li>`)}</ol>
    ${nextStages.length > 0 && html`<div class="link-row">${nextStages.map((stage) => html`<${Button} key=${stage}
      kind=${stage === LOST ? "danger-outline" : "plain"} icon=${stage === LOST ? "block" : "right"}
      label=${t(stage === LOST ? "customer.markLost" : "customer.moveTo", { stage: t(`customerStage.${stage}`) })}
      action=${() => change({ contractStatus: stage })} testId=${`stage-${stage}`} />`)}</div>`}
  </section>`;
}

/** @param {{ customer: import("../words.js").Customer, change: (fields: object) => Promise<void> }} props */
export function Grade({ customer, change }) {
  const { leadLevel, actions } = customer;
  const graded = catalogue.grades.includes(leadLevel);
  return html`<section aria-labelledby="grade-title"><h3 id="grade-title">${t("customerField.leadLevel")}</h3>
    ${graded && actions.includes("edit") ? html`<${Segmented} className="grades" label=${t("customerField.leadLevel")}
        value=${leadLevel} testId="grade"
        options=${catalogue.grades.map((grade) => [grade, shortLevel(grade), t(`leadLevel.${grade}`)])}
        choose=${(/** @type {string} */ grade) => grade !== leadLevel && change({ leadLevel: grade })} />
      <p class="muted small-text">${t(`leadLevel.${leadLevel}`)}</p>`
      : html`<p>${t(`leadLevel.${leadLevel}`)}</p>`}
  </section>`;
}
