// The record of a customer: contact, demand, ownership.
import { html } from "../../../lib/view.js";
import { t } from "../../../lib/i18n.js";
import { dateTime, money, relative } from "../../../lib/format.js";
import { useNow } from "../../../lib/hooks.js";
import { Masked, useReveal } from "../../../components/masked.js";
import { Tag } from "../../../components/tag.js";
import { isDictionary } from "../enums.js";
import { GROUPS, fieldOf } from "../form/fields.js";
import { Falling } from "../falling.js";
import { followUpKind, ownerOf } from "../words.js";

const MASKED = new Set(["phone", "wechatId", "idCardNumber"]);
const MONEY = new Set(["salaryBudget", "dealAmount"]);

/**
 * @param {{ customer: Customer, enums: import("../enums.js").Enums, open: (id: string) => void }} props
 * @typedef {import("../words.js").Customer} Customer
 */
export function CustomerDetails({ customer, enums, open }) {
  const { values, reveal } = useReveal(`/customers/${customer.id}/reveal`, customer.version);
  /** @param {string} name */
  function shown(name) {
    const value = /** @type {any} */ (customer)[name];
    if (value === null || value === "") return null;
    if (MASKED.has(name)) {
      return html`<${Masked} value=${value} revealed=${values[name]} allowed=${customer.actions.includes("reveal")}
        reveal=${() => reveal(name)} testId=${`reveal-${name}`} />`;
    }
    if (isDictionary(name)) return enums.labelOf(name, value);
    if (MONEY.has(name)) return html`<span class="numeric">${money(value)}</span>`;
    return fieldOf(name).kind === "paragraph" ? html`<span class="prewrap">${value}</span>` : String(value);
  }
  return html`<${Ownership} customer=${customer} />
    ${customer.possibleDuplicates.length > 0 && html`<p class="notice warn" data-testid="duplicates">
      <strong>${t("customer.duplicates")}</strong>${customer.possibleDuplicates.map((id) => html`
        <button type="button" key=${id} class="link-button accent row-link" onClick=${() => open(id)}>
          ${t("customer.openDuplicate")}</button>`)}</p>`}
    <div class="fact-groups">${GROUPS.map(([group, names]) => {
      const facts = names.filter((name) => name !== "name").map((name) => [name, shown(name)])
        .filter(([, text]) => text !== null);
      return facts.length > 0 && html`<section key=${group} aria-label=${t(`customerGroup.${group}`)}>
        <h3>${t(`customerGroup.${group}`)}</h3><dl class="facts">${facts.map(([name, text]) => html`<${Fact} key=${name}
          name=${name}>${text}<//>`)}</dl></section>`;
    })}</div>`;
}

/** @param {{ customer: Customer }} props */
function Ownership({ customer }) {
  const now = useNow();
  const { followUpStatus, inPublicPool, publicPoolEntryTime, publicPoolEntryReason, assignedAt } = customer;
  return html`<section aria-label=${t("customerGroup.ownership")}><h3>${t("customerGroup.ownership")}</h3>
    <dl class="facts">
      <${Fact} name="owner">${ownerOf(customer)}
        ${assignedAt && !inPublicPool && html`<span class="muted small-text">${relative(assignedAt, now)}</span>`}<//>
      ${customer.assignmentReason && html`<${Fact} name="assignmentReason">${customer.assignmentReason}<//>`}
      ${inPublicPool && html`<${Fact} name="publicPoolEntryTime"><span class="numeric">
        ${dateTime(publicPoolEntryTime)}</span>${publicPoolEntryReason && html`<span class="muted small-text">
          ${publicPoolEntryReason}</span>`}<//>`}
      ${followUpStatus && !inPublicPool && html`<${Fact} name="followUpStatus"><${Tag} kind=${followUpKind(followUpStatus)}>
        ${t(`followUpStatus.${followUpStatus}`)}<//>
        ${customer.lastFollowUpTime && html`<span class="muted small-text">${relative(customer.lastFollowUpTime, now)}</span>`}<//>`}
      ${customer.nextFollowUpAt && html`<${Fact} name="nextFollowUpAt"><span class="numeric">
        ${dateTime(customer.nextFollowUpAt)}</span><//>`}
      ${customer.fallsAt && html`<${Fact} name="fallsAt"><${Falling} customer=${customer} now=${now} />
        <span class="muted small-text numeric">${dateTime(customer.fallsAt)}</span><//>`}
      <${Fact} name="createdAt"><span class="numeric">${dateTime(customer.createdAt)}</span>
        ${customer.createdByName && html`<span class="muted small-text">${customer.createdByName}</span>`}<//>
    </dl></section>`;
}

/** @param {{ name: string, children?: unknown }} props */
const Fact = ({ name, children }) => html`<div class="fact"><dt>${t(`customerField.${name}`)}</dt>
  <dd>${children || "—"}</dd></div>`;
