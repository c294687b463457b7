// Disks without space, for administrators: a line for each above the page, for as long as it is true.
import { html, useState } from "../lib/view.js";
import { t } from "../lib/i18n.js";
import { bytes } from "../lib/format.js";
import { useNamespace } from "../lib/live.js";
import { can } from "../lib/session.js";

export function DiskBanner() {
  const [disks, setDisks] = useState(/** @type {Push.DiskProblem[]} */ ([]));
  /** @param {Push.DiskProblems} payload */
  const show = ({ list }) => setDisks(list);
  useNamespace("/monitoring", { snapshot: show, disks: show }, can("admin:all"));
  if (!disks.length) return null;
  return html`<div class="disk-banners" role="alert" data-testid="disk-banner">
    ${disks.map((disk) => html`<p key=${`${disk.machine} ${disk.volume}`} class=${`disk-banner ${disk.level}`}>
      ${sentence(disk)}</p>`)}
  </div>`;
}

/** @param {Push.DiskProblem} disk */
function sentence({ machine, volume, level, freeBytes, totalBytes }) {
  const problem = level === "full" && volume === "logs" ? "logsFull" : level;
  return t(`disk.${problem}`, {
    machine, volume: t(`diskVolume.${volume}`), free: bytes(freeBytes), total: bytes(totalBytes),
  });
}
