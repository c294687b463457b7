// The picture and the name of a mini-program user, who may have neither.
import { html } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { AccountPicture } from "../../components/account-picture.js";

/** @param {{ nickname?: string | null }} user */
export const nameOf = ({ nickname }) => nickname || t("user.noNickname");

/** @param {{ avatarFile: string | null, avatar: string | null }} user */
export const pictureOf = ({ avatarFile, avatar }) => avatarFile || avatar;

/** @param {{ user: Rest.StaffUserAnswer, size: number }} props */
export const UserPicture = ({ user, size }) => html`<${AccountPicture} src=${pictureOf(user)} name=${user.nickname}
  seed=${user.id} size=${size} />`;
