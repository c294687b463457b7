// How the dashboard offers this page.

/** @type {import("../index.js").Page} */
export const page = {
  name: "customers",
  permission: "customer:view",
  icon: "M3.5 11 12 4l8.5 7M6 9.5V20h12V9.5M12 17.5c-2.2-1.5-3-2.5-3-3.7a1.6 1.6 0 0 1 3-.7 1.6 1.6 0 0 1 3 .7c0 1.2-.8 2.2-3 3.7Z",
  namespace: "/customers",
  found: {
    open: (id) => ({ customer: id }),
    all: (search) => ({ search }),
    statusText: "customerStage",
  },
  load: () => import("./customers.js").then(({ Customers }) => Customers),
};
