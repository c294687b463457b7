// How the dashboard offers this page.

/** @type {import("../index.js").Page} */
export const page = {
  name: "connections",
  permission: "connection:view",
  icon: "M5 12.5a10 10 0 0 1 14 0M8 15.8a5.5 5.5 0 0 1 8 0M2 9a14.5 14.5 0 0 1 20 0M12 19.5h.01",
  namespace: null,
  load: () => import("./connections.js").then(({ Connections }) => Connections),
};
