// The buttons that move a row of an ordered list up and down, and remove it.
import { html } from "../lib/view.js";
import { t } from "../lib/i18n.js";
import { Button } from "./button.js";

/** @param {{ what: string, move: (by: -1 | 1) => void, remove: () => void }} props `what` names the row */
export const RowTools = ({ what, move, remove }) => html`<span class="row-tools">
  <${Button} small iconOnly kind="ghost" icon="up" label=${t("row.up", { what })} action=${() => move(-1)} />
  <${Button} small iconOnly kind="ghost" icon="down" label=${t("row.down", { what })} action=${() => move(1)} />
  <${Button} small iconOnly kind="ghost danger-text" icon="trash" label=${t("row.remove", { what })} action=${remove} />
</span>`;
