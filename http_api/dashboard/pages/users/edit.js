// A form for the profile fields that staff may correct. What was typed stays when the server refuses.
import { html, useState } from "../../lib/view.js";
import { call, get } from "../../lib/api.js";
import { useSubmit } from "../../lib/hooks.js";
import { t } from "../../lib/i18n.js";
import { rebased } from "../../lib/rebase.js";
import { Button } from "../../components/button.js";
import { Select } from "../../components/select.js";
import { Meanwhile, Problem } from "../../components/states.js";
import { toast } from "../../components/toast.js";
import { catalogue } from "../../lib/catalogue.js";
import { placeText } from "../../lib/places.js";
import { nameOf } from "./user-picture.js";

const FIELDS = ["nickname", "gender", "province", "city"];
const GENDERS = [0, 1, 2];
/** @param {any} user @param {string} name */
const valueOf = (user, name) => user[name] ?? (name === "gender" ? 0 : "");
/** @param {any} user @returns {Record<string, any>} */
const valuesOf = (user) => Object.fromEntries(FIELDS.map((name) => [name, valueOf(user, name)]));

/**
 * `latest(user)` gets the user after a conflicting edit of another staff member.
 * @param {{ user: Rest.StaffUserAnswer, saved: (user: Rest.StaffUserAnswer) => void, cancel: () => void,
 *   latest: (user: Rest.StaffUserAnswer) => void }} props
 */
export function UserEdit({ user, saved, cancel, latest }) {
  const [base, setBase] = useState(user);
  const [form, setForm] = useState(valuesOf(user));
  const [meanwhile, setMeanwhile] = useState(/** @type {string[]} */ ([]));
  const changed = FIELDS.filter((name) => form[name] !== valueOf(base, name));
  /** @param {string} name @param {unknown} value */
  const set = (name, value) => setForm({ ...form, [name]: value });

  const { problem, busy, submit } = useSubmit(async () => {
    const body = { ...Object.fromEntries(changed.map((name) => [name, form[name]])), version: base.version };
    const { data } = await call("PATCH", `/miniprogram-users/${user.id}`, { body });
    toast(t("userDone.edit", { name: nameOf(form) }));
    saved(data?.id ? data : await get(`/miniprogram-users/${user.id}`));
  }, (error) => error.status === 409 && compare());

  async function compare() {
    const current = await get(`/miniprogram-users/${user.id}`).catch(() => null);
    if (!current) return;
    setMeanwhile(FIELDS.filter((name) => valueOf(current, name) !== valueOf(base, name)));
    setForm((typed) => rebased(typed, valuesOf(base), valuesOf(current)));
    setBase(current);
    latest(current);
  }

  return html`<form class="edit-form" onSubmit=${submit}>
    <h3>${t("user.editTitle")}</h3>
    <label class="field"><span>${t("userField.nickname")}</span>
      <input value=${form.nickname} maxlength="32"
        onInput=${(/** @type {any} */ event) => set("nickname", event.target.value)} autofocus
        data-testid="edit-nickname" /></label>
    <label class="field"><span>${t("userField.gender")}</span>
      <${Select} label=${t("userField.gender")} value=${String(form.gender)}
        choose=${(/** @type {string} */ gender) => set("gender", Number(gender))}
        options=${GENDERS.map((gender) => [String(gender), t(`gender.${gender}`)])} /></label>
    <label class="field"><span>${t("userField.province")}</span>
      <${Select} label=${t("userField.province")} value=${form.province}
        choose=${(/** @type {string} */ province) => setForm({ ...form, province, city: "" })}
        options=${[["", t("region.unknown")],
          ...catalogue.provinces.map((name) => [name, placeText(name)])]} /></label>
    <label class="field"><span>${t("userField.city")}</span>
      <input value=${form.city} maxlength="32" disabled=${!form.province}
        onInput=${(/** @type {any} */ event) => set("city", event.target.value)} /></label>
    ${problem && html`<${Problem} error=${problem} />`}
    <${Meanwhile} text=${t("user.meanwhile")} lines=${meanwhile.map((name) => `${t(`userField.${name}`)}：${
      name === "gender" ? t(`gender.${valueOf(base, name)}`) : valueOf(base, name) || "—"}`)} />
    <div class="form-actions">
      <${Button} label=${t("action.cancel")} action=${cancel} disabled=${busy} />
      <${Button} label=${t("action.save")} kind="primary" type="submit" busy=${busy}
        disabled=${!changed.length} testId="edit-save" />
    </div>
  </form>`;
}
