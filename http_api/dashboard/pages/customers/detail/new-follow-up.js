// Noting a follow-up of a customer.
import { html, useState } from "../../../lib/view.js";
import { call } from "../../../lib/api.js";
import { catalogue } from "../../../lib/catalogue.js";
import { moved } from "../../../lib/days.js";
import { instantOf, today } from "../../../lib/format.js";
import { useSubmit } from "../../../lib/hooks.js";
import { t } from "../../../lib/i18n.js";
import { Button } from "../../../components/button.js";
import { DateTimeField } from "../../../components/date-field.js";
import { Segmented } from "../../../components/segmented.js";
import { Problem } from "../../../components/states.js";
import { toast } from "../../../components/toast.js";

const MORNING = "10:00";
/** Days until the next follow-up, by the keys of their texts. */
const SOON = { in1: 1, in3: 3, in7: 7 };

/** @param {{ id: string, done: () => void }} props */
export function NewFollowUp({ id, done }) {
  const [type, setType] = useState(catalogue.followUpTypes[0]);
  const [content, setContent] = useState("");
  const [next, setNext] = useState({ typed: "", times: 0 }); // a chosen day draws the field anew
  /** @param {string} typed */
  const choose = (typed) => setNext(({ times }) => ({ typed, times: times + 1 }));
  const { problem, busy, submit } = useSubmit(async (typed) => {
    if (!content.trim()) return;
    const at = typed("nextFollowUpAt");
    const body = { type, content: content.trim(), nextFollowUpAt: at ? instantOf(at) : null };
    const { message } = await call("POST", `/customers/${id}/follow-ups`, { body });
    toast(message);
    setContent("");
    choose("");
    done();
  });
  return html`<section aria-labelledby="follow-up-title"><h3 id="follow-up-title">${t("followUp.title")}</h3>
    <form class="follow-up-form" onSubmit=${submit}>
    <${Segmented} label=${t("followUp.type")} value=${type} choose=${setType} testId="follow-up"
      options=${catalogue.followUpTypes.map((each) => [each, t(`followUpType.${each}`)])} />
    <label class="field"><span>${t("followUp.content")}</span><textarea rows="2" maxlength="1000" value=${content}
      onInput=${(/** @type {any} */ event) => setContent(event.target.value)}
      data-testid="follow-up-content"></textarea></label>
    <div class="field" role="group" aria-label=${t("followUp.next")}><span>${t("followUp.next")}</span>
      <div class="suggestions">${Object.entries(SOON).map(([name, days]) => html`<button type="button" class="chip"
        key=${name} onClick=${() => choose(`${moved(today(), { days })}T${MORNING}`)}
        data-testid=${`follow-up-${name}`}>${t(`followUp.${name}`)}</button>`)}
        ${next.typed && html`<button type="button" class="chip" onClick=${() => choose("")}>
          ${t("followUp.noNext")}</button>`}</div>
      <${DateTimeField} key=${next.times} name="nextFollowUpAt" value=${next.typed} /></div>
    ${problem && html`<${Problem} error=${problem} />`}
    <div class="form-actions"><${Button} type="submit" kind="primary" icon="check" label=${t("followUp.save")} busy=${busy}
      disabled=${!content.trim()} testId="follow-up-save" /></div>
  </form></section>`;
}
