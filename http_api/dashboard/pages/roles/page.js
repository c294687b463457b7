// How the dashboard offers this page.
import { PATHS } from "../../components/icons.js";

/** @type {import("../index.js").Page} */
export const page = {
  name: "roles",
  permission: "admin:roles",
  icon: PATHS.shield,
  namespace: null,
  load: () => import("./roles.js").then(({ Roles }) => Roles),
};
