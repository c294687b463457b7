// How the dashboard offers this page.
import { PATHS } from "../../components/icons.js";

/** @type {import("../index.js").Page} */
export const page = {
  name: "interviews",
  permission: "interview:view",
  icon: PATHS.camera,
  namespace: "/interviews",
  found: {
    open: (id) => ({ room: id }),
    all: (search) => ({ status: "all", search }),
    statusText: "interviews",
  },
  load: () => import("./interviews.js").then(({ Interviews }) => Interviews),
};
