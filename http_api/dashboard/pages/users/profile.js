// A user's profile and identities.
import { html } from "../../lib/view.js";
import { t, textOr } from "../../lib/i18n.js";
import { dateTime, number } from "../../lib/format.js";
import { regionText } from "../../lib/places.js";
import { can } from "../../lib/session.js";
import { Masked, useReveal } from "../../components/masked.js";

const HOME = new Set(["中国", "China", "CN"]); // not shown

/** @param {{ user: Rest.StaffUserAnswer }} props */
export function UserProfile({ user }) {
  const { values, reveal } = useReveal(`/miniprogram-users/${user.id}/reveal`, user.version);
  const allowed = can("miniprogram-user:view");
  const abroad = user.country && !HOME.has(user.country) ? user.country : "";
  const region = [abroad, regionText(user.province, user.city)].filter(Boolean).join(" ");
  return html`<section aria-labelledby="profile-title"><h3 id="profile-title">${t("user.profile")}</h3>
    <dl class="facts">
      <${Fact} name="phone">${user.hasPhone
        ? html`<${Masked} value=${user.phone} revealed=${values.phone} allowed=${allowed}
          reveal=${() => reveal("phone")} testId="reveal-phone" />`
        : t("user.noPhone")}<//>
      <${Fact} name="username">${user.username}<//>
      <${Fact} name="gender">${t(`gender.${user.gender ?? 0}`)}<//>
      <${Fact} name="region">${region || t("region.unknown")}
        <span class="muted small-text">${t(`regionSource.${user.regionSource ?? "unknown"}`)}</span><//>
      <${Fact} name="role">${textOr("userRole", user.role)}<//>
      <${Fact} name="loginCount"><span class="numeric">${number(user.loginCount)}</span><//>
      <${Fact} name="lastLoginAt"><span class="numeric">${dateTime(user.lastLoginAt)}</span>
        ${user.lastLoginIp && html` <span class="muted small-text numeric">${user.lastLoginIp}</span>`}<//>
      <${Fact} name="createdAt"><span class="numeric">${dateTime(user.createdAt)}</span><//>
      <${Fact} name="updatedAt"><span class="numeric">${dateTime(user.updatedAt)}</span><//>
    </dl></section>
  <section aria-labelledby="identities-title"><h3 id="identities-title">${t("user.identities")}</h3>
    <dl class="facts">
      <${Fact} name="openid"><${Masked} mono value=${user.openid} revealed=${values.openid} allowed=${allowed}
        reveal=${() => reveal("openid")} testId="reveal-openid" />
        ${appOf(user, user.openid)}<//>
      ${user.unionid && html`<${Fact} name="unionid"><code>${user.unionid}</code><//>`}
      ${(user.identities ?? []).filter(({ openid }) => openid !== user.openid).map(({ appid, openid }) => html`
        <${Fact} key=${appid} name="openid"><code>${openid}</code>${appOf(user, openid)}<//>`)}
    </dl></section>`;
}

/**
 * @param {Rest.StaffUserAnswer} user
 * @param {string | null} openid
 */
function appOf(user, openid) {
  const appid = user.identities?.find((identity) => identity.openid === openid)?.appid;
  return appid && html`<span class="muted small-text">${t("userField.appid")} <code>${appid}</code></span>`;
}

/** @param {{ name: string, children?: unknown }} props */
const Fact = ({ name, children }) => html`<div class="fact"><dt>${t(`userField.${name}`)}</dt>
  <dd>${children || "—"}</dd></div>`;
