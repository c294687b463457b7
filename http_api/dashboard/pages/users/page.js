// How the dashboard offers this page.
import { PATHS } from "../../components/icons.js";

/** @type {import("../index.js").Page} */
export const page = {
  name: "users",
  permission: "miniprogram-user:view",
  icon: PATHS.people,
  namespace: "/users",
  found: {
    open: (id) => ({ user: id }),
    all: (search) => ({ search }),
    statusText: "userStatus",
  },
  load: () => import("./users.js").then(({ Users }) => Users),
};
