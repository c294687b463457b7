// The permissions of the catalogue as a tree of resources and actions, which a search narrows down.
import { html, useState } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { can } from "../../lib/session.js";

/** @typedef {Rest.PermissionGroup} Group */

/**
 * The groups with those permissions whose key or name has the text. Pure.
 * @param {Group[]} groups @param {string} text
 * @returns {Group[]}
 */
export function found(groups, text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return groups;
  return groups.map((group) => ({ ...group, permissions: group.permissions.filter(({ key, description }) =>
    `${key} ${description}`.toLowerCase().includes(wanted)) })).filter(({ permissions }) => permissions.length);
}

/** @param {{ text: string, setText: (text: string) => void }} props */
export const TreeSearch = ({ text, setText }) => html`<label class="field"><span>${t("roles.search")}</span>
  <input type="search" value=${text} maxlength="64" data-testid="permission-search"
    onInput=${(/** @type {any} */ event) => setText(event.target.value)} /></label>`;

/**
 * Permissions that the reader does not hold cannot be granted. `x:all` includes the other actions of its resource.
 * @param {{ groups: Group[], chosen: Set<string>, locked: boolean, set: (chosen: Set<string>) => void }} props
 */
export function PermissionTree({ groups, chosen, locked, set }) {
  const [text, setText] = useState("");
  /** @param {string} key */
  function toggle(key) {
    const next = new Set(chosen);
    if (!next.delete(key)) next.add(key);
    set(next);
  }
  const shown = found(groups, text);
  return html`<${TreeSearch} text=${text} setText=${setText} />
    <div class="permission-tree" data-testid="permission-tree">
    ${shown.map(({ key: resource, label, permissions }) => html`<fieldset key=${resource}><legend>${label}</legend>
      ${permissions.map(({ key, label: action, description }) => {
        const whole = `${resource}:all`;
        const included = chosen.has("*") || (key !== whole && chosen.has(whole));
        return html`<label key=${key} class="check" title=${description}><input type="checkbox"
          checked=${included || chosen.has(key)} disabled=${locked || included || !can(key)}
          onChange=${() => toggle(key)} data-testid=${`permission-${key}`} />${action}</label>`;
      })}</fieldset>`)}
    ${shown.length === 0 && html`<p class="muted">${t("roles.nothingFound")}</p>`}</div>`;
}
