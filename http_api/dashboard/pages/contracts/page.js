// How the dashboard offers this page.
import { PATHS } from "../../components/icons.js";

/** @type {import("../index.js").Page} */
export const page = {
  name: "contracts",
  permission: "contract:view",
  icon: PATHS.contract,
  namespace: "/contracts",
  found: {
    open: (id) => ({ contract: id }),
    all: (search) => ({ view: "list", search }),
    statusText: "contractStatus",
  },
  load: () => import("./contracts.js").then(({ Contracts }) => Contracts),
};
