// How the dashboard offers this page.
import { PATHS } from "../../components/icons.js";

/** @type {import("../index.js").Page} */
export const page = {
  name: "notifications",
  permission: "",
  icon: PATHS.bell,
  namespace: "/notifications",
  load: () => import("./notifications.js").then(({ Notifications }) => Notifications),
};
