// How the dashboard offers this page.
import { PATHS } from "../../components/icons.js";

/** @type {import("../index.js").Page} */
export const page = {
  name: "notification-templates",
  permission: "admin:settings",
  icon: PATHS.template,
  namespace: null,
  load: () => import("./templates.js").then(({ NotificationTemplates }) => NotificationTemplates),
};
