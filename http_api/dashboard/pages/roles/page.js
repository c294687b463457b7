// How the dashboard offers this page.

/** @type {import("../index.js").Page} */
export const page = {
  name: "roles",
  permission: "admin:roles",
  icon: "M12 3l7 3v5c0 4.5-3 8-7 10-4-2-7-5.5-7-10V6zM9 12l2.2 2.2L15.5 10",
  namespace: null,
  load: () => import("./roles.js").then(({ Roles }) => Roles),
};
