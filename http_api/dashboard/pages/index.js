// The pages of the dashboard, in the order of the menu. A new page is one line here.

/**
 * @typedef {object} Page
 * @property {string} name its name in the address, of its folder, and of its title (text `<name>.title`)
 * @property {string} permission needed to see the page and its menu entry; empty: all staff may
 * @property {string} icon of the menu entry, as the path of an SVG on a 24-unit grid
 * @property {string | null} namespace of Socket.IO that stays open on every page, so that no event is missed in between
 * @property {() => Promise<Component>} load its view, which is fetched when it is first opened
 * @property {string[]} [startsFor] the roles whose first page it is; the others start with the first of the menu
 * @property {Findable} [found] how what the search of all areas finds in the area of this name is shown
 * @typedef {object} Findable
 * @property {(id: string) => Query} open the address of one record
 * @property {(text: string) => Query} all the address of the list that is searched
 * @property {string} statusText the text of a status is `<statusText>.<status>`
 * @typedef {import("../lib/view.js").Component} Component
 * @typedef {import("../lib/query.js").Query} Query
 */

const modules = await Promise.all([
  import("./overview/page.js"),
  import("./todo/page.js"),
  import("./users/page.js"),
  import("./customers/page.js"),
  import("./contracts/page.js"),
  import("./interviews/page.js"),
  import("./notifications/page.js"),
  import("./connections/page.js"),
  import("./staff/page.js"),
  import("./roles/page.js"),
  import("./departments/page.js"),
  import("./customer-rules/page.js"),
  import("./dictionaries/page.js"),
  import("./staff-logins/page.js"),
  import("./notification-templates/page.js"),
  import("./audit/page.js"),
]);

export const pages = modules.map(({ page }) => page);
