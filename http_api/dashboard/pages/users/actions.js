// The actions on a user, each after a confirmation; used by the list and by the drawer.
import { html, useState } from "../../lib/view.js";
import { call, get } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { Confirm } from "../../components/confirm.js";
import { toast } from "../../components/toast.js";
import { MergeDialog } from "./merge.js";
import { nameOf } from "./user-picture.js";

/**
 * @typedef {object} UserAction
 * @property {"required"} [reason] optional without it
 * @property {boolean} [danger]
 * @property {string[]} reasons suggested ones, by the keys of their texts
 * @property {(user: User, reason: string) => Promise<{ data: User }>} run
 * @property {"block" | "unblock"} [undo] the action that takes it back
 * @typedef {Rest.StaffUserAnswer} User
 */

/** @type {(status: string) => UserAction["run"]} */
const setStatus = (status) => (user, reason) =>
  call("PATCH", `/miniprogram-users/${user.id}/status`, { body: { status, reason, version: user.version } });

/**
 * By kind. The version of the user makes the server refuse a decision about an outdated state.
 * @type {Record<string, UserAction>}
 */
const ACTIONS = {
  block: { reason: "required", danger: true, undo: "unblock", reasons: ["abuse", "fraud", "request"],
    run: setStatus("blocked") },
  unblock: { undo: "block", reasons: ["cleared", "mistake"], run: setStatus("active") },
  unbind: { danger: true, reasons: ["changedNumber", "request"],
    run: (user, reason) => call("POST", `/miniprogram-users/${user.id}/unbind-phone`, { body: { reason } }) },
  delete: { danger: true, reasons: ["request", "duplicate"],
    run: (user, reason) => call("DELETE", `/miniprogram-users/${user.id}`, { body: { reason } }) },
};

/**
 * `done(user)` gets the user as it is now; a deleted one has `deleted: true`.
 * @param {(user: User & { deleted?: boolean }) => void} done
 */
export function useUserActions(done) {
  /** @typedef {{ kind: string, user: User, meanwhile?: boolean }} Question */
  const [asked, setAsked] = useState(/** @type {Question | null} */ (null));
  const close = () => setAsked(null);

  /** @param {string} reason */
  async function work(reason) {
    const { kind, user } = /** @type {Question} */ (asked);
    const { run, undo } = ACTIONS[kind];
    try {
      const { data } = await run(user, reason);
      toast(t(`userDone.${kind}`, { name: nameOf(user) }), "done", undo && (() => takeBack(user, data, undo)));
    } catch (error) {
      if (error.status === 409) await showCurrent(user);
      throw error;
    }
    done(kind === "delete" ? { ...user, deleted: true } : await get(`/miniprogram-users/${user.id}`));
  }

  /**
   * Refused when the user was changed since the action: `after` has the version that the action left.
   * @param {User} before @param {User} after @param {"block" | "unblock"} kind
   */
  async function takeBack(before, after, kind) {
    await ACTIONS[kind].run(after, before.statusReason ?? "");
    toast(t(`userDone.${kind}`, { name: nameOf(before) }));
    done(await get(`/miniprogram-users/${before.id}`));
  }

  /**
   * Someone else changed the user first: the question stays open, now about the user as it is.
   * @param {User} user
   */
  async function showCurrent(user) {
    const current = await get(`/miniprogram-users/${user.id}`);
    done(current);
    setAsked((before) => before && { ...before, user: current, meanwhile: true });
  }

  const action = asked && ACTIONS[asked.kind];
  const name = asked ? nameOf(asked.user) : "";
  /** @param {User} gone */
  const merged = (gone) => done({ ...gone, deleted: true });
  const dialog = asked?.kind === "merge" ? html`<${MergeDialog} user=${asked.user} merged=${merged} close=${close} />`
    : asked && action && html`<${Confirm} key=${asked.kind} reason=${action.reason ?? "optional"}
    danger=${action.danger} work=${work} close=${close} title=${t(`userAsk.${asked.kind}`, { name })}
      text=${t(`userAsk.${asked.kind}Text`)} confirmLabel=${t(`user.${asked.kind}`)}
    suggestions=${action.reasons.map((reason) => t(`userReason.${reason}`))}
    note=${asked.meanwhile && t("userAsk.meanwhile", { name, status: t(`userStatus.${asked.user.status}`) })} />`;
  /** @param {string} kind @param {User} user */
  const ask = (kind, user) => setAsked({ kind, user });
  return { ask, dialog };
}
