// How the dashboard offers this page.

/** @type {import("../index.js").Page} */
export const page = {
  name: "overview",
  permission: "miniprogram-user:statistics",
  icon: "M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-3H4zM14 7h6V4h-6z",
  namespace: "/statistics",
  load: () => import("./overview.js").then(({ Overview }) => Overview),
};
