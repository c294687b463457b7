// The terms of a contract, its record, and links to related contracts.
import { html } from "../../../lib/view.js";
import { t, textOr } from "../../../lib/i18n.js";
import { dateTime, money, relative } from "../../../lib/format.js";
import { can } from "../../../lib/session.js";
import { Masked, useReveal } from "../../../components/masked.js";
import { Tag } from "../../../components/tag.js";

const AMOUNTS = /** @type {const} */ ([
  "workerSalary", "customerServiceFee", "workerServiceFee", "deposit", "finalPayment",
]);
const RELATED = /** @type {const} */ ([
  "replacesContractId", "replacedByContractId", "renewsContractId", "renewedByContractId",
]);

/** @param {{ contract: Rest.ContractDetail, open: (id: string) => void }} props */
export function ContractDetails({ contract, open }) {
  const training = contract.orderCategory === "training";
  const { values, reveal } = useReveal(`/contracts/${contract.id}/reveal`, contract.version);
  /** @param {"customerPhone" | "customerIdCard" | "workerPhone" | "workerIdCard"} field */
  const masked = (field) => html`<${Masked} value=${contract[field]} revealed=${values[field]}
    allowed=${can("contract:view")} reveal=${() => reveal(field)} testId=${`reveal-${field}`} />`;
  return html`<div class="fact-groups">
    <${Group} title=${t(training ? "contractGroup.student" : "contractGroup.customer")}>
      <${Fact} name="customerName">${contract.customerName}<//>
      <${Fact} name="customerPhone">${masked("customerPhone")}<//>
      <${Fact} name="customerIdCard">${masked("customerIdCard")}<//>
      <${Fact} name="customerAddress">${contract.customerAddress}<//><//>
    ${!training && html`<${Group} title=${t("contractGroup.worker")}>
      <${Fact} name="workerName">${contract.workerName}<//>
      <${Fact} name="workerPhone">${masked("workerPhone")}<//>
      <${Fact} name="workerIdCard">${masked("workerIdCard")}<//>
      <${Fact} name="workerAddress">${contract.workerAddress}<//><//>`}
    ${training ? html`<${Course} contract=${contract} />` : html`<${Service} contract=${contract} />`}
    <${Group} title=${t("contractGroup.record")}>
      <${Fact} name="owner">${contract.creatorName}<//>
      <${Fact} name="createdAt"><span class="numeric">${dateTime(contract.createdAt)}</span><//>
      <${Fact} name="esignContractNo"><code>${contract.esignContractNo ?? "—"}</code>
        ${contract.esignStatusText && html`<${Tag}>${contract.esignStatusText}<//>`}<//>
      <${Fact} name="esignTemplateNo"><code>${contract.esignTemplateNo ?? "—"}</code><//>
      ${contract.attempt && html`<${Fact} name="attempt">${t("contract.attempt", { n: contract.attempt.number })}
        <span class="muted small-text">${relative(contract.attempt.requestedAt)}</span><//>`}
      ${RELATED.filter((name) => contract[name]).map((name) => html`<${Fact} key=${name} name=${name}>
        <button type="button" class="link-button accent" onClick=${() => open(contract[name] ?? "")}
          data-testid=${`open-${name}`}>${t("contract.openRelated")}</button><//>`)}
      ${contract.remarks && html`<${Fact} name="remarks"><span class="prewrap">${contract.remarks}</span><//>`}<//>
    <${TemplateValues} values=${contract.templateParams} />
  </div>`;
}

/** @param {{ contract: Rest.ContractDetail }} props */
function Service({ contract }) {
  const { startDate, endDate, salaryPaymentDay, monthlyWorkDays, expectedDeliveryDate, serviceDays } = contract;
  const amounts = AMOUNTS.filter((name) => contract[name] != null);
  return html`<${Group} title=${t("contractGroup.service")}>
    <${Fact} name="term"><span class="numeric">${startDate ?? "—"} – ${endDate ?? "—"}</span><//>
    ${amounts.map((name) => html`<${Fact} key=${name} name=${name}>
      <span class="numeric">${money(contract[name])}</span><//>`)}
    ${salaryPaymentDay && html`<${Fact} name="salaryPaymentDay">${salaryPaymentDay}<//>`}
    ${monthlyWorkDays && html`<${Fact} name="monthlyWorkDays">${monthlyWorkDays}<//>`}
    ${expectedDeliveryDate && html`<${Fact} name="expectedDeliveryDate">${expectedDeliveryDate}<//>`}
    <${Fact} name="onboardStatus">${t(`onboard.${contract.onboardStatus}`)}
      ${contract.onboardConfirmedAt && html`<span class="muted small-text">
        ${dateTime(contract.onboardConfirmedAt)}</span>`}<//>
    ${serviceDays != null && html`<${Fact} name="serviceDays">${serviceDays}<//>`}
  <//>`;
}

/** @param {{ contract: Rest.ContractDetail }} props */
function Course({ contract }) {
  const { intendedCourses, courseAmount, serviceFeeAmount, paymentAmount, paidAt, refundAmount } = contract;
  return html`<${Group} title=${t("contractGroup.course")}>
    <${Fact} name="intendedCourses">${intendedCourses.join("、")}<//>
    <${Fact} name="courseAmount"><span class="numeric">${money(courseAmount)}</span><//>
    <${Fact} name="serviceFeeAmount"><span class="numeric">${money(serviceFeeAmount)}</span><//>
    <${Fact} name="paymentStatus">${t(`payment.${contract.paymentStatus}`)}
      ${paymentAmount != null && html`<span class="numeric">${money(paymentAmount / 100)}</span>`}
      ${paidAt && html`<span class="muted small-text">${dateTime(paidAt)}</span>`}<//>
    ${refundAmount != null && html`<${Fact} name="refundAmount">
      <span class="numeric">${money(refundAmount)}</span><//>`}
  <//>`;
}

/**
 * The values of the template beyond the terms.
 * @param {{ values: Rest.ContractDetail["templateParams"] }} props
 */
function TemplateValues({ values }) {
  const rows = Object.entries(values ?? {});
  if (!rows.length) return null;
  return html`<${Group} title=${t("contractGroup.template")}>${rows.map(([key, value]) => html`
    <div class="fact" key=${key}><dt>${textOr("templateField", key)}</dt>
      <dd>${Array.isArray(value) ? value.join("、") : value}</dd></div>`)}<//>`;
}

/** @param {{ title: string, children: unknown }} props */
const Group = ({ title, children }) => html`<section aria-label=${title}><h3>${title}</h3><dl class="facts">
  ${children}</dl></section>`;
/** @param {{ name: string, children?: unknown }} props */
const Fact = ({ name, children }) => html`<div class="fact"><dt>${t(`contractField.${name}`)}</dt>
  <dd>${children || "—"}</dd></div>`;
