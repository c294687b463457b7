// The actions on a user, each after a confirmation; used by the list and by the drawer.
import { html, useState } from "../../lib/view.js";
import { call, get } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { Confirm } from "../../components/confirm.js";
import { toast } from "../../components/toast.js";

/**
 * @typedef {object} UserAction
 * @property {"required"} [reason] optional without it
 * @property {boolean} [danger]
 * @property {string[]} reasons suggested ones, by the keys of their texts
 * @property {(user: Rest.StaffUserAnswer, reason: string) => Promise<{ message: string }>} run
 */

/** @type {(status: string) => UserAction["run"]} */
const setStatus = (status) => (user, reason) =>
  call("PATCH", `/miniprogram-users/${user.id}/status`, { body: { status, reason, version: user.version } });

/**
 * By kind. The version of the user makes the server refuse a decision about an outdated state.
 * @type {Record<string, UserAction>}
 */
const ACTIONS = {
  block: { reason: "required", danger: true, reasons: ["abuse", "fraud", "request"], run: setStatus("blocked") },
  unblock: { reasons: ["cleared", "mistake"], run: setStatus("active") },
  unbind: { danger: true, reasons: ["changedNumber", "request"],
    run: (user, reason) => call("POST", `/miniprogram-users/${user.id}/unbind-phone`, { body: { reason } }) },
  delete: { danger: true, reasons: ["request", "duplicate"],
    run: (user, reason) => call("DELETE", `/miniprogram-users/${user.id}`, { body: { reason } }) },
};

/**
 * `done(user)` gets the user as it is now; a deleted one has `deleted: true`.
 * @param {(user: Rest.StaffUserAnswer & { deleted?: boolean }) => void} done
 */
export function useUserActions(done) {
  /** @typedef {{ kind: string, user: Rest.StaffUserAnswer, meanwhile?: boolean }} Question */
  const [asked, setAsked] = useState(/** @type {Question | null} */ (null));
  const close = () => setAsked(null);

  /** @param {string} reason */
  async function work(reason) {
    const { kind, user } = /** @type {Question} */ (asked);
    try {
      const { message } = await ACTIONS[kind].run(user, reason);
      toast(message || t("action.done"));
    } catch (error) {
      if (error.status === 409) await showCurrent(user);
      throw error;
    }
    done(kind === "delete" ? { ...user, deleted: true } : await get(`/miniprogram-users/${user.id}`));
  }

  /**
   * Someone else changed the user first: the question stays open, now about the user as it is.
   * @param {Rest.StaffUserAnswer} user
   */
  async function showCurrent(user) {
    const current = await get(`/miniprogram-users/${user.id}`);
    done(current);
    setAsked((before) => before && { ...before, user: current, meanwhile: true });
  }

  const action = asked && ACTIONS[asked.kind];
  const name = asked?.user.nickname || t("user.noNickname");
  const dialog = asked && action && html`<${Confirm} key=${asked.kind} reason=${action.reason ?? "optional"}
    danger=${action.danger} work=${work} close=${close} title=${t(`userAsk.${asked.kind}`, { name })}
      text=${t(`userAsk.${asked.kind}Text`)} confirmLabel=${t(`user.${asked.kind}`)}
    suggestions=${action.reasons.map((reason) => t(`userReason.${reason}`))}
    note=${asked.meanwhile && t("userAsk.meanwhile", { name, status: t(`userStatus.${asked.user.status}`) })} />`;
  /** @param {string} kind @param {Rest.StaffUserAnswer} user */
  const ask = (kind, user) => setAsked({ kind, user });
  return { ask, dialog };
}
