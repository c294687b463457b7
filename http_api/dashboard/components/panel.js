// A titled surface around something that is read from the server, in all its states.
import { html } from "../lib/view.js";
import { Failure, Skeleton } from "./states.js";

/** `children` is a function of the data. Figures that are being read again stay, dimmed; a failed re-read
 * keeps them too. */
export function Panel({ title, hint, resource, children }) {
  const { data, error, stale, reload } = resource;
  return html`<section class="panel" aria-label=${title} aria-busy=${resource.loading}>
    <header class="panel-head"><h2>${title}</h2>${hint && html`<p class="muted">${hint}</p>`}</header>
    <div class=${`panel-body ${stale ? "stale" : ""}`}>
      ${data ? children(data) : error ? html`<${Failure} error=${error} retry=${reload} />`
        : html`<${Skeleton} lines=${5} />`}
    </div>
  </section>`;
}
