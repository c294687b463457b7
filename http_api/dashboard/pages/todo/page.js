// How the dashboard offers this page.

/** @type {import("../index.js").Page} */
export const page = {
  name: "todo",
  permission: "customer:view",
  icon: "M5 4h14v16H5zM8.5 9l1.2 1.2L12 8M8.5 15l1.2 1.2L12 14M14 9.5h2.5M14 15.5h2.5",
  namespace: "/customers",
  startsFor: ["employee", "dispatch"],
  load: () => import("./todo.js").then(({ Todo }) => Todo),
};
