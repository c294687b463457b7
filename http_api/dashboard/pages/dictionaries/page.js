// How the dashboard offers this page.

/** @type {import("../index.js").Page} */
export const page = {
  name: "dictionaries",
  permission: "admin:settings",
  icon: "M5 4h11a3 3 0 0 1 3 3v13H8a3 3 0 0 1-3-3zM5 17a3 3 0 0 1 3-3h11M9 8h6",
  namespace: "/customers",
  load: () => import("./dictionaries.js").then(({ Dictionaries }) => Dictionaries),
};
