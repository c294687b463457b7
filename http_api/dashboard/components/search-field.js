// A search field: what is typed goes into the address a moment later, and a changed address into the field.
import { html, useEffect, useRef, useState } from "../lib/view.js";
import { useDebounced } from "../lib/hooks.js";
import { setQuery } from "../lib/router.js";
import { Icon } from "./icons.js";

const TYPING_MS = 300;

/**
 * @param {{ value: string, label: string, testId: string }} props
 */
export function SearchField({ value, label, testId }) {
  const [text, setText] = useState(value);
  const told = useRef(value);
  const tell = useDebounced((/** @type {string} */ wanted) => {
    told.current = wanted;
    setQuery({ search: wanted, page: "" }, { replace: true });
  }, TYPING_MS);
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setText(value);
  }, [value]);

  /** @param {any} event */
  function typed(event) {
    setText(event.target.value);
    tell(event.target.value.trim());
  }
  return html`<label class="search-field"><${Icon} name="search" />
    <input type="search" value=${text} onInput=${typed} placeholder=${label} aria-label=${label}
      maxlength="64" autocomplete="off" data-testid=${testId} />
  </label>`;
}
