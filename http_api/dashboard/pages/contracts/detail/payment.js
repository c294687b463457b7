// The dialog that records a payment which the agency received outside of the mini-program.
import { html, useState } from "../../../lib/view.js";
import { call } from "../../../lib/api.js";
import { t } from "../../../lib/i18n.js";
import { money, startOfDay, today } from "../../../lib/format.js";
import { isDay } from "../../../lib/days.js";
import { Confirm } from "../../../components/confirm.js";
import { DateField } from "../../../components/date-field.js";
import { parties } from "../words.js";

/** @param {{ contract: Rest.ContractDetail, done: (message: string) => Promise<void>, close: () => void }} props */
export function PaymentDialog({ contract, done, close }) {
  const [number, setNumber] = useState("");
  const [day, setDay] = useState(today());
  const blocked = number.trim().length < 4 || !isDay(day) || day > today();

  async function work() {
    const body = { amount: contract.amountDue, paymentNumber: number.trim(), paidAt: startOfDay(day) };
    const { message } = await call("POST", `/contracts/${contract.id}/record-payment`, { body });
    await done(message);
  }
  return html`<${Confirm} title=${t("contractAsk.recordPayment", { name: parties(contract) })} blocked=${blocked}
    text=${t("contractAsk.recordPayment.text", { amount: money((contract.amountDue ?? 0) / 100) })}
    confirmLabel=${t("contractAction.recordPayment")} work=${work} close=${close}>
    <label class="field"><span>${t("contract.paymentNumber")}</span>
      <input value=${number} maxlength="64" autocomplete="off" autofocus data-testid="payment-number"
        onInput=${(/** @type {any} */ event) => setNumber(event.target.value)} /></label>
    <label class="field"><span>${t("contract.paidOn")}</span>
      <${DateField} value=${day} max=${today()} choose=${setDay} data-testid="payment-day" /></label>
  <//>`;
}
