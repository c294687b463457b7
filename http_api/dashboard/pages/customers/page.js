// How the dashboard offers this page.
import { PATHS } from "../../components/icons.js";

/** @type {import("../index.js").Page} */
export const page = {
  name: "customers",
  permission: "customer:view",
  icon: PATHS.customer,
  namespace: "/customers",
  found: {
    open: (id) => ({ customer: id }),
    all: (search) => ({ search }),
    statusText: "customerStage",
  },
  load: () => import("./customers.js").then(({ Customers }) => Customers),
};
