// One user in full: profile, identities, log-ins and actions.
import { html, useEffect, useState } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { useResource } from "../../lib/hooks.js";
import { can, hasCapability } from "../../lib/session.js";
import { PictureDialog } from "../../components/account-picture.js";
import { Button } from "../../components/button.js";
import { Drawer } from "../../components/drawer.js";
import { Failure, Skeleton } from "../../components/states.js";
import { StatusTag } from "./status-tag.js";
import { UserPicture, nameOf, pictureOf } from "./user-picture.js";
import { UserEdit } from "./edit.js";
import { UserLogins } from "./logins.js";
import { UserProfile } from "./profile.js";

/**
 * A higher `revision` means that the user was changed elsewhere: the drawer reads again.
 * @param {{ id: string, revision: number, ask: Ask, saved: (user: User) => void, close: () => void }} props
 * @typedef {Rest.StaffUserAnswer} User
 * @typedef {(kind: string, user: User) => void} Ask
 */
export function UserDrawer({ id, revision, ask, saved, close }) {
  /** @type {import("../../lib/hooks.js").Resource<User>} */
  const resource = useResource(id, (signal) => get(`/miniprogram-users/${id}`, {}, signal));
  const [editing, setEditing] = useState(false);
  const [picturing, setPicturing] = useState(false);
  useEffect(() => { if (revision) resource.reload(); }, [revision]);
  const user = resource.data;

  /** @param {User} changed */
  function keep(changed) {
    resource.change(() => changed);
    saved(changed);
    setEditing(false);
  }

  return html`<${Drawer} label=${t("user.details")} close=${close} testId="drawer"
      before=${user && html`<${Picture} user=${user} change=${() => setPicturing(true)} />`}
      title=${user ? html`<h2>${nameOf(user)} <${StatusTag} status=${user.status} reason=${user.statusReason} /></h2>
        <p class="muted small-text">${user.status === "blocked" && user.statusReason
          ? `${t("user.reason")}：${user.statusReason}` : user.username || user.id}</p>`
        : html`<h2>${t("user.details")}</h2>`}>
    <div class="drawer-content">
      ${user ? editing ? html`<${UserEdit} user=${user} saved=${keep} cancel=${() => setEditing(false)}
        latest=${(/** @type {User} */ current) => { resource.change(() => current); saved(current); }} />`
          : html`<${UserProfile} user=${user} /><${UserLogins} id=${user.id} revision=${revision} />`
        : resource.error ? html`<${Failure} error=${resource.error} retry=${resource.reload} />`
          : html`<${Skeleton} lines=${8} />`}
    </div>
    ${user && picturing && html`<${PictureDialog} src=${pictureOf(user)} name=${user.nickname}
      seed=${user.id} area="users" done=${resource.reload} close=${() => setPicturing(false)} />`}
    ${user && !editing && html`<${Actions} user=${user} ask=${ask} edit=${() => setEditing(true)} />`}
  <//>`;
}

/** @param {{ user: User, change: () => void }} props */
function Picture({ user, change }) {
  const picture = html`<${UserPicture} user=${user} size=${48} />`;
  if (!can("miniprogram-user:edit")) return picture;
  return html`<button type="button" class="picture-button" aria-label=${t("picture.change")}
    title=${t("picture.change")} onClick=${change} data-testid="user-picture">${picture}</button>`;
}

/** @param {{ user: User, ask: Ask, edit: () => void }} props */
function Actions({ user, ask, edit }) {
  const blocked = user.status === "blocked";
  const mayEdit = can("miniprogram-user:edit");
  const mayDelete = can("miniprogram-user:delete");
  if (!mayEdit && !mayDelete) return null;
  return html`<footer class="drawer-foot">
    ${mayEdit && html`<${Button} icon="edit" label=${t("user.edit")} action=${edit} testId="action-edit" />
      ${user.hasPhone && html`<${Button} icon="unlink" label=${t("user.unbind")}
        action=${() => { ask("unbind", user); }} testId="action-unbind" />`}
      ${blocked ? html`<${Button} icon="check" label=${t("user.unblock")} action=${() => { ask("unblock", user); }}
        testId="action-unblock" />`
        : html`<${Button} icon="block" kind="danger-outline" label=${t("user.block")}
          action=${() => { ask("block", user); }} testId="action-block" />`}`}
    ${mayDelete && hasCapability("miniprogram-user:merge") && html`<${Button} icon="merge" label=${t("user.merge")}
      action=${() => { ask("merge", user); }} testId="action-merge" />`}
    ${mayDelete && html`<${Button} icon="trash" kind="ghost danger-text push" label=${t("user.delete")}
      action=${() => { ask("delete", user); }} testId="action-delete" />`}
  </footer>`;
}
