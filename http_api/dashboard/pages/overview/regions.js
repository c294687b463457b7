// Where users are: provinces as sorted bars with shares; a province opens to its cities.
import { html, useState } from "../../lib/view.js";
import { get } from "../../lib/api.js";
import { t } from "../../lib/i18n.js";
import { number, percent } from "../../lib/format.js";
import { useResource } from "../../lib/hooks.js";
import { useNamespace } from "../../lib/live.js";
import { BarList } from "../../components/bar-list.js";
import { Button } from "../../components/button.js";
import { Panel } from "../../components/panel.js";
import { Empty } from "../../components/states.js";
import { placeText } from "../../lib/places.js";

/** @template T @typedef {import("../../lib/hooks.js").Resource<T>} Resource */

const SHORT = 9;
const CITIES = 8;
const UNKNOWN = "未知"; // the server's word for "no region", in either language

export function Regions() {
  /** @type {Resource<Rest.Regions>} */
  const regions = useResource("regions", (signal) => get("/miniprogram-users/statistics/regions", {}, signal));
  useNamespace("/statistics", { gap: regions.reload });
  return html`<${Panel} title=${t("regions.title")} hint=${t("regions.hint")} resource=${regions}>
    ${(/** @type {Rest.Regions} */ data) => html`<${RegionList} regions=${data.regions} />`}<//>`;
}

/** @param {{ regions: Rest.ProvinceCount[] }} props */
function RegionList({ regions }) {
  const [all, setAll] = useState(false);
  const [open, setOpen] = useState(/** @type {string | null} */ (null));
  if (!regions.length) return html`<${Empty} title=${t("regions.empty")} hint=${t("regions.emptyHint")} />`;
  const rows = regions.slice(0, all ? undefined : SHORT).map((region) => ({
    key: region.province, label: nameOf(region.province), value: region.count, muted: region.province === UNKNOWN,
    text: html`${number(region.count)} <span class="muted share">${percent(region.share)}</span>`,
    open: open === region.province, children: cityRows(region),
    onPress: region.cities?.length ? () => setOpen(open === region.province ? null : region.province) : undefined,
  }));
  return html`<${BarList} rows=${rows} label=${t("regions.title")} />
    ${regions.length > SHORT && html`<div class="panel-foot">
      <${Button} small kind="ghost" icon=${all ? "up" : "down"} action=${() => setAll(!all)}
      label=${all ? t("regions.fewer") : t("regions.all", { n: regions.length })} /></div>`}`;
}

/** @param {Rest.ProvinceCount} region */
function cityRows(region) {
  const cities = (region.cities ?? []).slice(0, CITIES);
  return cities.map(({ city, count }) => ({ key: city, label: nameOf(city), value: count, text: number(count) }));
}

/** @param {string} region */
const nameOf = (region) => (!region || region === UNKNOWN ? t("region.unknown") : placeText(region));
