// How the dashboard offers this page.

/** @type {import("../index.js").Page} */
export const page = {
  name: "departments",
  permission: "admin:roles",
  icon: "M9.5 3.5h5v5h-5zM3.5 15.5h5v5h-5zM15.5 15.5h5v5h-5zM12 8.5V12M6 15.5V12h12v3.5",
  namespace: null,
  load: () => import("./departments.js").then(({ Departments }) => Departments),
};
