// A day: typed, or chosen in a calendar. The same in every browser and language.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../lib/view.js";
import { dayOf, isDay, moved, weekdayOf, weeksOf } from "../lib/days.js";
import { monthText, today, weekdayNames } from "../lib/format.js";
import { t } from "../lib/i18n.js";
import { Icon } from "./icons.js";

/**
 * `choose` is called with the day that was typed or pressed, or with the text that is none; it may be empty. Other
 * properties are those of the input.
 * @param {{ value?: string, choose: (text: string) => void, min?: string, max?: string,
 *   [attribute: string]: any }} props
 */
export function DateField({ value = "", choose, min, max, ...input }) {
  const [text, setText] = useState(value);
  const [open, setOpen] = useState(false);
  const field = useRef(/** @type {HTMLElement | null} */ (null));
  const told = useRef(value);
  useEffect(() => {
    if (value === told.current) return;
    told.current = value;
    setText(value);
  }, [value]);

  /** @param {string} given */
  function tell(given) {
    told.current = dayOf(given);
    choose(told.current);
  }
  /** @param {any} event */
  function typed(event) {
    setText(event.target.value);
    tell(event.target.value);
  }
  /** @param {string} day */
  function pick(day) {
    setText(day);
    tell(day);
    setOpen(false);
  }
  const problem = text !== "" && !isAllowed(dayOf(text), min, max);
  return html`<span class="date-field" ref=${field}>
    <input ...${input} type="text" inputmode="numeric" autocomplete="off" maxlength="16" value=${text}
      placeholder=${t("date.placeholder")} aria-invalid=${problem || input["aria-invalid"]} onInput=${typed}
      onBlur=${(/** @type {any} */ event) => { setText(dayOf(text)); input.onBlur?.(event); }}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "ArrowDown") return;
        event.preventDefault();
        setOpen(true);
      }} />
    <button type="button" class="date-open" disabled=${input.disabled} aria-label=${t("date.open")}
      title=${t("date.open")} aria-haspopup="dialog" aria-expanded=${open} onClick=${() => setOpen(true)}>
      <${Icon} name="calendar" size=${16} /></button>
    ${open && html`<${Calendar} field=${field} day=${isDay(dayOf(text)) ? dayOf(text) : ""} min=${min} max=${max}
      pick=${pick} close=${() => setOpen(false)} />`}
  </span>`;
}

/** @param {string} day @param {string} [min] @param {string} [max] */
const isAllowed = (day, min, max) => isDay(day) && (!min || day >= min) && (!max || day <= max);

/** @type {Record<string, (day: string) => string>} */
const KEYS = {
  ArrowLeft: (day) => moved(day, { days: -1 }),
  ArrowRight: (day) => moved(day, { days: 1 }),
  ArrowUp: (day) => moved(day, { days: -7 }),
  ArrowDown: (day) => moved(day, { days: 7 }),
  Home: (day) => moved(day, { days: -weekdayOf(day) }),
  End: (day) => moved(day, { days: 6 - weekdayOf(day) }),
  PageUp: (day) => moved(day, { months: -1 }),
  PageDown: (day) => moved(day, { months: 1 }),
};

/**
 * On the browser's own popover: it lies above dialogs, and Esc or a press elsewhere closes it alone.
 * @param {{ field: { current: HTMLElement | null }, day: string, min?: string, max?: string,
 *   pick: (day: string) => void, close: () => void }} props
 */
function Calendar({ field, day, min, max, pick, close }) {
  const [shown, setShown] = useState(day || today());
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    const surface = /** @type {HTMLElement} */ (element.current);
    surface.showPopover();
    place(surface, /** @type {HTMLElement} */ (field.current));
    return () => field.current?.querySelector("input")?.focus();
  }, []);
  useLayoutEffect(() => { // at once: a key that is pressed next must find the day
    /** @type {HTMLElement | null | undefined} */
    const current = element.current?.querySelector(`[data-day="${shown}"]`);
    current?.focus();
  }, [shown]);

  /** @param {KeyboardEvent} event */
  function pressed(event) {
    const move = KEYS[event.key];
    if (!move || !(/** @type {HTMLElement} */ (event.target).dataset.day)) return;
    event.preventDefault();
    setShown(move(shown));
  }
  /** @param {number} months */
  const turn = (months) => setShown(moved(shown, { months }));
  return html`<div ref=${element} class="calendar" popover="auto" role="dialog" aria-label=${t("date.open")}
    onToggle=${(/** @type {any} */ event) => event.newState === "closed" && close()} onKeyDown=${pressed}>
    <div class="calendar-head">
      <button type="button" class="button ghost icon-only" aria-label=${t("date.previous")} onClick=${() => turn(-1)}>
        <${Icon} name="left" /></button>
      <strong aria-live="polite">${monthText(shown)}</strong>
      <button type="button" class="button ghost icon-only" aria-label=${t("date.next")} onClick=${() => turn(1)}>
        <${Icon} name="right" /></button>
    </div>
    <table role="grid"><thead><tr>${weekdayNames().map((name, index) => html`<th key=${index} scope="col">
      ${name}</th>`)}</tr></thead>
      <tbody>${weeksOf(shown).map((week) => html`<tr key=${week[0]}>${week.map((each) => html`<td key=${each}>
        <button type="button" data-day=${each} tabindex=${each === shown ? 0 : -1} aria-pressed=${each === day}
          aria-current=${each === today() ? "date" : undefined} disabled=${!isAllowed(each, min, max)}
          class=${each.slice(0, 7) === shown.slice(0, 7) ? "" : "other-month"} aria-label=${each}
          onClick=${() => pick(each)}>${Number(each.slice(8))}</button></td>`)}</tr>`)}</tbody></table>
  </div>`;
}

/**
 * Below the field, or above where there is no room.
 * @param {HTMLElement} surface
 * @param {HTMLElement} field
 */
function place(surface, field) {
  const { left, top, bottom } = field.getBoundingClientRect();
  const { offsetWidth, offsetHeight } = surface;
  const below = bottom + 4 + offsetHeight <= window.innerHeight;
  surface.style.left = `${Math.max(8, Math.min(left, window.innerWidth - offsetWidth - 8))}px`;
  surface.style.top = `${below ? bottom + 4 : Math.max(8, top - 4 - offsetHeight)}px`;
}

/**
 * A day and a time, as `2026-05-03T14:30` in the form.
 * @param {{ name: string, value?: string, required?: boolean }} props
 */
export function DateTimeField({ name, value = "", required = false }) {
  const [day, setDay] = useState(value.slice(0, 10));
  const [time, setTime] = useState(value.slice(11));
  return html`<span class="date-time"><${DateField} value=${day} choose=${setDay} required=${required || time !== ""}
      pattern="\\d{4}\\D?\\d{1,2}\\D?\\d{1,2}\\D?" data-testid=${`${name}-day`} />
    <input type="text" inputmode="numeric" autocomplete="off" maxlength="5" value=${time} aria-label=${t("date.time")}
      placeholder="14:30" pattern="([01]?\\d|2[0-3]):[0-5]\\d" required=${required || day !== ""}
      onInput=${(/** @type {any} */ event) => setTime(event.target.value.normalize("NFKC"))}
      data-testid=${`${name}-time`} />
    <input type="hidden" name=${name} value=${day && time ? `${day}T${time.padStart(5, "0")}` : ""} /></span>`;
}
