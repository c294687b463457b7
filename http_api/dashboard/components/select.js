// A choice of one value: a button that shows it, and the list of options that it opens. The focus stays on the button.
import { html, useLayoutEffect, useRef, useState } from "../lib/view.js";
import { movedBy, typedAhead } from "../lib/option-keys.js";
import { Icon } from "./icons.js";

/** @typedef {[value: string, text: string]} Option */

const TYPING_MS = 700;
const MARGIN = 8;
let count = 0;

/**
 * `label`: its name for screen readers, also where a `<label>` shows it. `choose` is called with another value than
 * `value` only. Other properties are those of the button.
 * @param {{ label: string, value: string, options: Option[], choose: (value: string) => void, className?: string,
 *   [attribute: string]: any }} props
 */
export function Select({ label, value, options, choose, className = "", ...attributes }) {
  const [id] = useState(() => `select-${(count += 1)}`);
  const [active, setActive] = useState(/** @type {number | null} */ (null)); // null: the list is closed
  const button = useRef(/** @type {HTMLElement | null} */ (null));
  const typed = useRef({ text: "", at: 0 });
  const chosen = options.findIndex(([each]) => each === value);
  const open = active !== null;
  const from = active ?? Math.max(chosen, 0);
  const close = () => setActive(null);

  /** @param {number} index */
  function pick(index) {
    close();
    const picked = options[index];
    if (picked && picked[0] !== value) choose(picked[0]);
  }
  /** @param {string} letter */
  function found(letter) {
    const now = Date.now();
    typed.current = { text: (now - typed.current.at < TYPING_MS ? typed.current.text : "") + letter, at: now };
    return typedAhead(options.map(([, text]) => text), typed.current.text, from);
  }
  /** @param {KeyboardEvent} event */
  function pressed(event) {
    const { key, altKey, ctrlKey, metaKey } = event;
    if (ctrlKey || metaKey) return;
    if (key === "Tab") { // the focus goes on
      if (open) pick(from);
      return;
    }
    const moved = key.length === 1 && key !== " " ? found(key) : movedBy(key, from, options.length);
    if (key === "Escape" && open) close();
    else if (key === "Enter" || key === " " || (altKey && moved !== null)) open ? pick(from) : setActive(from);
    else if (moved !== null) setActive(open || !key.startsWith("Arrow") ? moved : from);
    else return;
    event.preventDefault(); // Esc closes the list alone, and Enter sends no form
    event.stopPropagation();
  }
  return html`<button ...${attributes} ref=${button} type="button" role="combobox" class=${`select ${className}`}
      value=${value} aria-label=${label} aria-haspopup="listbox" aria-expanded=${open}
      aria-controls=${open ? id : undefined} aria-activedescendant=${open ? `${id}-${active}` : undefined}
      onClick=${() => { button.current?.focus(); setActive(open ? null : from); }} onKeyDown=${pressed}
      onKeyUp=${(/** @type {KeyboardEvent} */ event) => event.key === " " && event.preventDefault()}>
      <span>${options[chosen]?.[1] ?? value}</span><${Icon} name="down" size=${14} /></button>
    ${open && html`<${Options} id=${id} label=${label} options=${options} chosen=${chosen} active=${active}
      button=${button} setActive=${setActive} pick=${pick} close=${close} />`}`;
}

/**
 * On the browser's own popover, above dialogs: a layer that covers the page, so that a press elsewhere only closes it.
 * @param {{ id: string, label: string, options: Option[], chosen: number, active: number,
 *   button: { current: HTMLElement | null }, setActive: (index: number) => void, pick: (index: number) => void,
 *   close: () => void }} props
 */
function Options({ id, label, options, chosen, active, button, setActive, pick, close }) {
  const layer = useRef(/** @type {HTMLElement | null} */ (null));
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    const follow = () => place(/** @type {HTMLElement} */ (list.current), /** @type {HTMLElement} */ (button.current));
    layer.current?.showPopover();
    follow();
    window.addEventListener("resize", follow);
    return () => window.removeEventListener("resize", follow);
  }, []);
  useLayoutEffect(() => list.current?.children[active]?.scrollIntoView({ block: "nearest" }), [active]);

  /** @param {MouseEvent} event */
  function clicked(event) {
    event.preventDefault(); // a press on an option is none on the label around the button
    if (event.target === layer.current) close();
  }
  return html`<div ref=${layer} class="option-layer" popover="auto" onClick=${clicked}
    onMouseDown=${(/** @type {MouseEvent} */ event) => event.preventDefault()}
    onToggle=${(/** @type {any} */ event) => event.newState === "closed" && close()}>
    <ul ref=${list} class="options" role="listbox" id=${id} aria-label=${label} tabindex="-1">
      ${options.map(([value, text], index) => html`<li key=${value} id=${`${id}-${index}`} role="option"
        aria-selected=${index === chosen} class=${index === active ? "active" : ""} data-value=${value}
        onMouseMove=${() => index !== active && setActive(index)} onClick=${() => pick(index)}>
        <span>${text}</span>${index === chosen && html`<${Icon} name="check" size=${16} />`}</li>`)}</ul>
  </div>`;
}

/**
 * Below the button, or above where there is more room. On a phone the style sheet places the list.
 * @param {HTMLElement} list
 * @param {HTMLElement} button
 */
function place(list, button) {
  const { left, top, bottom, width } = button.getBoundingClientRect();
  const above = top - 2 * MARGIN;
  const below = window.innerHeight - bottom - 2 * MARGIN;
  const up = list.scrollHeight > below && above > below;
  list.style.setProperty("--room", `${Math.max(up ? above : below, 0)}px`);
  list.style.setProperty("--width", `${width}px`);
  list.style.top = up ? "auto" : `${bottom + MARGIN / 2}px`;
  list.style.bottom = up ? `${window.innerHeight - top + MARGIN / 2}px` : "auto";
  list.style.left = `${Math.max(MARGIN, Math.min(left, window.innerWidth - list.offsetWidth - MARGIN))}px`;
}
