// A customer of the to-do list: who, what for, since when or until when, and the ways to reach them.
import { html } from "../../lib/view.js";
import { dateTime, relative } from "../../lib/format.js";
import { t } from "../../lib/i18n.js";
import { Avatar } from "../../components/avatar.js";
import { Tag } from "../../components/tag.js";
import { Contact } from "../customers/detail/contact.js";
import { Falling } from "../customers/falling.js";
import { demandOf, nameOf, shortLevel, stageKind } from "../customers/words.js";

/**
 * @param {{ customer: Rest.CustomerAnswer, range: string, enums: import("../customers/enums.js").Enums, now: number,
 *   open: () => void }} props
 */
export function TodoRow({ customer, range, enums, now, open }) {
  const { contractStatus, leadLevel, nextFollowUpAt, assignedAt } = customer;
  const at = range === "notContacted" ? assignedAt : nextFollowUpAt;
  const when = at && relative(at, now);
  return html`<li class="todo-row" data-testid=${`todo-row-${customer.customerId}`}>
    <button type="button" class="todo-press" onClick=${open}>
      <${Avatar} name=${customer.name} seed=${customer.id} size=${40} />
      <span class="todo-text"><span class="with-tag"><strong class="name">${nameOf(customer)}</strong>
          <span class="level" title=${t(`leadLevel.${leadLevel}`)}>${shortLevel(leadLevel)}</span>
          <${Tag} kind=${stageKind(contractStatus)}>${t(`customerStage.${contractStatus}`)}<//></span>
        <span class="muted small-text">${demandOf(customer, enums) || customer.customerId}</span>
        ${at && html`<span class=${`small-text ${range === "overdue" ? "warn-text" : ""}`} title=${dateTime(at)}>
          ${range === "notContacted" ? t("todo.received", { at: when }) : t("followUp.nextAt", { at: when })}</span>`}
        <${Falling} customer=${customer} now=${now} /></span></button>
    <${Contact} customer=${customer} /></li>`;
}
