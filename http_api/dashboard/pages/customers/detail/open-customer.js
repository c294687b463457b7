// The customer that the address names: its drawer, and the form that edits it.
import { html, useState } from "../../../lib/view.js";
import { setQuery } from "../../../lib/router.js";
import { CustomerForm } from "../form/form.js";
import { CustomerDrawer } from "./drawer.js";

/**
 * @param {{ id?: string, enums: import("../enums.js").Enums, staff: Rest.AssigneeAnswer[] }} props
 */
export function OpenCustomer({ id, enums, staff }) {
  const [edited, setEdited] = useState(/** @type {Rest.CustomerAnswer | null} */ (null));
  const [saved, setSaved] = useState(0);
  function done() {
    setEdited(null);
    setSaved((count) => count + 1);
  }
  if (!id) return null;
  return html`<${CustomerDrawer} key=${id} id=${id} revision=${saved} enums=${enums} staff=${staff} edit=${setEdited}
      open=${(/** @type {string} */ other) => setQuery({ customer: other })}
      close=${() => setQuery({ customer: "" }, { replace: true })} />
    ${edited && html`<${CustomerForm} customer=${edited} enums=${enums} staff=${staff} done=${done}
      cancel=${() => setEdited(null)} />`}`;
}
