// A titled surface around data of the server: loading, failed, or shown.
import { html } from "../lib/view.js";
import { Failure, Skeleton } from "./states.js";

/**
 * Figures that are being read again stay, dimmed; they also stay when that fails.
 * @template T
 * @param {{ title: string, hint?: string, resource: import("../lib/hooks.js").Resource<T>,
 *   children: (data: T) => unknown }} props
 */
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
