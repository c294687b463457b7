// The search for users in the top bar: arrows choose, Enter opens.
import { html, useRef, useState } from "../../lib/view.js";
import { t } from "../../lib/i18n.js";
import { go, hrefOf } from "../../lib/router.js";
import { Icon } from "../../components/icons.js";
import { MOST_FOUND, useUserSearch } from "./search.js";
import { StatusTag } from "./status-tag.js";
import { UserPicture, nameOf } from "./user-picture.js";

export function QuickFind() {
  const [text, setText] = useState("");
  const { found, look } = useUserSearch();
  const [chosen, setChosen] = useState(0);
  const [focused, setFocused] = useState(false);
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));

  /** @param {any} event */
  function typed(event) {
    setText(event.target.value);
    setChosen(0);
    look(event.target.value.trim());
  }
  function leave() {
    setText("");
    look("");
    input.current?.blur();
  }
  /** @param {Rest.StaffUserAnswer} user */
  function openUser(user) {
    go("users", { search: text.trim(), user: user.id });
    leave();
  }
  function openAll() {
    go("users", { search: text.trim() });
    leave();
  }
  /** @param {KeyboardEvent} event */
  function pressed(event) {
    const list = found?.list ?? [];
    const count = list.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (count) setChosen((chosen + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
    } else if (event.key === "Enter" && text.trim()) {
      if (count) openUser(list[Math.min(chosen, count - 1)]);
      else openAll();
    } else if (event.key === "Escape") {
      leave();
    }
  }

  const open = focused && found !== null && text.trim() !== "";
  return html`<div class=${`quick-find ${focused ? "focused" : ""}`} role="search">
    <${Icon} name="search" />
    <input ref=${input} type="search" value=${text} onInput=${typed} onKeyDown=${pressed}
      onFocus=${() => setFocused(true)} onBlur=${() => setFocused(false)}
      placeholder=${t("find.placeholder")} aria-label=${t("find.placeholder")} autocomplete="off" maxlength="64"
        role="combobox" aria-expanded=${open}
      aria-controls="find-results" aria-activedescendant=${open && found.list?.length ? `find-${chosen}` : undefined}
        data-testid="global-search" />
    <kbd aria-hidden="true">/</kbd>
    ${open && html`<div class="find-results" id="find-results" role="listbox" aria-label=${t("find.results")}
      onMouseDown=${(/** @type {Event} */ event) => event.preventDefault()}>
      ${found.error && html`<p class="find-note">${found.error.message}</p>`}
      ${found.list?.length === 0 && html`<p class="find-note">${t("find.none")}</p>`}
      ${found.list?.map((user, index) => html`<a key=${user.id} id=${`find-${index}`} role="option"
        aria-selected=${index === chosen} class="find-row"
        href=${hrefOf("users", { search: text.trim(), user: user.id })}
          onClick=${(/** @type {Event} */ event) => { event.preventDefault(); openUser(user); }}>
        <${UserPicture} user=${user} size=${28} />
        <span class="find-name">${nameOf(user)}</span><span class="muted numeric">
          ${user.phone || t("user.noPhone")}</span>
        <${StatusTag} status=${user.status} /></a>`)}
      ${(found.total ?? 0) > MOST_FOUND && html`<button type="button" class="find-all"
        onClick=${openAll}>${t("find.all", { n: found.total })}</button>`}
    </div>`}
  </div>`;
}
