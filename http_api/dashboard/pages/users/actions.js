// What staff can do to an account, each behind a question; used by the list and by the drawer.
import { html, useState } from "../../lib/view.js";
import { call, get } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { Confirm } from "../../components/confirm.js";
import { toast } from "../../components/toast.js";

const setStatus = (status) => (user, reason) =>
  call("PATCH", `/miniprogram-users/${user.id}/status`, { body: { status, reason, version: user.version } });

/** kind -> how it is asked and done. The version guards against deciding on what is no longer so. */
const ACTIONS = {
  block: { reason: "required", danger: true, reasons: ["abuse", "fraud", "request"], run: setStatus("blocked") },
  unblock: { reasons: ["cleared", "mistake"], run: setStatus("active") },
  unbind: { danger: true, reasons: ["changedNumber", "request"],
    run: (user, reason) => call("POST", `/miniprogram-users/${user.id}/unbind-phone`, { body: { reason } }) },
  delete: { danger: true, reasons: ["request", "duplicate"],
    run: (user, reason) => call("DELETE", `/miniprogram-users/${user.id}`, { body: { reason } }) },
};

/** `done(user)` gets the user as it is now; a deleted one comes with `deleted: true`. */
export function useUserActions(done) {
  const [asked, setAsked] = useState(null);
  const close = () => setAsked(null);

  async function work(reason) {
    const { kind, user } = asked;
    try {
      const { message } = await ACTIONS[kind].run(user, reason);
      toast(message || t("action.done"));
    } catch (error) {
      if (error.status === 409) await showCurrent(user);
      throw error;
    }
    done(kind === "delete" ? { ...user, deleted: true } : await get(`/miniprogram-users/${user.id}`));
  }

  /** Someone else was faster: the question stays open, now about the account as it is. */
  async function showCurrent(user) {
    const current = await get(`/miniprogram-users/${user.id}`);
    done(current);
    setAsked((before) => before && { ...before, user: current, meanwhile: true });
  }

  const action = asked && ACTIONS[asked.kind];
  const name = asked?.user.nickname || t("user.noNickname");
  const dialog = asked && html`<${Confirm} key=${asked.kind} reason=${action.reason ?? "optional"} danger=${action.danger} work=${work} close=${close}
    title=${t(`userAsk.${asked.kind}`, { name })} text=${t(`userAsk.${asked.kind}Text`)} confirmLabel=${t(`user.${asked.kind}`)}
    suggestions=${action.reasons.map((reason) => t(`userReason.${reason}`))}
    note=${asked.meanwhile && t("userAsk.meanwhile", { name, status: t(`userStatus.${asked.user.status}`) })} />`;
  return { ask: (kind, user) => setAsked({ kind, user }), dialog };
}
