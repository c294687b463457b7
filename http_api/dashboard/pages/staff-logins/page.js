// How the dashboard offers this page.

/** @type {import("../index.js").Page} */
export const page = {
  name: "staff-logins",
  permission: "user:edit",
  icon: "M10 4H5v16h5M9 12h11M16 8l4 4-4 4",
  namespace: null,
  load: () => import("./logins.js").then(({ StaffLogins }) => StaffLogins),
};
