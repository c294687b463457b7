// Merging two accounts of one person: both side by side, and the reader chooses which one stays.
import { html, useState } from "../../lib/view.js";
import { call, get } from "../../lib/api.js";
import { useSearch } from "../../lib/hooks.js";
import { t } from "../../lib/i18n.js";
import { dateTime, number } from "../../lib/format.js";
import { regionText } from "../../lib/places.js";
import { Button } from "../../components/button.js";
import { Confirm } from "../../components/confirm.js";
import { toast } from "../../components/toast.js";
import { StatusTag } from "./status-tag.js";
import { UserPicture, nameOf } from "./user-picture.js";

/** @typedef {Rest.StaffUserAnswer} User */

const MOST_FOUND = 6;

/** @type {{ [field: string]: (user: User) => unknown }} */
const COMPARED = {
  phone: (user) => (user.hasPhone ? user.phone : t("user.noPhone")),
  username: (user) => user.username,
  region: (user) => regionText(user.province, user.city),
  loginCount: (user) => number(user.loginCount),
  lastLoginAt: (user) => dateTime(user.lastLoginAt),
  createdAt: (user) => dateTime(user.createdAt),
  id: (user) => html`<code>${user.id}</code>`,
};

/**
 * `merged(gone, kept)` is called with the two accounts as they were.
 * @param {{ user: User, merged: (gone: User, kept: User) => void, close: () => void }} props
 */
export function MergeDialog({ user, merged, close }) {
  const [other, setOther] = useState(/** @type {User | null} */ (null));
  const [kept, setKept] = useState(user.id);

  /** @param {string} reason */
  async function merge(reason) {
    const [stays, goes] = kept === user.id ? [user, other] : [other, user];
    if (!stays || !goes) return;
    await call("POST", `/miniprogram-users/${goes.id}/merge`, { body: { into: stays.id, reason } });
    toast(t("userDone.merge", { name: nameOf(goes), into: nameOf(stays) }));
    merged(goes, stays);
  }
  function chooseAnother() {
    setOther(null);
    setKept(user.id);
  }

  return html`<${Confirm} wide danger reason="required" blocked=${!other} title=${t("userMerge.title")}
    text=${t("userMerge.text")} confirmLabel=${t("user.merge")} work=${merge} close=${close}
    suggestions=${["duplicate", "request"].map((reason) => t(`userReason.${reason}`))}>
    ${other ? html`<${Comparison} users=${[user, other]} kept=${kept} keep=${setKept} />
      <div><${Button} small icon="search" label=${t("userMerge.another")} action=${chooseAnother} /></div>`
      : html`<${Picker} user=${user} choose=${setOther} />`}<//>`;
}

/** @param {{ user: User, choose: (user: User) => void }} props */
function Picker({ user, choose }) {
  /** @type {(search: string, signal: AbortSignal) => Promise<Rest.UserPage>} */
  const read = (search, signal) => get("/miniprogram-users", { search, pageSize: MOST_FOUND }, signal);
  const { found, look } = useSearch(read);
  const others = found?.data?.list.filter(({ id }) => id !== user.id);
  return html`<div class="merge-picker"><label class="field"><span>${t("userMerge.find", { name: nameOf(user) })}</span>
      <input type="search" placeholder=${t("users.search")} maxlength="64" autocomplete="off" autofocus
        onInput=${(/** @type {any} */ event) => look(event.target.value.trim())} data-testid="merge-search" /></label>
    <div aria-live="polite">${found?.error ? html`<p class="find-note">${found.error.message}</p>`
      : others?.length === 0 && html`<p class="find-note">${t("find.none")}</p>`}
      ${others?.map((each) => html`<button type="button" key=${each.id} class="menu-item" onClick=${() => choose(each)}
        data-testid=${`merge-with-${each.id}`}>
        <${UserPicture} user=${each} size=${28} />
        <span class="find-name">${nameOf(each)}</span><span class="muted numeric">${COMPARED.phone(each)}</span>
      </button>`)}</div></div>`;
}

/** @param {{ users: User[], kept: string, keep: (id: string) => void }} props */
function Comparison({ users, kept, keep }) {
  return html`<table class="comparison" data-testid="merge-comparison">
    <thead><tr><td></td>${users.map((user) => html`<th key=${user.id} scope="col"
      class=${user.id === kept ? "kept" : ""}>
      <${UserPicture} user=${user} size=${36} />
      <span>${nameOf(user)} <${StatusTag} status=${user.status} reason=${user.statusReason} /></span>
      <label class="keep"><input type="radio" name="kept" checked=${user.id === kept} onChange=${() => keep(user.id)}
        data-testid=${`merge-keep-${user.id}`} /> ${t("userMerge.keep")}</label>
      ${user.id !== kept && html`<span class="muted small-text">${t("userMerge.goes")}</span>`}
    </th>`)}</tr></thead>
    <tbody>${Object.entries(COMPARED).map(([field, shown]) => html`<tr key=${field}>
      <th scope="row">${t(`userField.${field}`)}</th>${users.map((user) => html`<td key=${user.id}
        class=${user.id === kept ? "kept" : ""}>${shown(user) || "—"}</td>`)}</tr>`)}</tbody>
  </table>`;
}
