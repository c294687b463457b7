// How the dashboard offers this page.

/** @type {import("../index.js").Page} */
export const page = {
  name: "staff",
  permission: "user:view",
  icon: "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM2.5 20a6.5 6.5 0 0 1 13 0M16 4.5a3.5 3.5 0 0 1 0 6.5M18 14a6 6 0 0 1 3.5 6",
  namespace: "/staff",
  found: {
    open: (id) => ({ account: id }),
    all: (search) => ({ search }),
    statusText: "staffStatus",
  },
  load: () => import("./staff.js").then(({ StaffAccounts }) => StaffAccounts),
};
