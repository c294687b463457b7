// How the dashboard offers this page.
import { PATHS } from "../../components/icons.js";

/** @type {import("../index.js").Page} */
export const page = {
  name: "customer-rules",
  permission: "customer:all",
  icon: PATHS.swap,
  namespace: "/customers",
  load: () => import("./customer-rules.js").then(({ CustomerRules }) => CustomerRules),
};
