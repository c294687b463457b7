// One staff account in full, with the actions that the reader may take.
import { html, useEffect, useState } from "../../lib/view.js";
import { call, get } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { dateTime } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { roleText } from "../../lib/role-text.js";
import { hrefOf } from "../../lib/router.js";
import { can, currentUser } from "../../lib/session.js";
import { AccountPicture } from "../../components/account-picture.js";
import { Button } from "../../components/button.js";
import { Confirm } from "../../components/confirm.js";
import { Drawer } from "../../components/drawer.js";
import { Failure, Skeleton } from "../../components/states.js";
import { Tag } from "../../components/tag.js";
import { toast } from "../../components/toast.js";
import { StaffForm } from "./form.js";
import { StatusTag } from "./table.js";

/** @typedef {Rest.StaffAnswer} Account */

/**
 * A higher `revision` means that the account was changed elsewhere: the drawer reads again.
 * @param {{ id: string, revision: number, choices: import("./staff.js").Choices, saved: (account: Account) => void,
 *   close: () => void }} props
 */
export function StaffDrawer({ id, revision, choices, saved, close }) {
  /** @type {import("../../lib/hooks.js").Resource<Account>} */
  const resource = useResource(id, (signal) => get(`/users/${id}`, {}, signal));
  const [asked, setAsked] = useState("");
  const [password, setPassword] = useState("");
  useEffect(() => { if (revision) resource.reload(); }, [revision]);
  const account = resource.data;

  /** @param {Account} changed */
  function keep(changed) {
    resource.change(() => changed);
    saved(changed);
  }
  /** @param {string} reason */
  async function work(reason) {
    const [method, path] = ACTIONS[asked];
    const body = asked === "suspend" ? { reason } : asked === "activate" ? { active: true } : undefined;
    const { data, message } = await call(method, `/users/${id}${path}`, { body });
    if (asked === "reset") setPassword(data.password);
    else keep(data);
    toast(message);
  }

  return html`<${Drawer} label=${t("staff.details")} close=${close} testId="drawer"
      before=${account && html`<${AccountPicture} src=${account.avatar} name=${account.name} seed=${account.id}
        size=${48} />`}
      title=${html`<h2>${account?.name ?? t("staff.details")}
          ${account && html`<${StatusTag} account=${account} />`}</h2>
        <p class="muted small-text">${account?.username}</p>`}>
    <div class="drawer-content">
      ${password && html`<div class="problem" role="status"><div>${t("staff.newPassword")}
        <strong class="code" data-testid="new-password">${password}</strong><br />${t("staff.newPasswordHint")}</div></div>`}
      ${account ? html`<${Facts} account=${account} />` : resource.error
        ? html`<${Failure} error=${resource.error} retry=${resource.reload} />` : html`<${Skeleton} lines=${8} />`}
    </div>
    ${account && html`<${Actions} account=${account} ask=${setAsked} />`}
    ${account && asked === "edit" && html`<${StaffForm} account=${account} choices=${choices} saved=${keep}
      close=${() => setAsked("")} />`}
    ${account && asked && asked !== "edit" && html`<${Confirm} title=${t(`staffAsk.${asked}`, { name: account.name })}
      text=${t(`staffAsk.${asked}.text`)} confirmLabel=${t(`staffAction.${asked}`)}
      danger=${asked !== "resume" && asked !== "activate"} reason=${asked === "suspend" ? "optional" : undefined}
      work=${work} close=${() => setAsked("")} />`}
  <//>`;
}

/** @type {Record<string, [string, string]>} */
const ACTIONS = {
  suspend: ["PATCH", "/suspend"], resume: ["PATCH", "/resume"], reset: ["POST", "/reset-password"],
  deactivate: ["DELETE", ""], activate: ["PATCH", ""],
};

/** @param {{ account: Account }} props */
function Facts({ account }) {
  /** @type {[string, unknown][]} */
  const facts = [
    ["role", roleText(account.role, account.roleLabel)], ["department", account.department],
    ["phone", account.phone], ["email", account.email], ["monthlyTask", account.monthlyTask],
    ["lastLogin", account.lastLoginAt && dateTime(account.lastLoginAt)], ["createdAt", dateTime(account.createdAt)],
  ];
  return html`<section><dl>${facts.map(([name, value]) => html`<div class="fact" key=${name}>
    <dt>${t(`staffField.${name}`)}</dt><dd>${value ?? "—"}</dd></div>`)}</dl>
    ${account.mustChangePassword && html`<${Tag} kind="warn">${t("staff.mustChange")}<//>`}
    ${can("user:edit") && html`<p><a class="link" href=${hrefOf("staff-logins", { staff: account.id })}>
      ${t("staff.logins")}</a></p>`}</section>`;
}

/** @param {{ account: Account, ask: (what: string) => void }} props */
function Actions({ account, ask }) {
  const own = account.id === currentUser().id;
  const mayEdit = can("user:edit");
  if (!mayEdit && !can("user:delete")) return null;
  /** @type {(what: string, icon: string, kind?: string) => unknown} */
  const button = (what, icon, kind) => html`<${Button} icon=${icon} kind=${kind} label=${t(`staffAction.${what}`)}
    action=${() => { ask(what); }} testId=${`staff-${what}`} />`;
  return html`<footer class="drawer-foot">
    ${mayEdit && button("edit", "edit")}
    ${mayEdit && !own && button("reset", "renew")}
    ${mayEdit && !own && account.active && (account.suspended ? button("resume", "check")
      : button("suspend", "block", "danger-outline"))}
    ${mayEdit && !account.active && button("activate", "check")}
    ${can("user:delete") && !own && account.active && button("deactivate", "trash", "ghost danger-text push")}
  </footer>`;
}
