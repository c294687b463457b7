// How the dashboard offers this page.

/** @type {import("../index.js").Page} */
export const page = {
  name: "audit",
  permission: "audit:view",
  icon: "M6 3h9l4 4v14H6zM14.5 3v4.5H19M9 12h7M9 15.5h7M9 8.5h2",
  namespace: "/audit",
  load: () => import("./log.js").then(({ OperationLog }) => OperationLog),
};
