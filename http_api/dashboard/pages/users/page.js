// How the dashboard offers this page.
import { QuickFind } from "./quick-find.js";
import { PATHS } from "../../components/icons.js";

/** @type {import("../index.js").Page} */
export const page = {
  name: "users",
  permission: "miniprogram-user:view",
  icon: PATHS.people,
  namespace: "/users",
  Search: QuickFind,
  load: () => import("./users.js").then(({ Users }) => Users),
};
