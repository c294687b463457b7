// How the dashboard offers this page.

/** @type {import("../index.js").Page} */
export const page = {
  name: "contracts",
  permission: "contract:view",
  icon: "M6 3h9l4 4v14H6zM14.5 3v4.5H19M9 12h6M9 8.5h2M9 16c1.2-1.6 2.2-1.6 2.6 0s1.6 1.4 3.4-.6",
  namespace: "/contracts",
  found: {
    open: (id) => ({ contract: id }),
    all: (search) => ({ view: "list", search }),
    statusText: "contractStatus",
  },
  load: () => import("./contracts.js").then(({ Contracts }) => Contracts),
};
