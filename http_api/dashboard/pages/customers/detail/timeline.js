// The timeline of a customer, newest first: assignments, follow-ups, contracts and entries of other areas.
import { html, useEffect, useState } from "../../../lib/view.js";
import { get } from "../../../lib/api.js";
import { dateTime } from "../../../lib/format.js";
import { useLanguage, useResource } from "../../../lib/hooks.js";
import { t } from "../../../lib/i18n.js";
import { placeOf } from "../../../lib/records.js";
import { hrefOf } from "../../../lib/router.js";
import { Button } from "../../../components/button.js";
import { Failure, Skeleton } from "../../../components/states.js";
import { toastError } from "../../../components/toast.js";

/** @typedef {Rest.TimelineEntryAnswer} Entry */
/** @typedef {{ entries: Entry[], next: string | null } | null} Older null: none were read */

/** @param {{ customer: Rest.CustomerAnswer }} props */
export function Timeline({ customer }) {
  const { id, version } = customer;
  const path = `/customers/${id}/timeline`;
  const language = useLanguage(); // the texts of entries are the server's
  /** @type {import("../../../lib/hooks.js").Resource<Rest.TimelineAnswer>} */
  const { data, error, reload } = useResource(`${id} ${language}`, (signal) => get(path, {}, signal));
  const [older, setOlder] = useState(/** @type {Older} */ (null));
  useEffect(() => { if (data) reload(); }, [version]);
  useEffect(() => setOlder(null), [data]);
  const next = older ? older.next : data?.nextCursor;

  async function more() {
    try {
      /** @type {Rest.TimelineAnswer} */
      const page = await get(path, { before: next });
      setOlder((before) => ({ entries: [...(before?.entries ?? []), ...page.list], next: page.nextCursor }));
    } catch (refusal) {
      toastError(refusal);
    }
  }
  return html`<section aria-labelledby="timeline-title"><h3 id="timeline-title">${t("timeline.title")}</h3>
    ${data ? html`<ol class="timeline" data-testid="timeline">${[...data.list, ...(older?.entries ?? [])].map((entry) =>
        html`<${Happened} key=${entry.id} entry=${entry} />`)}</ol>
        ${data.list.length === 0 && html`<p class="muted small-text">${t("timeline.none")}</p>`}
        ${data.unavailable.length > 0 && html`<p class="warn-text small-text">${t("timeline.unavailable")}</p>`}
        ${next && html`<${Button} small kind="ghost" label=${t("timeline.older")} action=${more} />`}`
      : error ? html`<${Failure} error=${error} retry=${reload} />` : html`<${Skeleton} lines=${4} />`}
  </section>`;
}

/** @param {{ entry: Entry }} props */
function Happened({ entry }) {
  const { at, kind, title, detail, record, actorName, fromName, toName } = entry;
  const people = [fromName, toName].filter(Boolean).join(" → ");
  const place = record && placeOf(record.kind, record.id);
  return html`<li class=${`timeline-entry ${kind.startsWith("follow") ? "step" : ""}`}>
    <div><strong>${title}</strong>${people && html` <span class="muted small-text">${people}</span>`}</div>
    ${detail && html`<div class="timeline-note prewrap">${detail}</div>`}
    ${place && html`<a class="row-link" href=${hrefOf(place.page, place.query)}>${t(`timelineRecord.${record.kind}`)}</a>`}
    <div class="muted small-text"><span class="numeric">${dateTime(at)}</span> · ${actorName ?? t("timeline.system")}</div>
  </li>`;
}
